"""Measures the plain recommenders that a trained release has to beat, on the same files and by the same protocol.

Each gets what it usually gets: a matrix of counts, or of ones, of users by items, without time. All settings are
tried and the best of them is what counts, by the held-out part itself: that favours the baselines.

    python baselines.py FOLDER/source_data/events.csv FOLDER/heldout.csv --json baselines.json
"""

import argparse
import json
import os
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # implicit runs threads of its own and asks for this

import numpy
from implicit.cpu.als import AlternatingLeastSquares
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender

import protocol

THREADS = 2


def with_ones(counts):
    ones = counts.copy()
    ones.data[:] = 1
    return ones


def lists_of(split, rows):
    return {user: split.items[rows[place]] for user, place in split.wanted.items()}


def popular(split):
    scores = numpy.asarray(with_ones(split.counts).sum(axis=0)).ravel()
    rows = {place: protocol.best_items(scores, split.counts[place].indices) for place in split.wanted.values()}
    return lists_of(split, rows)


def with_implicit(split, model, matrix):
    model.fit(matrix, show_progress=False)
    users = numpy.array(sorted(split.wanted.values()))
    items, scores = model.recommend(users, matrix[users], N=protocol.LENGTH, filter_already_liked_items=True)
    # A list that cannot be filled ends in items of no score, or marked ones.
    good = (items >= 0) & (scores > -1e30)
    if not isinstance(model, AlternatingLeastSquares):
        good &= scores > 0
    return lists_of(split, {user: row[keep] for user, row, keep in zip(users, items, good)})


def ease(split, items_max, regularization):
    """EASE^R (Steck, 2019) over the items of most users; B = I - P / diag(P), P = (X'X + regularization I)^-1."""
    ones = with_ones(split.counts)
    users_of = numpy.asarray(ones.sum(axis=0)).ravel()
    chosen = numpy.argsort(-users_of, kind="stable")[:items_max]
    matrix = ones[:, chosen].tocsr()
    gram = (matrix.T @ matrix).toarray().astype(numpy.float64)
    gram[numpy.diag_indices_from(gram)] += regularization
    inverse = numpy.linalg.inv(gram)
    weights = (-inverse / numpy.diag(inverse)).astype(numpy.float32)
    numpy.fill_diagonal(weights, 0)
    rows = {}
    for place in split.wanted.values():
        own = matrix[place]
        scores = numpy.asarray(own @ weights).ravel()
        rows[place] = chosen[protocol.best_items(scores, own.indices)] if own.nnz else chosen[:0]
    return lists_of(split, rows)


def baselines(split):
    """Names and functions that make the lists."""
    ones = with_ones(split.counts)
    yield "popular", lambda: popular(split)
    for name, matrix in (("counts", split.counts), ("ones", ones)):
        for neighbours in (20, 100, 500):
            for kind, model in (("cosine", CosineRecommender), ("bm25", BM25Recommender)):
                yield (
                    f"{kind} {name} K={neighbours}",
                    lambda m=model, k=neighbours, x=matrix: with_implicit(split, m(K=k, num_threads=THREADS), x),
                )
    for regularization in (100, 500, 2000):
        yield f"ease top 7000 lambda={regularization}", lambda r=regularization: ease(split, 7000, r)
    for name, matrix in (("counts", split.counts), ("ones", ones)):
        for factors in (32, 64, 128):
            for alpha in (1, 10, 40):
                yield (
                    f"als {name} factors={factors} alpha={alpha}",
                    lambda f=factors, a=alpha, x=matrix: with_implicit(
                        split, AlternatingLeastSquares(factors=f, alpha=a, num_threads=THREADS, random_state=1), x
                    ),
                )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("events")
    parser.add_argument("heldout")
    parser.add_argument("--only", default="", help="only baselines whose name starts with this")
    parser.add_argument("--json", help="where to write the results as well")
    options = parser.parse_args()
    split = protocol.Split(protocol.read_events(options.events), protocol.read_events(options.heldout))
    split.wanted = {user: int(numpy.searchsorted(split.users, user)) for user in split.targets}
    print(split.describe())
    print(f"{'baseline':36} {'NDCG@10':>8} {'recall@10':>9} {'capped@10':>9} {'seconds':>8}")
    results = {}
    for name, lists in baselines(split):
        if not name.startswith(options.only):
            continue
        start = time.perf_counter()
        results[name] = protocol.evaluate(split, lists())
        results[name]["seconds"] = round(time.perf_counter() - start, 2)
        row = results[name]
        figures = f"{row['ndcg']:8.4f} {row['recall']:9.4f} {row['capped']:9.4f} {row['seconds']:8.1f}"
        print(f"{name:36} {figures}", flush=True)
    best = {metric: max(results, key=lambda name: results[name][metric]) for metric in ("ndcg", "recall", "capped")}
    for metric, name in best.items():
        print(f"best {metric}: {results[name][metric]:.4f} of {name}")
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"best": best, "results": results}, file, indent=1)


if __name__ == "__main__":
    main()
