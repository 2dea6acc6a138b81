#include "solve.h"

#include <math.h>

void imi_normal_init(imi_normal_equations *equations, int unknowns)
{
    *equations = (imi_normal_equations){.unknowns = unknowns};
}

void imi_normal_add(imi_normal_equations *equations, const double *coefficients, double value,
                    double weight)
{
    for (int i = 0; i < equations->unknowns; i++) {
        double scaled = coefficients[i] * weight;
        for (int j = 0; j <= i; j++) {
            equations->matrix[i][j] += scaled * coefficients[j];
        }
        equations->right[i] += scaled * value;
    }
}

/* Factor into L L^T in place. A pivot this small beside its diagonal is rounding noise. */
static bool factor(imi_normal_equations *e)
{
    const double negligible = 1e-11;
    for (int i = 0; i < e->unknowns; i++) {
        double diagonal = e->matrix[i][i];
        for (int j = 0; j <= i; j++) {
            double sum = e->matrix[i][j];
            for (int k = 0; k < j; k++) {
                sum -= e->matrix[i][k] * e->matrix[j][k];
            }
            if (i != j) {
                e->matrix[i][j] = sum / e->matrix[j][j];
            } else if (sum > diagonal * negligible && isfinite(sum)) {
                e->matrix[i][i] = sqrt(sum);
            } else {
                return false;
            }
        }
    }
    return true;
}

static void substitute(const imi_normal_equations *e, double *x)
{
    for (int i = 0; i < e->unknowns; i++) {
        x[i] = e->right[i];
        for (int k = 0; k < i; k++) {
            x[i] -= e->matrix[i][k] * x[k];
        }
        x[i] /= e->matrix[i][i];
    }
    for (int i = e->unknowns - 1; i >= 0; i--) {
        for (int k = i + 1; k < e->unknowns; k++) {
            x[i] -= e->matrix[k][i] * x[k];
        }
        x[i] /= e->matrix[i][i];
    }
}

bool imi_normal_solve(imi_normal_equations *equations, double *x)
{
    for (int i = 0; i < equations->unknowns; i++) {
        x[i] = NAN;
    }
    if (!factor(equations)) {
        return false;
    }
    substitute(equations, x);
    return true;
}

/* A symmetric matrix on its way to a diagonal one, and its eigenvectors as columns. */
typedef struct eigen_problem {
    int size;
    double a[IMI_EIGEN_MAX][IMI_EIGEN_MAX];
    double v[IMI_EIGEN_MAX][IMI_EIGEN_MAX];
} eigen_problem;

/* One Jacobi rotation that zeroes a[p][q]; the columns of v turn with it. */
static void rotate(eigen_problem *e, int p, int q)
{
    if (e->a[p][q] == 0) {
        return;
    }
    double theta = (e->a[q][q] - e->a[p][p]) / (2 * e->a[p][q]);
    double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1);
    double s = t * c;
    for (int k = 0; k < e->size; k++) {
        double kp = e->a[k][p];
        double kq = e->a[k][q];
        e->a[k][p] = c * kp - s * kq;
        e->a[k][q] = s * kp + c * kq;
    }
    for (int k = 0; k < e->size; k++) {
        double pk = e->a[p][k];
        double qk = e->a[q][k];
        e->a[p][k] = c * pk - s * qk;
        e->a[q][k] = s * pk + c * qk;
        double vp = e->v[k][p];
        double vq = e->v[k][q];
        e->v[k][p] = c * vp - s * vq;
        e->v[k][q] = s * vp + c * vq;
    }
}

static void diagonalise(eigen_problem *e)
{
    for (int i = 0; i < e->size; i++) {
        e->v[i][i] = 1;
    }
    /* Convergence is quadratic: 12 sweeps are more than double precision needs. */
    for (int sweep = 0; sweep < 12; sweep++) {
        for (int p = 0; p < e->size - 1; p++) {
            for (int q = p + 1; q < e->size; q++) {
                rotate(e, p, q);
            }
        }
    }
}

/* The column of the largest diagonal element; with sign -1, of the smallest. */
static void choose(const eigen_problem *e, double sign, double *out)
{
    int best = 0;
    for (int i = 1; i < e->size; i++) {
        best = sign * e->a[i][i] > sign * e->a[best][best] ? i : best;
    }
    for (int i = 0; i < e->size; i++) {
        out[i] = e->v[i][best];
    }
}

void imi_largest_eigenvector4(const double matrix[4][4], double out[4])
{
    eigen_problem e = {.size = 4};
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
            e.a[i][j] = matrix[i][j];
        }
    }
    diagonalise(&e);
    choose(&e, 1, out);
}

void imi_smallest_eigenvector9(const double matrix[9][9], double out[9])
{
    eigen_problem e = {.size = 9};
    for (int i = 0; i < 9; i++) {
        for (int j = 0; j < 9; j++) {
            e.a[i][j] = matrix[i][j];
        }
    }
    diagonalise(&e);
    choose(&e, -1, out);
}
