/**
 * Small linear algebra problems, in double precision and a fixed order of operations, so
 * that a verdict does not depend on the machine.
 */
#ifndef IMI_PLANARITY_SOLVE_H
#define IMI_PLANARITY_SOLVE_H

#include <stdbool.h>

enum { IMI_SOLVE_MAX = 16, IMI_EIGEN_MAX = 9 };

/** Normal equations of a least squares problem, built up row by row. */
typedef struct imi_normal_equations {
    int unknowns;
    double matrix[IMI_SOLVE_MAX][IMI_SOLVE_MAX]; /* lower triangle */
    double right[IMI_SOLVE_MAX];
} imi_normal_equations;

void imi_normal_init(imi_normal_equations *equations, int unknowns);
/** Add the row `coefficients . x = value`, with a weight. */
void imi_normal_add(imi_normal_equations *equations, const double *coefficients, double value,
                    double weight);
/**
 * Solve by Cholesky's method; destroys the equations.
 * Returns false, with x all NaN, if they do not determine a finite solution.
 */
bool imi_normal_solve(imi_normal_equations *equations, double *x);

/** Unit eigenvector of the largest eigenvalue of a symmetric 4x4 matrix (Jacobi rotations). */
void imi_largest_eigenvector4(const double matrix[4][4], double out[4]);
/** Unit eigenvector of the smallest eigenvalue of a symmetric 9x9 matrix. */
void imi_smallest_eigenvector9(const double matrix[9][9], double out[9]);

#endif
