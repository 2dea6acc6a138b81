#include "halves.h"

#include <math.h>
#include <stdio.h>

const double eval_halves_targets[EVAL_HALVES_TARGETS] = {1e-2, 1e-3, 1e-4, 1e-5};

enum { DUPLICATES = 1000 };
static const double DUPLICATE_FMR = 1e-6;

/* A subject's half: all its photos go together. SplitMix64's finaliser. */
static int half_of(imi_subject_key subject, uint64_t seed)
{
    uint64_t z = subject + seed * 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return (int)((z ^ (z >> 31)) >> 63);
}

/* References are named by the number of their photo. */
static imi_status add_photos(const eval_people *people, int half, uint64_t seed,
                             imi_population *population, imi_error *err)
{
    for (size_t i = 0; i < people->count; i++) {
        const eval_photo *photo = &people->photos[i];
        if (half >= 0 && half_of(photo->subject, seed) != half) {
            continue;
        }
        char name[IMI_ID_SIZE];
        snprintf(name, sizeof name, "%zu", i);
        imi_population_member member = {name, photo->subject,    photo->face_template,
                                        NULL, photo->attributes, 0};
        IMI_TRY(imi_population_add(population, &member, err));
    }
    return IMI_OK;
}

imi_status eval_people_measure(const eval_people *people, int half, uint64_t seed,
                               imi_nonmated **out, imi_error *err)
{
    *out = NULL;
    imi_population_options options = {people->scorer, people->cohort, people->count + 2, 1};
    IMI_AUTO(imi_population) population = NULL;
    IMI_TRY(imi_population_new(&options, &population, err));
    IMI_TRY(add_photos(people, half, seed, population, err));
    imi_nonmated_options measure = {.duplicate_fmr = DUPLICATE_FMR,
                                    .duplicates_max = half < 0 ? DUPLICATES : 0};
    return imi_nonmated_measure(population, &measure, out, err);
}

static void judge(const imi_nonmated *one, const imi_nonmated *other, eval_halves_row *row)
{
    double threshold = NAN;
    if (imi_nonmated_threshold(one, row->kind, row->target, &threshold, NULL) != IMI_OK) {
        return;
    }
    imi_rate expected = imi_nonmated_fmr(one, row->kind, 0, threshold);
    imi_rate seen = imi_nonmated_fmr(other, row->kind, 0, threshold);
    /* Events alone: the other half's own tail must not confirm that of the first. */
    double observed = (double)seen.events / (double)imi_nonmated_group_at(other, 0)->comparisons;
    row->splits++;
    row->extrapolated += expected.extrapolated ? 1 : 0;
    row->inside += expected.low <= observed && observed <= expected.high ? 1 : 0;
    row->below += observed <= row->target ? 1 : 0;
    row->expected += expected.rate;
    row->observed += observed;
}

static imi_status judge_split(const eval_people *people, uint64_t seed, eval_halves_row *rows,
                              imi_error *err)
{
    IMI_AUTO(imi_nonmated) one = NULL;
    IMI_AUTO(imi_nonmated) other = NULL;
    IMI_TRY(eval_people_measure(people, 0, seed, &one, err));
    IMI_TRY(eval_people_measure(people, 1, seed, &other, err));
    for (size_t i = 0; i < EVAL_HALVES_ROWS; i++) {
        if (rows[i].kind == IMI_SCORE_RAW || people->cohort != NULL) {
            judge(one, other, &rows[i]);
        }
    }
    return IMI_OK;
}

imi_status eval_halves(const eval_people *people, size_t splits, eval_halves_row *rows_out,
                       imi_error *err)
{
    for (size_t i = 0; i < EVAL_HALVES_ROWS; i++) {
        rows_out[i] = (eval_halves_row){.kind = i < EVAL_HALVES_TARGETS ? IMI_SCORE_RAW
                                                                        : IMI_SCORE_NORMALISED,
                                        .target = eval_halves_targets[i % EVAL_HALVES_TARGETS]};
    }
    for (uint64_t seed = 0; seed < splits; seed++) {
        IMI_TRY(judge_split(people, seed, rows_out, err));
    }
    for (size_t i = 0; i < EVAL_HALVES_ROWS; i++) {
        rows_out[i].expected /= (double)rows_out[i].splits;
        rows_out[i].observed /= (double)rows_out[i].splits;
    }
    return IMI_OK;
}
