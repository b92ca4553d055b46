// The kernels for rows of 16 to 256 floats, in plain C that the compiler turns into vectors. Sums are reassociated, so
// results differ in the last bits from one kind of processor to another, never from run to run.
#include "CKernels.h"

#include <stdlib.h>

#if defined(__x86_64__) && defined(__ELF__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

#define INLINE static inline __attribute__((always_inline))

INLINE float dot(const float *restrict left, const float *restrict right, size_t count) {
#pragma clang fp reassociate(on) contract(fast)
    float sum = 0;
    for (size_t i = 0; i < count; i++) sum += left[i] * right[i];
    return sum;
}

FOR_EACH_PROCESSOR
float kernels_dot(const float *left, const float *right, size_t count) { return dot(left, right, count); }

FOR_EACH_PROCESSOR
void kernels_inner_products(const float *matrix, const uint32_t *chosen, size_t n, size_t width, float *products) {
    for (size_t i = 0; i < n; i++) {
        const float *row = matrix + (size_t)chosen[i] * width;
        for (size_t j = 0; j <= i; j++) products[i * n + j] = dot(row, matrix + (size_t)chosen[j] * width, width);
    }
}

FOR_EACH_PROCESSOR
void kernels_combine(const float *matrix, const uint32_t *chosen, const float *coefficients, size_t n, size_t width,
                     float *restrict sum) {
#pragma clang fp contract(fast)
    const float *restrict first = matrix + (size_t)chosen[0] * width;
    for (size_t i = 0; i < width; i++) sum[i] = coefficients[0] * first[i];
    for (size_t entry = 1; entry < n; entry++) {
        const float *restrict row = matrix + (size_t)chosen[entry] * width;
        const float factor = coefficients[entry];
        for (size_t i = 0; i < width; i++) sum[i] += factor * row[i];
    }
}

FOR_EACH_PROCESSOR
void kernels_gather(const float *matrix, const uint32_t *chosen, const float *factors, size_t n, size_t width,
                    float *restrict rows) {
    for (size_t entry = 0; entry < n; entry++) {
        const float *restrict row = matrix + (size_t)chosen[entry] * width;
        float *restrict copy = rows + entry * width;
        for (size_t i = 0; i < width; i++) copy[i] = factors[entry] * row[i];
    }
}

FOR_EACH_PROCESSOR
void kernels_solve(float *matrix, float *vector, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float *row = matrix + i * n;
        for (size_t j = 0; j < i; j++) row[j] = (row[j] - dot(row, matrix + j * n, j)) * matrix[j * n + j];
        // At least 1 but for rounding; the diagonal keeps its reciprocal.
        const float pivot = 1 + row[i] - dot(row, row, i);
        row[i] = 1 / __builtin_sqrtf(pivot > 1e-3f ? pivot : 1e-3f);
        vector[i] = (vector[i] - dot(row, vector, i)) * row[i];
    }
    for (size_t i = n; i-- > 0;) {
        const float value = vector[i] *= matrix[i * n + i];
        for (size_t j = 0; j < i; j++) vector[j] -= value * matrix[i * n + j];
    }
}

FOR_EACH_PROCESSOR
size_t kernels_next_above(const float *values, size_t start, size_t count, float threshold) {
    size_t place = start;
    for (; place + 64 <= count; place += 64) {
        int found = 0;
        for (size_t i = 0; i < 64; i++) found |= values[place + i] > threshold;
        if (found) break;
    }
    while (place < count && !(values[place] > threshold)) place++;
    return place;
}

// Rows that go through the trees side by side: four words of sixteen, on processors that have such.
enum { LANES = 16, WORDS = 4, TREE_ROWS = LANES * WORDS };
typedef float floats __attribute__((vector_size(LANES * 4)));
typedef uint32_t bits __attribute__((vector_size(LANES * 4)));
typedef int32_t integers __attribute__((vector_size(LANES * 4)));

// For each decision of a kind: the leaves that `applies` rules out are cleared. A comparison is all ones or all zeros.
#define DECIDE(kind, applies)                                                        \
    for (const kernels_tree_node *end = nodes + piece->ends[kind]; node < end; node++) { \
        const floats *values = columns + (size_t)node->column * WORDS;               \
        const floats threshold = node->threshold - (floats){0};                      \
        for (int word = 0; word < WORDS; word++) {                                   \
            const floats value = values[word];                                       \
            left[word] &= node->mask | ~(bits)(applies);                             \
        }                                                                            \
    }

INLINE void score_rows(const kernels_tree_piece *pieces, size_t piece_count, const kernels_tree_node *nodes,
                       const float *leaves, const floats *columns, float *restrict sums) {
    for (const kernels_tree_piece *piece = pieces; piece < pieces + piece_count; piece++, leaves += 32) {
        const kernels_tree_node *node = nodes + piece->first_node;
        bits left[WORDS];
        for (int word = 0; word < WORDS; word++) left[word] = ~(bits){0};
        DECIDE(0, value >= threshold)
        DECIDE(1, ~(value < threshold))
        DECIDE(2, ~(value >= threshold))
        DECIDE(3, value < threshold)
        for (int word = 0; word < WORDS; word++) {
            // The lowest bit alone is a power of two, and as a float its exponent is the bit's number.
            const bits lowest = left[word] & -left[word];
            const bits number = ((bits)__builtin_convertvector((integers)lowest, floats) >> 23 & 0xff) - 127;
            for (int lane = 0; lane < LANES; lane++) sums[word * LANES + lane] += leaves[number[lane]];
        }
    }
}

FOR_EACH_PROCESSOR
void kernels_score_trees(const kernels_tree_piece *pieces, size_t piece_count, const kernels_tree_node *nodes,
                         const float *leaves, const float *rows, size_t row_count, size_t width, float *sums) {
    floats *columns = aligned_alloc(sizeof(floats), width * WORDS * sizeof(floats));
    if (!columns) abort();
    for (size_t first = 0; first < row_count; first += TREE_ROWS) {
        const size_t count = row_count - first < TREE_ROWS ? row_count - first : TREE_ROWS;
        float part[TREE_ROWS] = {0};
        for (size_t row = 0; row < TREE_ROWS; row++) {
            // The last rows stand in for those that are missing; nobody looks at their sums.
            const float *values = rows + (first + (row < count ? row : count - 1)) * width;
            for (size_t column = 0; column < width; column++) ((float *)columns)[column * TREE_ROWS + row] = values[column];
        }
        for (size_t row = 0; row < count; row++) part[row] = sums[first + row];
        score_rows(pieces, piece_count, nodes, leaves, columns, part);
        for (size_t row = 0; row < count; row++) sums[first + row] = part[row];
    }
    free(columns);
}
