#include "population.h"

#include "imi/kernel.h"

#include <math.h>
#include <string.h>

/* References that a 32-bit number can name. */
static const size_t CAPACITY_MAX = 100000000;

static void model_clean_up(population_model *model, size_t capacity)
{
    if (model->block != NULL) {
        imi_wipe(model->rows, capacity * model->stride);
    }
    imi_free(model->block);
    imi_free(model->unit);
    imi_free(model->steepness);
    imi_free(model->offset);
}

void imi_population_destroy(imi_population **pointer)
{
    imi_population *population = pointer == NULL ? NULL : IMI_STEAL(pointer);
    if (population == NULL) {
        return;
    }
    for (size_t i = 0; i < population->model_count; i++) {
        model_clean_up(&population->models[i], population->capacity);
    }
    if (population->references != NULL) {
        imi_wipe(population->references, population->capacity * sizeof *population->references);
    }
    imi_free(population->references);
    imi_free(population);
}

imi_status imi_population_new(const imi_population_options *options, imi_population **out,
                              imi_error *err)
{
    *out = NULL;
    if (options->scorer == NULL || options->capacity < 2 || options->capacity > CAPACITY_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a population needs a scorer and room for 2 to %zu",
                 CAPACITY_MAX);
    }
    imi_population *population = imi_alloc(sizeof *population);
    if (population == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a population");
    }
    population->scorer = options->scorer;
    population->cohort = options->cohort;
    population->capacity = options->capacity;
    population->random = options->seed;
    population->model_count = imi_scorer_model_count(options->scorer);
    for (size_t i = 0; i < population->model_count; i++) {
        population_model *model = &population->models[i];
        imi_copy_text(model->id, sizeof model->id, imi_scorer_model_id(options->scorer, i));
        model->raw_weight = imi_scorer_weight(options->scorer, IMI_SCORE_RAW, i);
        model->normalised_weight = imi_scorer_weight(options->scorer, IMI_SCORE_NORMALISED, i);
        model->normalisation = imi_scorer_normalisation(options->scorer, i);
        model->spread = options->cohort != NULL ? imi_cohort_spread(options->cohort, i) : NAN;
    }
    *out = population;
    return IMI_OK;
}

size_t imi_population_size(const imi_population *population)
{
    return population->size;
}

size_t imi_population_added(const imi_population *population)
{
    return population->added;
}

static const imi_template_vector *vector_of(const imi_template *face_template,
                                            const population_model *model)
{
    uint32_t count = face_template->count <= IMI_TEMPLATE_VECTORS_MAX ? face_template->count : 0;
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(face_template->vectors[i].model_id, model->id) == 0) {
            return &face_template->vectors[i];
        }
    }
    return NULL;
}

/* model->dim 0 takes any possible length. */
static imi_status check_vector(const population_model *model, const imi_template_vector *vector,
                               imi_error *err)
{
    if (vector == NULL) {
        IMI_FAIL(err, IMI_E_MODEL_MISMATCH, "a reference was not made by model %s", model->id);
    }
    if (vector->dim == 0 || vector->dim > IMI_EXTRACTOR_DIM_MAX ||
        (model->dim != 0 && vector->dim != model->dim)) {
        IMI_FAIL(err, IMI_E_MODEL_MISMATCH, "a vector of model %s has length %u", model->id,
                 vector->dim);
    }
    return IMI_OK;
}

static imi_status model_take_memory(population_model *model, size_t dim, size_t capacity,
                                    bool normalised, imi_error *err)
{
    size_t stride = (dim + POPULATION_ROW_ALIGN - 1) / POPULATION_ROW_ALIGN * POPULATION_ROW_ALIGN;
    model->block = imi_alloc_array(capacity + 1, stride);
    model->unit = imi_alloc_array(capacity, sizeof(float));
    model->steepness = normalised ? imi_alloc_array(capacity, sizeof(float)) : NULL;
    model->offset = normalised ? imi_alloc_array(capacity, sizeof(float)) : NULL;
    if (model->block == NULL || model->unit == NULL ||
        (normalised && (model->steepness == NULL || model->offset == NULL))) {
        /* All or nothing: a later member asks again for what a block stands for. */
        imi_free(IMI_STEAL(&model->block));
        imi_free(IMI_STEAL(&model->unit));
        imi_free(IMI_STEAL(&model->steepness));
        imi_free(IMI_STEAL(&model->offset));
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu references", capacity);
    }
    uintptr_t start = (uintptr_t)model->block + POPULATION_ROW_ALIGN - 1;
    model->rows = (int8_t *)(start / POPULATION_ROW_ALIGN * POPULATION_ROW_ALIGN);
    model->stride = stride;
    model->dim = dim;
    return IMI_OK;
}

/* The first member says how long vectors are. */
static imi_status take_memory(imi_population *population, const imi_template *like, imi_error *err)
{
    bool normalised = population->cohort != NULL;
    for (size_t i = 0; i < population->model_count; i++) {
        population_model *model = &population->models[i];
        if (model->block == NULL) {
            const imi_template_vector *vector = vector_of(like, model);
            IMI_TRY(check_vector(model, vector, err));
            IMI_TRY(model_take_memory(model, vector->dim, population->capacity, normalised, err));
        }
    }
    population->references = imi_alloc_array(population->capacity, sizeof *population->references);
    if (population->references == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu references", population->capacity);
    }
    return IMI_OK;
}

/* Where the next member goes: each one added so far is kept with equal chance.
 * Source: Vitter, "Random sampling with a reservoir", algorithm R, 1985. */
static size_t choose_slot(imi_population *population)
{
    if (population->size < population->capacity) {
        return population->size;
    }
    uint64_t slot = population_random_below(&population->random, population->added + 1);
    return slot < population->capacity ? (size_t)slot : SIZE_MAX;
}

/* One row of bytes and the length that makes its direction a unit vector again. */
typedef struct packed_row {
    int8_t bytes[IMI_EXTRACTOR_DIM_MAX];
    float unit;
} packed_row;

static imi_status pack_row(const population_model *model, const imi_template *face_template,
                           packed_row *out, imi_error *err)
{
    const imi_template_vector *vector = vector_of(face_template, model);
    IMI_TRY(check_vector(model, vector, err));
    float scale = NAN;
    IMI_TRY(imi_quantise_i8(vector->values, model->dim, out->bytes, &scale, err));
    double square = imi_dot_i8(out->bytes, out->bytes, model->dim);
    if (!(square > 0)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a vector of model %s has no direction", model->id);
    }
    out->unit = (float)(sqrt(model->raw_weight) / sqrt(square));
    return IMI_OK;
}

static imi_status measure(const imi_population *population, const imi_population_member *member,
                          imi_cohort_statistics *out, imi_error *err)
{
    const imi_cohort_statistics *given = member->statistics;
    if (given != NULL && given->count == population->model_count &&
        strcmp(given->cohort_id, imi_cohort_id(population->cohort)) == 0) {
        *out = *given;
        return IMI_OK;
    }
    return imi_cohort_measure(population->cohort, member->face_template, &member->subject, 1, out,
                              err);
}

static void put_statistics(imi_population *population, size_t slot,
                           const imi_cohort_statistics *statistics)
{
    for (size_t i = 0; i < population->model_count; i++) {
        population_model *model = &population->models[i];
        double share = model->normalised_weight / (double)statistics->deviation[i];
        model->steepness[slot] = (float)(share / model->raw_weight);
        model->offset[slot] = (float)(share * (double)statistics->mean[i]);
    }
}

/* Two realms with one digest cost a place among the duplicates at times, no more. */
static uint16_t fold_realm(uint64_t realm)
{
    return (uint16_t)(realm ^ realm >> 16 ^ realm >> 32 ^ realm >> 48);
}

static void put_reference(imi_population *population, size_t slot,
                          const imi_population_member *member)
{
    population_reference *reference = &population->references[slot];
    *reference = (population_reference){.subject = member->subject,
                                        .birth_decade = member->attributes.birth_decade,
                                        .sex = (uint8_t)member->attributes.sex,
                                        .realm = fold_realm(member->realm)};
    imi_copy_text(reference->id, sizeof reference->id, member->reference_id);
    reference->in_cohort =
        population->cohort != NULL && imi_cohort_has(population->cohort, member->subject);
}

/* Everything that can fail comes before the first change. */
static imi_status put_member(imi_population *population, size_t slot,
                             const imi_population_member *member, packed_row *rows, imi_error *err)
{
    imi_cohort_statistics statistics = {{0}, 0, {0}, {0}};
    for (size_t i = 0; i < population->model_count; i++) {
        IMI_TRY(pack_row(&population->models[i], member->face_template, &rows[i], err));
    }
    if (population->cohort != NULL) {
        IMI_TRY(measure(population, member, &statistics, err));
        put_statistics(population, slot, &statistics);
    }
    for (size_t i = 0; i < population->model_count; i++) {
        population_model *model = &population->models[i];
        imi_copy(model->rows + slot * model->stride, rows[i].bytes, model->dim);
        model->unit[slot] = rows[i].unit;
    }
    put_reference(population, slot, member);
    return IMI_OK;
}

imi_status imi_population_add(imi_population *population, const imi_population_member *member,
                              imi_error *err)
{
    if (member->face_template == NULL || member->reference_id == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a member needs a name and a template");
    }
    if (population->references == NULL) {
        IMI_TRY(take_memory(population, member->face_template, err));
    }
    size_t slot = choose_slot(population);
    if (slot != SIZE_MAX) {
        packed_row rows[IMI_TEMPLATE_VECTORS_MAX];
        imi_status status = put_member(population, slot, member, rows, err);
        imi_wipe(rows, sizeof rows);
        IMI_TRY(status);
    }
    population->size += slot == population->size ? 1 : 0;
    population->added++;
    return IMI_OK;
}
