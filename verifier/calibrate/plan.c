#include "plan.h"

#include <math.h>
#include <stdlib.h>

enum {
    BLOCK_MIN = 16,
    BLOCKS_WANTED = 64, /* so that a small population can be sampled, too */
    PILOT_PAIRS = 200000,
    LEVEL_STEP_MIN = 8 /* bins */
};

/* Rate of the first level, where subjects' events are first counted: each event costs some random
 * access to memory, so that many comparisons cannot afford the higher one, nor need it. */
static const double FEW_LEVEL_RATE = 1e-2, MANY_LEVEL_RATE = 1e-3;
static const uint64_t MANY_PAIRS = 100000000;
/* Distance of two levels, against that in which the rate falls to a tenth. */
static const double LEVEL_SPACING = 0.6;

typedef struct sort_entry {
    uint64_t key, random;
    uint32_t number;
} sort_entry;

static int by_key(const void *a, const void *b)
{
    const sort_entry *left = a, *right = b;
    if (left->key != right->key) {
        return left->key < right->key ? -1 : 1;
    }
    return left->random != right->random ? (left->random < right->random ? -1 : 1) : 0;
}

static void number_subjects(plan *p, sort_entry *entries)
{
    const imi_population *population = p->tile.population;
    for (size_t i = 0; i < population->size; i++) {
        entries[i] = (sort_entry){population->references[i].subject, i, (uint32_t)i};
    }
    qsort(entries, population->size, sizeof *entries, by_key);
    uint64_t all = (uint64_t)population->size * (population->size - 1) / 2;
    size_t start = 0;
    for (size_t i = 0; i < population->size; i++) {
        if (entries[i].key != entries[start].key) {
            start = i;
            p->tile.subjects++;
        }
        all -= i - start;
        p->tile.subject_of[entries[i].number] = (uint32_t)p->tile.subjects;
        p->tile.shares_subject[entries[i].number] = i > start;
        p->tile.shares_subject[entries[start].number] |= i > start;
    }
    p->tile.subjects++;
    p->pairs = all;
}

static int by_decade(const void *a, const void *b)
{
    return *(const int32_t *)a - *(const int32_t *)b;
}

static size_t decade_number(const plan *p, int32_t decade)
{
    size_t number = decade == 0 ? 0 : 1;
    while (number > 0 && number < p->decade_count && p->decades[number] != decade) {
        number++;
    }
    return number < p->decade_count ? number : 0;
}

/* Decades beyond those that fit count as not known. */
static void list_decades(plan *p)
{
    const imi_population *population = p->tile.population;
    p->decade_count = 1;
    for (size_t i = 0; i < population->size; i++) {
        int32_t decade = population->references[i].birth_decade;
        if (decade != 0 && p->decade_count < TILE_DECADES && decade_number(p, decade) == 0) {
            p->decades[p->decade_count++] = decade;
        }
    }
    qsort(p->decades + 1, p->decade_count - 1, sizeof p->decades[0], by_decade);
}

static tile_cell cell_of(const plan *p, const population_reference *reference)
{
    bool known = reference->sex == IMI_SEX_MALE || reference->sex == IMI_SEX_FEMALE;
    return (tile_cell){known ? reference->sex : 0,
                       (uint8_t)decade_number(p, reference->birth_decade)};
}

static void order_references(plan *p, sort_entry *entries)
{
    const imi_population *population = p->tile.population;
    for (size_t i = 0; i < population->size; i++) {
        tile_cell cell = cell_of(p, &population->references[i]);
        entries[i] = (sort_entry){(uint64_t)cell.sex * TILE_DECADES + cell.decade,
                                  population_random(&p->random), (uint32_t)i};
    }
    qsort(entries, population->size, sizeof *entries, by_key);
    for (size_t i = 0; i < population->size; i++) {
        p->tile.order[i] = entries[i].number;
    }
}

static imi_status cut_blocks(plan *p, const sort_entry *entries, imi_error *err)
{
    size_t size = p->tile.population->size;
    size_t most = size / BLOCKS_WANTED / BLOCK_MIN * BLOCK_MIN;
    most = most < BLOCK_MIN ? BLOCK_MIN : most > TILE_BLOCK_MAX ? TILE_BLOCK_MAX : most;
    p->tile.blocks = imi_alloc_array(size / most + TILE_CLASSES + 1, sizeof *p->tile.blocks);
    if (p->tile.blocks == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to measure %zu references", size);
    }
    tile_block *block = NULL;
    for (size_t i = 0; i < size; i++) {
        if (block == NULL || block->count == most || entries[i].key != entries[i - 1].key) {
            block = &p->tile.blocks[p->tile.block_count++];
            *block = (tile_block){(uint32_t)i, 0, {0, 0}};
            block->cell = (tile_cell){(uint8_t)(entries[i].key / TILE_DECADES),
                                      (uint8_t)(entries[i].key % TILE_DECADES)};
        }
        block->count++;
    }
    p->tiles = (uint64_t)p->tile.block_count * (p->tile.block_count + 1) / 2;
    return IMI_OK;
}

static imi_status take_memory(plan *p, imi_error *err)
{
    tile_plan *tile = &p->tile;
    size_t size = tile->population->size;
    tile->order = imi_alloc_array(size, sizeof *tile->order);
    tile->subject_of = imi_alloc_array(size, sizeof *tile->subject_of);
    tile->shares_subject = imi_alloc_array(size, sizeof *tile->shares_subject);
    if (tile->order == NULL || tile->subject_of == NULL || tile->shares_subject == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to measure %zu references", size);
    }
    return IMI_OK;
}

static imi_status take_counters(plan *p, imi_error *err)
{
    tile_plan *tile = &p->tile;
    tile->partners = imi_alloc_array(tile->block_count * TILE_SCOPES, sizeof *tile->partners);
    tile->own = imi_alloc_array(tile->subjects * TILE_SCOPES, sizeof *tile->own);
    bool enough = tile->partners != NULL && tile->own != NULL;
    for (size_t kind = 0; kind < tile->kinds; kind++) {
        tile_events *events = &tile->events[kind];
        events->subjects = tile->subjects;
        events->counts =
            imi_alloc_array(tile->subjects * TILE_SCOPES * NONMATED_LEVELS, sizeof *events->counts);
        enough = enough && events->counts != NULL;
    }
    if (!enough) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to measure %zu subjects", tile->subjects);
    }
    return IMI_OK;
}

/* Bin above which a share of the pilot's pairs lies. */
static size_t pilot_bin(const uint32_t *counts, uint64_t total, double rate)
{
    uint64_t above = 0;
    size_t bin = NONMATED_BINS;
    while (bin > 1 && (double)(above + counts[bin - 1]) <= rate * (double)total) {
        above += counts[--bin];
    }
    return bin < NONMATED_BINS ? bin : NONMATED_BINS - 1;
}

static void set_levels(plan *p, size_t kind, const uint32_t *counts, uint64_t total)
{
    double rate = p->pairs > MANY_PAIRS ? MANY_LEVEL_RATE : FEW_LEVEL_RATE;
    size_t first = pilot_bin(counts, total, rate);
    size_t next = pilot_bin(counts, total, rate / 10);
    double step = fmax(LEVEL_SPACING * (double)(next - first), LEVEL_STEP_MIN);
    for (size_t i = 0; i < NONMATED_LEVELS; i++) {
        size_t bin = first + (size_t)lround((double)i * step);
        p->tile.level_bins[kind][i] = bin < NONMATED_BINS ? bin : NONMATED_BINS;
    }
}

/* Where the tail begins must be known before tiles are compared. */
static imi_status run_pilot(plan *p, imi_error *err)
{
    const tile_plan *tile = &p->tile;
    uint32_t *counts = imi_alloc_array(IMI_SCORE_KINDS * NONMATED_BINS, sizeof *counts);
    if (counts == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a histogram");
    }
    uint64_t total = 0;
    for (size_t i = 0; i < PILOT_PAIRS; i++) {
        size_t a = population_random_below(&p->random, tile->population->size);
        size_t b = population_random_below(&p->random, tile->population->size);
        if (tile->subject_of[a] != tile->subject_of[b]) {
            float scores[IMI_SCORE_KINDS];
            tile_scores_of(tile->population, a, b, scores);
            for (size_t kind = 0; kind < tile->kinds; kind++) {
                imi_score_kind number = (imi_score_kind)(kind + 1);
                counts[kind * NONMATED_BINS + nonmated_bin_of(number, scores[kind])]++;
            }
            total++;
        }
    }
    for (size_t kind = 0; kind < tile->kinds; kind++) {
        set_levels(p, kind, counts + kind * NONMATED_BINS, total);
    }
    imi_free(counts);
    return IMI_OK;
}

static imi_status make(plan *p, sort_entry *entries, imi_error *err)
{
    IMI_TRY(take_memory(p, err));
    number_subjects(p, entries);
    if (p->tile.subjects < 2) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "references of one subject give no non-mated comparison");
    }
    list_decades(p);
    order_references(p, entries);
    IMI_TRY(cut_blocks(p, entries, err));
    IMI_TRY(take_counters(p, err));
    return run_pilot(p, err);
}

imi_status plan_make(const imi_population *population, const imi_nonmated_options *options,
                     plan *out, imi_error *err)
{
    *out = (plan){.random = options->seed};
    out->tile.population = population;
    out->tile.kinds = population->cohort != NULL ? 2 : 1;
    out->tile.top_max = options->duplicates_max;
    if (population->size < 2) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "%zu references give no non-mated comparison",
                 population->size);
    }
    sort_entry *entries = imi_alloc_array(population->size, sizeof *entries);
    if (entries == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to measure %zu references", population->size);
    }
    imi_status status = make(out, entries, err);
    imi_free(entries);
    return status;
}

void plan_clean_up(plan *p)
{
    imi_free(p->tile.order);
    imi_free(p->tile.subject_of);
    imi_free(p->tile.shares_subject);
    imi_free(p->tile.blocks);
    imi_free((void *)p->tile.partners);
    imi_free((void *)p->tile.own);
    for (size_t kind = 0; kind < IMI_SCORE_KINDS; kind++) {
        imi_free((void *)p->tile.events[kind].counts);
    }
    *p = (plan){.random = 0};
}

/* A permutation of the numbers below 2^(2 * half): four Feistel rounds. */
static uint64_t scramble(uint64_t value, unsigned half, uint64_t seed)
{
    uint64_t mask = ((uint64_t)1 << half) - 1;
    uint64_t left = value >> half, right = value & mask;
    for (uint64_t round = 0; round < 4; round++) {
        uint64_t state = seed ^ (right + (round << 48));
        uint64_t next = left ^ (population_random(&state) & mask);
        left = right;
        right = next;
    }
    return left << half | right;
}

/* Walking the cycle until the number is a tile's keeps it a permutation.
 * Source: Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002. */
static uint64_t permuted(const plan *p, uint64_t place)
{
    unsigned half = 1;
    while (((uint64_t)1 << (2 * half)) < p->tiles) {
        half++;
    }
    do {
        place = scramble(place, half, p->random);
    } while (place >= p->tiles);
    return place;
}

void plan_tile_at(const plan *p, uint64_t place, size_t *block_a, size_t *block_b)
{
    uint64_t tile = permuted(p, place);
    /* Tile number a * (a + 1) / 2 + b for b <= a; the root may be off by one. */
    uint64_t a = (uint64_t)((sqrt(8.0 * (double)tile + 1) - 1) / 2);
    while (a * (a + 1) / 2 > tile) {
        a--;
    }
    while ((a + 1) * (a + 2) / 2 <= tile) {
        a++;
    }
    *block_a = (size_t)a;
    *block_b = (size_t)(tile - a * (a + 1) / 2);
}
