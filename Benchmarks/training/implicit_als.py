"""Factorizes a matrix file with implicit, for comparison with freshet-training-bench; prints the same figures.

The confidence of a cell is 1 + alpha r there; implicit takes confidences as they are, so it is handed just that.
"""

import sys
import time

import numpy
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix

ALPHA = 10.0
REGULARIZATION = 0.01


def read(path):
    with open(path, "rb") as file:
        rows, columns, cells = numpy.fromfile(file, numpy.int64, 3)
        starts = numpy.fromfile(file, numpy.int64, rows + 1)
        indexes = numpy.fromfile(file, numpy.uint32, cells)
        values = numpy.fromfile(file, numpy.float32, cells)
    return csr_matrix((values, indexes.astype(numpy.int32), starts.astype(numpy.int32)), shape=(rows, columns))


def loss(matrix, users, items):
    """Equation 3 of Hu, Koren and Volinsky (2008); over all pairs through the inner products of the sides."""
    users, items = users.astype(numpy.float64), items.astype(numpy.float64)
    user_products, item_products = users.T @ users, items.T @ items
    total = (user_products * item_products).sum()
    total += REGULARIZATION * (numpy.trace(user_products) + numpy.trace(item_products))
    rows = numpy.repeat(numpy.arange(matrix.shape[0]), numpy.diff(matrix.indptr))
    for start in range(0, matrix.nnz, 200_000):
        part = slice(start, start + 200_000)
        scores = numpy.einsum("ij,ij->i", users[rows[part]], items[matrix.indices[part]])
        confidences = 1 + ALPHA * matrix.data[part].astype(numpy.float64)
        total += (confidences * (1 - scores) ** 2 - scores**2).sum()
    return total


def main(path, factors, iterations):
    matrix = read(path)
    confidences = matrix.copy()
    confidences.data = 1 + numpy.float32(ALPHA) * confidences.data
    model = AlternatingLeastSquares(
        factors=factors, regularization=REGULARIZATION, alpha=1.0, iterations=iterations, num_threads=2, random_state=1
    )
    times = []
    start = time.perf_counter()
    model.fit(confidences, show_progress=False, callback=lambda iteration, seconds, *_: times.append(seconds))
    total = time.perf_counter() - start
    print("seconds-per-iteration", min(times))
    print("seconds-in-all", total)
    print("loss", loss(matrix, model.user_factors, model.item_factors))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
