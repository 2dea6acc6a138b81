#include "tail.h"

#include <math.h>
#include <stdlib.h>

enum { CELLS_MAX = 80 };

/* Shapes of comparison scores lie around -0.2 to 0; beyond these limits a mean is of no use. */
static const double SHAPE_MIN = -0.6, SHAPE_MAX = 0.4;
/* Scale against the mean excess, as a natural logarithm. */
static const double LOG_SCALE_SPAN = 1.5;
/* Nodes less likely than this, against the likeliest, are left out. */
static const double NODE_MIN = 1e-3;

double tail_survival(double shape, double scale, double excess)
{
    if (fabs(shape) < 1e-9) {
        return exp(-excess / scale);
    }
    double base = 1 + shape * excess / scale;
    return base > 0 ? pow(base, -1 / shape) : 0;
}

/* Bins gathered into cells, so that a likelihood costs little. */
typedef struct cells {
    size_t count;
    double edges[CELLS_MAX + 1]; /* as excesses */
    double events[CELLS_MAX]; /* divided by the effect */
    double total;
    double middle; /* excess that half of the events exceed */
} cells;

static bool gather(const tail_data *data, cells *out)
{
    size_t used = data->bins; /* bins up to the last that holds an event */
    while (used > 0 && data->above[used - 1] == 0) {
        used--;
    }
    if (used < 3) {
        return false;
    }
    size_t each = (used + CELLS_MAX - 2) / (CELLS_MAX - 1);
    *out = (cells){.count = 0};
    /* The rest, which is empty, is one cell. */
    for (size_t bin = 0; bin < data->bins; out->count++) {
        size_t next = bin >= used ? data->bins : bin + each < used ? bin + each : used;
        double events = (double)(data->above[bin] - data->above[next]) / data->effect;
        out->edges[out->count] = (double)bin * data->width;
        out->events[out->count] = events;
        out->total += events;
        out->middle =
            data->above[bin] * 2 >= data->above[0] ? (double)next * data->width : out->middle;
        bin = next;
    }
    out->edges[out->count] = (double)data->bins * data->width;
    return out->total > 0;
}

static double log_likelihood_of(const cells *c, const double *shares, double foreign)
{
    double sum = 0;
    double range = c->edges[c->count];
    for (size_t i = 0; i < c->count; i++) {
        if (c->events[i] > 0) {
            double even = (c->edges[i + 1] - c->edges[i]) / range;
            double share = (1 - foreign) * shares[i] + foreign * even;
            if (!(share > 0)) {
                return -INFINITY;
            }
            sum += c->events[i] * log(share);
        }
    }
    return sum;
}

/* Sets the node's weight to the logarithm of its likelihood, at the likeliest foreign share: the
 * likelihood rises to it and falls behind it. */
static void judge(const cells *c, tail_node *node)
{
    static const double foreign[] = {0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5};
    double shares[CELLS_MAX];
    double below = 1;
    for (size_t i = 0; i < c->count; i++) {
        double above = tail_survival(node->shape, node->scale, c->edges[i + 1]);
        shares[i] = below - above;
        below = above;
    }
    node->weight = -INFINITY;
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        double weight = log_likelihood_of(c, shares, foreign[i]);
        if (weight < node->weight) {
            break;
        }
        node->weight = weight;
        node->foreign = foreign[i];
    }
}

/* A rectangle of parameters. */
typedef struct grid {
    double shape_low, shape_high, log_scale_low, log_scale_high;
    size_t steps;
} grid;

static double between(double low, double high, size_t step, size_t steps)
{
    return low + (high - low) * (double)step / (double)(steps - 1);
}

/* Weights of all nodes of a grid, in out; returns how many have some. */
static size_t weigh(const cells *c, const grid *g, tail_node *out)
{
    double best = -INFINITY;
    for (size_t i = 0; i < g->steps * g->steps; i++) {
        double shape = between(g->shape_low, g->shape_high, i / g->steps, g->steps);
        double log_scale = between(g->log_scale_low, g->log_scale_high, i % g->steps, g->steps);
        out[i] = (tail_node){shape, exp(log_scale), 0, 0};
        judge(c, &out[i]);
        best = fmax(best, out[i].weight);
    }
    size_t kept = 0;
    double sum = 0;
    for (size_t i = 0; i < g->steps * g->steps && isfinite(best); i++) {
        double weight = exp(out[i].weight - best);
        if (weight >= NODE_MIN) {
            out[kept] = out[i];
            out[kept++].weight = weight;
            sum += weight;
        }
    }
    for (size_t i = 0; i < kept; i++) {
        out[i].weight /= sum;
    }
    return kept;
}

/* The part of a grid that holds what is likely, four deviations to each side. */
static grid refine(const tail_node *nodes, size_t count, const grid *coarse)
{
    double shape = 0, log_scale = 0, shape_square = 0, scale_square = 0;
    for (size_t i = 0; i < count; i++) {
        double w = nodes[i].weight, s = log(nodes[i].scale);
        shape += w * nodes[i].shape;
        shape_square += w * nodes[i].shape * nodes[i].shape;
        log_scale += w * s;
        scale_square += w * s * s;
    }
    double steps = (double)(coarse->steps - 1);
    /* Never narrower than the distance of the coarse nodes, which may have hit one alone. */
    double shape_reach = fmax(4 * sqrt(fmax(shape_square - shape * shape, 0)),
                              (coarse->shape_high - coarse->shape_low) / steps);
    double scale_reach = fmax(4 * sqrt(fmax(scale_square - log_scale * log_scale, 0)),
                              (coarse->log_scale_high - coarse->log_scale_low) / steps);
    return (grid){fmax(shape - shape_reach, SHAPE_MIN), fmin(shape + shape_reach, SHAPE_MAX),
                  log_scale - scale_reach, log_scale + scale_reach, TAIL_STEPS};
}

bool tail_fit(const tail_data *data, nonmated_tail *out)
{
    out->fitted = false;
    out->node_count = 0;
    cells c;
    if (!gather(data, &c)) {
        return false;
    }
    double centre = log(c.middle / log(2)); /* what it would be without shape */
    grid g = {SHAPE_MIN, SHAPE_MAX, centre - LOG_SCALE_SPAN, centre + LOG_SCALE_SPAN, TAIL_STEPS};
    size_t count = weigh(&c, &g, out->nodes);
    for (int pass = 0; pass < 2 && count > 0; pass++) {
        g = refine(out->nodes, count, &g);
        count = weigh(&c, &g, out->nodes);
    }
    out->node_count = count;
    out->shape = 0;
    out->scale = 0;
    out->foreign = 0;
    for (size_t i = 0; i < count; i++) {
        out->shape += out->nodes[i].weight * out->nodes[i].shape;
        out->scale += out->nodes[i].weight * out->nodes[i].scale;
        out->foreign += out->nodes[i].weight * out->nodes[i].foreign;
    }
    return count > 0;
}

typedef struct weighted {
    double value, weight;
} weighted;

static int by_value(const void *a, const void *b)
{
    double left = ((const weighted *)a)->value;
    double right = ((const weighted *)b)->value;
    return (left > right) - (left < right);
}

static double quantile(const weighted *sorted, size_t count, double share)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += sorted[i].weight;
        if (sum >= share) {
            return sorted[i].value;
        }
    }
    return sorted[count - 1].value;
}

tail_estimate tail_estimate_at(const nonmated_tail *tail, double excess)
{
    if (tail->node_count == 0) {
        return (tail_estimate){NAN, NAN, NAN};
    }
    weighted values[TAIL_NODES];
    double mean = 0;
    for (size_t i = 0; i < tail->node_count; i++) {
        const tail_node *node = &tail->nodes[i];
        values[i] = (weighted){tail_survival(node->shape, node->scale, excess), node->weight};
        mean += node->weight * values[i].value;
    }
    qsort(values, tail->node_count, sizeof values[0], by_value);
    return (tail_estimate){mean, quantile(values, tail->node_count, 0.025),
                           quantile(values, tail->node_count, 0.975)};
}
