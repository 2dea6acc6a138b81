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

/* One Jacobi rotation that zeroes a[p][q]; the columns of v turn with it. */
static void rotate(double a[4][4], double v[4][4], int p, int q)
{
    if (a[p][q] == 0) {
        return;
    }
    double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
    double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1);
    double s = t * c;
    for (int k = 0; k < 4; k++) {
        double kp = a[k][p];
        double kq = a[k][q];
        a[k][p] = c * kp - s * kq;
        a[k][q] = s * kp + c * kq;
    }
    for (int k = 0; k < 4; k++) {
        double pk = a[p][k];
        double qk = a[q][k];
        a[p][k] = c * pk - s * qk;
        a[q][k] = s * pk + c * qk;
        double vp = v[k][p];
        double vq = v[k][q];
        v[k][p] = c * vp - s * vq;
        v[k][q] = s * vp + c * vq;
    }
}

void imi_largest_eigenvector4(const double matrix[4][4], double out[4])
{
    double a[4][4];
    double v[4][4] = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}};
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
            a[i][j] = matrix[i][j];
        }
    }
    /* Convergence is quadratic: 12 sweeps are more than double precision needs. */
    for (int sweep = 0; sweep < 12; sweep++) {
        for (int p = 0; p < 3; p++) {
            for (int q = p + 1; q < 4; q++) {
                rotate(a, v, p, q);
            }
        }
    }
    int best = 0;
    for (int i = 1; i < 4; i++) {
        best = a[i][i] > a[best][best] ? i : best;
    }
    for (int i = 0; i < 4; i++) {
        out[i] = v[i][best];
    }
}
