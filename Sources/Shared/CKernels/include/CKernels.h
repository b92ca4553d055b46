// Loops over short rows of floats, for which a call into a BLAS costs more than the work. Each is compiled several
// times on x86-64, and the loader takes the one that fits the processor; elsewhere the compiler's target is enough.
#ifndef FRESHET_KERNELS_H
#define FRESHET_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/// The sum of products of two rows.
float kernels_dot(const float *left, const float *right, size_t count);

/// Inner products of chosen rows of `matrix` (row-major, `width` wide): the lower triangle, diagonal included, of the
/// n x n matrix `products`.
void kernels_inner_products(const float *matrix, const uint32_t *chosen, size_t n, size_t width, float *products);

/// The sum of chosen rows, each times its coefficient. n is at least 1.
void kernels_combine(const float *matrix, const uint32_t *chosen, const float *coefficients, size_t n, size_t width,
                     float *sum);

/// Copies chosen rows, each times its factor, one behind the other.
void kernels_gather(const float *matrix, const uint32_t *chosen, const float *factors, size_t n, size_t width,
                    float *rows);

/// Solves (1 + S) x = b for a symmetric positive semidefinite n x n matrix S, of which the lower triangle is given and
/// overwritten; b becomes x.
void kernels_solve(float *matrix, float *vector, size_t n);

/// The first place from `start` on whose value is above a threshold; `count` if there is none.
size_t kernels_next_above(const float *values, size_t start, size_t count, float threshold);

/// A decision: what a column's value is compared with, and the leaves that are left if it applies.
typedef struct {
    uint32_t column;
    float threshold;
    uint32_t mask;
} kernels_tree_node;

/// A tree of at most 32 leaves: its decisions, one kind behind the other, up to `ends`. They apply to a row that goes to
/// the right, rows without a value to the left; to the right, rows without a value too; to the left, rows without a value
/// too; to the left, rows without a value to the right. The leaves of piece p are leaves[32 p] and those that follow.
typedef struct {
    uint32_t first_node;
    uint32_t ends[4];
} kernels_tree_piece;

/// Adds to the sum of each row (row-major, `width` wide) the leaf of each piece that the row falls to, in their order.
void kernels_score_trees(const kernels_tree_piece *pieces, size_t piece_count, const kernels_tree_node *nodes,
                         const float *leaves, const float *rows, size_t row_count, size_t width, float *sums);

/// Asks for a row before it is needed: rows are read in an order that no processor foresees.
static inline void kernels_prefetch(const float *row, size_t width) {
    for (size_t offset = 0; offset < width; offset += 16) __builtin_prefetch(row + offset, 0, 3);
}

#endif
