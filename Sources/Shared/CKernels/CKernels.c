// The kernels for rows of 16 to 256 floats, in plain C that the compiler turns into vectors. Sums are reassociated, so
// results differ in the last bits from one kind of processor to another, never from run to run.
#include "CKernels.h"

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
