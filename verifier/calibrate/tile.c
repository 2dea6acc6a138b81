#include "tile.h"

#include "fuse.h"
#include "imi/kernel.h"

#include <math.h>

enum { PREFETCH_AHEAD = 16 };

/* A block's vectors and terms side by side, rows padded with zeros to whole chunks. */
typedef struct side {
    int8_t *rows[IMI_TEMPLATE_VECTORS_MAX];
    float unit[IMI_TEMPLATE_VECTORS_MAX][TILE_BLOCK_MAX];
    float steepness[IMI_TEMPLATE_VECTORS_MAX][TILE_BLOCK_MAX];
    float offset[IMI_TEMPLATE_VECTORS_MAX][TILE_BLOCK_MAX];
    uint32_t numbers[TILE_BLOCK_MAX];
    size_t count;
} side;

/* Dot products of four probes with a chunk of rows. */
typedef struct chunk {
    int32_t dots[IMI_TEMPLATE_VECTORS_MAX][IMI_KERNEL_PROBES][TILE_CHUNK];
} chunk;

struct tile_worker {
    const tile_plan *plan;
    side a, b;
    size_t loaded_a; /* block in a; SIZE_MAX = none */
    chunk chunk;
    fuse_function fuse;
    fuse_input in; /* terms of the probe and chunk at work */
    fuse_output out;
    /* Of the class at work: half the size of the counts proper, so that it fits the first cache. */
    uint32_t hot[IMI_SCORE_KINDS][NONMATED_BINS + 1];
    size_t hot_class;
    uint64_t hot_made; /* below 2^32 */
    tile_counts *counts[TILE_CLASSES];
    tile_pair *pairs;
    size_t pair_count;
    void *blocks[2 * IMI_TEMPLATE_VECTORS_MAX]; /* what rows lie in */
};

static bool side_take_memory(side *s, const imi_population *population, void **blocks)
{
    for (size_t m = 0; m < population->model_count; m++) {
        blocks[m] = imi_alloc_array(TILE_BLOCK_MAX + 1, population->models[m].stride);
        if (blocks[m] == NULL) {
            return false;
        }
        uintptr_t start = (uintptr_t)blocks[m] + POPULATION_ROW_ALIGN - 1;
        s->rows[m] = (int8_t *)(start / POPULATION_ROW_ALIGN * POPULATION_ROW_ALIGN);
    }
    return true;
}

static void set_scales(tile_worker *worker)
{
    worker->fuse = fuse_host();
    worker->in.models = worker->plan->population->model_count;
    worker->in.kinds = worker->plan->kinds;
    worker->in.last_bin = NONMATED_BINS - 1;
    for (size_t kind = 0; kind < IMI_SCORE_KINDS; kind++) {
        nonmated_scale scale = nonmated_scale_of((imi_score_kind)(kind + 1));
        worker->in.low[kind] = (float)scale.low;
        worker->in.bins_per_unit[kind] = (float)(1 / scale.width); /* powers of two: exact */
    }
}

tile_worker *tile_worker_new(const tile_plan *plan)
{
    tile_worker *worker = imi_alloc(sizeof *worker);
    if (worker == NULL) {
        return NULL;
    }
    worker->plan = plan;
    worker->loaded_a = SIZE_MAX;
    set_scales(worker);
    worker->pairs = imi_alloc_array(plan->top_max, sizeof *worker->pairs);
    if (worker->pairs == NULL || !side_take_memory(&worker->a, plan->population, worker->blocks) ||
        !side_take_memory(&worker->b, plan->population,
                          worker->blocks + IMI_TEMPLATE_VECTORS_MAX)) {
        tile_worker_destroy(&worker);
    }
    return worker;
}

void tile_worker_destroy(tile_worker **pointer)
{
    tile_worker *worker = IMI_STEAL(pointer);
    if (worker == NULL) {
        return;
    }
    for (size_t i = 0; i < TILE_CLASSES; i++) {
        imi_free(worker->counts[i]);
    }
    for (size_t i = 0; i < 2 * IMI_TEMPLATE_VECTORS_MAX; i++) {
        size_t m = i % IMI_TEMPLATE_VECTORS_MAX;
        if (worker->blocks[i] != NULL) {
            imi_wipe(worker->blocks[i],
                     (TILE_BLOCK_MAX + 1) * worker->plan->population->models[m].stride);
        }
        imi_free(worker->blocks[i]);
    }
    imi_free(worker->pairs);
    imi_free(worker);
}

static void flush(tile_worker *worker)
{
    tile_counts *counts = worker->counts[worker->hot_class];
    for (size_t kind = 0; kind < worker->plan->kinds && counts != NULL; kind++) {
        for (size_t bin = 0; bin <= NONMATED_BINS; bin++) {
            counts->bins[kind][bin] += worker->hot[kind][bin];
            worker->hot[kind][bin] = 0;
        }
    }
    worker->hot_made = 0;
}

const tile_counts *tile_worker_counts(tile_worker *worker, size_t class_number)
{
    flush(worker);
    return worker->counts[class_number];
}

const tile_pair *tile_worker_pairs(const tile_worker *worker, size_t *count)
{
    *count = worker->pair_count;
    return worker->pairs;
}

/* References lie anywhere in memory: ask for those to come while one is copied. */
static void prefetch_reference(const population_model *model, size_t number)
{
    const int8_t *row = model->rows + number * model->stride;
    for (size_t byte = 0; byte < model->stride; byte += POPULATION_ROW_ALIGN) {
        __builtin_prefetch(row + byte);
    }
    __builtin_prefetch(&model->unit[number]);
    if (model->steepness != NULL) {
        __builtin_prefetch(&model->steepness[number]);
        __builtin_prefetch(&model->offset[number]);
    }
}

static void load_model(side *s, const population_model *model, size_t m, const uint32_t *numbers,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i + PREFETCH_AHEAD < count) {
            prefetch_reference(model, numbers[i + PREFETCH_AHEAD]);
        }
        imi_copy(s->rows[m] + i * model->stride, model->rows + numbers[i] * model->stride,
                 model->stride);
        s->unit[m][i] = model->unit[numbers[i]];
        if (model->steepness != NULL) {
            s->steepness[m][i] = model->steepness[numbers[i]];
            s->offset[m][i] = model->offset[numbers[i]];
        }
    }
}

static void load(side *s, const tile_plan *plan, const tile_block *block)
{
    const imi_population *population = plan->population;
    const uint32_t *numbers = plan->order + block->first;
    for (size_t m = 0; m < population->model_count; m++) {
        load_model(s, &population->models[m], m, numbers, block->count);
    }
    for (size_t i = 0; i < block->count; i++) {
        s->numbers[i] = numbers[i];
    }
    s->count = block->count;
}

/* --- Scores ------------------------------------------------------------------------------ */

static void set_rows(tile_worker *worker, size_t row)
{
    for (size_t m = 0; m < worker->in.models; m++) {
        worker->in.unit[m] = worker->b.unit[m] + row;
        worker->in.steepness[m] = worker->b.steepness[m] + row;
        worker->in.offset[m] = worker->b.offset[m] + row;
    }
}

static void fuse(tile_worker *worker, size_t probe, size_t slot)
{
    for (size_t m = 0; m < worker->in.models; m++) {
        worker->in.dots[m] = worker->chunk.dots[m][slot];
        worker->in.unit_a[m] = worker->a.unit[m][probe];
        worker->in.steepness_a[m] = worker->a.steepness[m][probe];
        worker->in.offset_a[m] = worker->a.offset[m][probe];
    }
    worker->fuse(&worker->in, &worker->out);
}

/* --- Tail -------------------------------------------------------------------------------- */

static void sift_down(tile_pair *heap, size_t count, size_t at)
{
    for (;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < count; child++) {
            least = heap[child].score < heap[least].score ? child : least;
        }
        if (least == at) {
            return;
        }
        tile_pair moved = heap[at];
        heap[at] = heap[least];
        heap[least] = moved;
        at = least;
    }
}

static void sift_up(tile_pair *heap, size_t at)
{
    while (at > 0 && heap[at].score < heap[(at - 1) / 2].score) {
        tile_pair moved = heap[at];
        heap[at] = heap[(at - 1) / 2];
        heap[(at - 1) / 2] = moved;
        at = (at - 1) / 2;
    }
}

void tile_offer(tile_pair *heap, size_t *count, size_t capacity, tile_pair pair)
{
    if (*count < capacity) {
        heap[*count] = pair;
        sift_up(heap, (*count)++);
    } else if (capacity > 0 && pair.score > heap[0].score) {
        heap[0] = pair;
        sift_down(heap, capacity, 0);
    }
}

/*
 * The statistics of a reference that is compared with a member of the cohort count that member,
 * who is the very other side: a high score raises mean and deviation, and so hides itself. An
 * impostor is hardly ever a member. Take the member out again; the next one, who takes its place,
 * is the least similar of the most similar third, 1.25 deviations below their mean if similarities
 * are normal.
 */
static double without_member(const population_model *model, double cosine, double mean,
                             double divisor, size_t top)
{
    const double next = 1.25;
    const imi_normalisation *shares = &model->normalisation;
    if (!(shares->mean_share > 0) || !(shares->deviation_share > 0)) {
        return (cosine - mean) / divisor;
    }
    double b = shares->deviation_share, k = (double)top;
    double deviation = pow(divisor / pow(model->spread, 1 - b), 1 / b);
    /* In deviations. */
    double above = (cosine - mean / shares->mean_share) / deviation;
    double shift = (-next - above) / k;
    double variance = 1 + (next * next - above * above) / k - shift * shift;
    /* Not among the top ones after all, or no variance left: leave it as it is. */
    if (!(above > 0) || !(variance > 0)) {
        return (cosine - mean) / divisor;
    }
    double others_mean = mean + shares->mean_share * shift * deviation;
    return (cosine - others_mean) / (divisor * pow(variance, b / 2));
}

/* How far a pair's cosine lies above what reference r shares with its most similar strangers. */
static double deviations(const imi_population *population, const population_model *model, size_t r,
                         size_t other, double cosine)
{
    double divisor = model->normalised_weight / model->raw_weight / (double)model->steepness[r];
    double mean = (double)model->offset[r] * divisor / model->normalised_weight;
    return population->references[other].in_cohort
               ? without_member(model, cosine, mean, divisor, imi_cohort_top(population->cohort))
               : (cosine - mean) / divisor;
}

static double normalised_by(const imi_population *population, const population_model *model,
                            size_t a, size_t b, double cosine)
{
    return model->normalised_weight * fmin(deviations(population, model, a, b, cosine),
                                           deviations(population, model, b, a, cosine));
}

static bool touches_cohort(const imi_population *population, size_t a, size_t b)
{
    return population->cohort != NULL &&
           (population->references[a].in_cohort || population->references[b].in_cohort);
}

void tile_scores_of(const imi_population *population, size_t a, size_t b,
                    float scores[IMI_SCORE_KINDS])
{
    double raw = 0, normalised = population->cohort != NULL ? 0 : NAN;
    for (size_t m = 0; m < population->model_count; m++) {
        const population_model *model = &population->models[m];
        int32_t dot = imi_dot_i8(model->rows + a * model->stride, model->rows + b * model->stride,
                                 model->dim);
        double x = (double)dot * (double)model->unit[a] * (double)model->unit[b];
        raw += x;
        if (model->steepness != NULL) {
            normalised += normalised_by(population, model, a, b, x / model->raw_weight);
        }
    }
    scores[0] = (float)raw;
    scores[1] = (float)normalised;
}

/* Scopes that a class of pairs counts in: bit of each. */
static unsigned scopes_of(size_t class_number)
{
    return 1U | (class_number / TILE_DECADES > 0 ? 2U : 0U) |
           (class_number % TILE_DECADES > 0 ? 4U : 0U);
}

static size_t class_of(const tile_block *a, const tile_block *b)
{
    size_t sex = a->cell.sex == b->cell.sex ? a->cell.sex : 0;
    size_t decade = a->cell.decade == b->cell.decade ? a->cell.decade : 0;
    return sex * TILE_DECADES + decade;
}

static void count_event(const tile_plan *plan, size_t kind, size_t bin, size_t class_number,
                        size_t a, size_t b)
{
    const size_t *levels = plan->level_bins[kind];
    if (bin < levels[0]) {
        return;
    }
    size_t level = 0;
    while (level + 1 < NONMATED_LEVELS && bin >= levels[level + 1]) {
        level++;
    }
    unsigned scopes = scopes_of(class_number);
    const tile_events *events = &plan->events[kind];
    for (size_t scope = 0; scope < TILE_SCOPES; scope++) {
        if ((scopes >> scope & 1U) != 0) {
            _Atomic uint32_t *counts =
                events->counts + (scope * NONMATED_LEVELS + level) * events->subjects;
            atomic_fetch_add_explicit(&counts[plan->subject_of[a]], 1, memory_order_relaxed);
            atomic_fetch_add_explicit(&counts[plan->subject_of[b]], 1, memory_order_relaxed);
        }
    }
}

/* Scores first: they are at hand, and references lie anywhere in memory. */
static void offer_pair(tile_worker *worker, tile_pair pair)
{
    const tile_plan *plan = worker->plan;
    const population_reference *references = plan->population->references;
    bool full = worker->pair_count == plan->top_max;
    if (full && !(plan->top_max > 0 && pair.score > worker->pairs[0].score)) {
        return;
    }
    if (references[pair.a].realm == references[pair.b].realm) {
        tile_offer(worker->pairs, &worker->pair_count, plan->top_max, pair);
    }
}

/* A pair above the first level of some kind: exactly, one by one. */
static void take_tail_pair(tile_worker *worker, size_t class_number, size_t a, size_t b, size_t i)
{
    const tile_plan *plan = worker->plan;
    fuse_output *c = &worker->out;
    if (plan->kinds > 1 && touches_cohort(plan->population, a, b)) {
        float scores[IMI_SCORE_KINDS];
        tile_scores_of(plan->population, a, b, scores);
        worker->hot[1][c->bins[1][i]]--;
        c->scores[1][i] = scores[1];
        c->bins[1][i] = (int32_t)nonmated_bin_of(IMI_SCORE_NORMALISED, scores[1]);
        worker->hot[1][c->bins[1][i]]++;
    }
    for (size_t kind = 0; kind < plan->kinds; kind++) {
        count_event(plan, kind, (size_t)c->bins[kind][i], class_number, a, b);
    }
    offer_pair(worker, (tile_pair){c->scores[plan->kinds - 1][i], (uint32_t)a, (uint32_t)b});
}

/* --- Tiles ------------------------------------------------------------------------------- */

/* References of one subject: out of the histogram, into a bin of their own. */
static uint64_t mask_own(tile_worker *worker, size_t probe, size_t row, size_t from, size_t to,
                         size_t class_number)
{
    const tile_plan *plan = worker->plan;
    size_t a = worker->a.numbers[probe];
    uint64_t masked = 0;
    for (size_t i = from; i < to; i++) {
        size_t b = worker->b.numbers[row + i];
        if (plan->subject_of[a] != plan->subject_of[b]) {
            continue;
        }
        worker->out.bins[0][i] = NONMATED_BINS;
        worker->out.bins[1][i] = NONMATED_BINS;
        masked++;
        for (size_t scope = 0; scope < TILE_SCOPES; scope++) {
            if ((scopes_of(class_number) >> scope & 1U) != 0) {
                _Atomic uint32_t *own = plan->own + scope * plan->subjects;
                /* Both references belong to the subject. */
                atomic_fetch_add_explicit(&own[plan->subject_of[a]], 2, memory_order_relaxed);
            }
        }
    }
    return masked;
}

static void count_bins(tile_worker *worker, size_t from, size_t to)
{
    uint32_t *raw = worker->hot[0], *normalised = worker->hot[1];
    const int32_t *raw_bins = worker->out.bins[0], *normalised_bins = worker->out.bins[1];
    if (worker->plan->kinds == 1) {
        for (size_t i = from; i < to; i++) {
            raw[raw_bins[i]]++;
        }
        return;
    }
    /* Both in one loop: increments of one bin after the other wait for each other. */
    for (size_t i = from; i < to; i++) {
        raw[raw_bins[i]]++;
        normalised[normalised_bins[i]]++;
    }
}

/* One probe with rows from to to of a chunk; returns how many comparisons count. */
static uint64_t take_probe(tile_worker *worker, size_t class_number, size_t probe, size_t row,
                           size_t from, size_t to)
{
    const tile_plan *plan = worker->plan;
    const fuse_output *c = &worker->out;
    bool tail = false;
    for (size_t kind = 0; kind < plan->kinds; kind++) {
        tail = tail || (size_t)c->highest[kind] >= plan->level_bins[kind][0];
    }
    size_t a = worker->a.numbers[probe];
    uint64_t masked =
        plan->shares_subject[a] ? mask_own(worker, probe, row, from, to, class_number) : 0;
    count_bins(worker, from, to);
    for (size_t i = tail ? from : to; i < to; i++) {
        size_t raw = (size_t)c->bins[0][i], normalised = (size_t)c->bins[1][i];
        bool high = raw >= plan->level_bins[0][0] ||
                    (plan->kinds > 1 && normalised >= plan->level_bins[1][0]);
        if (high && raw < NONMATED_BINS) {
            take_tail_pair(worker, class_number, a, worker->b.numbers[row + i], i);
        }
    }
    return to - from - masked;
}

/* Dot products of up to four probes with a chunk of rows; missing probes repeat the first. */
static void compare_chunk(tile_worker *worker, size_t first, size_t row)
{
    const imi_population *population = worker->plan->population;
    for (size_t m = 0; m < population->model_count; m++) {
        const population_model *model = &population->models[m];
        const int8_t *probes[IMI_KERNEL_PROBES];
        int32_t *outs[IMI_KERNEL_PROBES];
        for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
            size_t probe = first + p < worker->a.count ? first + p : first;
            probes[p] = worker->a.rows[m] + probe * model->stride;
            outs[p] = worker->chunk.dots[m][p];
        }
        imi_gallery_i8 rows = {worker->b.rows[m] + row * model->stride,
                               NULL,
                               TILE_CHUNK,
                               model->stride,
                               model->stride,
                               0};
        imi_kernels_host()->dot_i8_four(probes, &rows, outs);
    }
}

static uint64_t compare_loaded(tile_worker *worker, size_t class_number, bool same_block)
{
    uint64_t made = 0;
    for (size_t row = 0; row < worker->b.count; row += TILE_CHUNK) {
        size_t rows = worker->b.count - row < TILE_CHUNK ? worker->b.count - row : TILE_CHUNK;
        /* A block with itself: each pair once, rows above the probe. */
        set_rows(worker, row);
        size_t probes = same_block && row + rows < worker->a.count ? row + rows : worker->a.count;
        for (size_t first = 0; first < probes; first += IMI_KERNEL_PROBES) {
            compare_chunk(worker, first, row);
            for (size_t p = first; p < first + IMI_KERNEL_PROBES && p < probes; p++) {
                size_t from = same_block && p + 1 > row ? p + 1 - row : 0;
                if (from < rows) {
                    fuse(worker, p, p - first);
                    made += take_probe(worker, class_number, p, row, from, rows);
                }
            }
        }
    }
    return made;
}

/* Each reference of a block met the other block, or, in its own, all but itself. */
static void count_partners(const tile_plan *plan, size_t block_a, size_t block_b,
                           size_t class_number)
{
    for (size_t scope = 0; scope < TILE_SCOPES; scope++) {
        if ((scopes_of(class_number) >> scope & 1U) == 0) {
            continue;
        }
        _Atomic uint64_t *partners = plan->partners + scope * plan->block_count;
        uint64_t a = plan->blocks[block_a].count, b = plan->blocks[block_b].count;
        if (block_a == block_b) {
            atomic_fetch_add_explicit(&partners[block_a], a - 1, memory_order_relaxed);
        } else {
            atomic_fetch_add_explicit(&partners[block_a], b, memory_order_relaxed);
            atomic_fetch_add_explicit(&partners[block_b], a, memory_order_relaxed);
        }
    }
}

static bool make_hot(tile_worker *worker, size_t class_number)
{
    if (worker->counts[class_number] == NULL) {
        worker->counts[class_number] = imi_alloc(sizeof(tile_counts));
    }
    const uint64_t tile_most = (uint64_t)TILE_BLOCK_MAX * TILE_BLOCK_MAX;
    if (class_number != worker->hot_class || worker->hot_made + tile_most > UINT32_MAX) {
        flush(worker);
        worker->hot_class = class_number;
    }
    worker->hot_made += tile_most;
    return worker->counts[class_number] != NULL;
}

uint64_t tile_compare(tile_worker *worker, size_t block_a, size_t block_b)
{
    const tile_plan *plan = worker->plan;
    size_t class_number = class_of(&plan->blocks[block_a], &plan->blocks[block_b]);
    if (!make_hot(worker, class_number)) {
        return UINT64_MAX;
    }
    if (worker->loaded_a != block_a) {
        load(&worker->a, plan, &plan->blocks[block_a]);
        worker->loaded_a = block_a;
    }
    load(&worker->b, plan, &plan->blocks[block_b]);
    count_partners(plan, block_a, block_b, class_number);
    return compare_loaded(worker, class_number, block_a == block_b);
}
