#include <cblas.h>

// LAPACK by its Fortran names: LAPACKE is another package and only wraps these. OpenBLAS has them in C and never looks
// at the hidden lengths of character arguments.
int spotrf_(const char *uplo, const int *n, float *a, const int *lda, int *info);
int spotri_(const char *uplo, const int *n, float *a, const int *lda, int *info);
int spotrs_(const char *uplo, const int *n, const int *nrhs, const float *a, const int *lda, float *b, const int *ldb,
            int *info);
int dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info);
int dtrtri_(const char *uplo, const char *diag, const int *n, double *a, const int *lda, int *info);
