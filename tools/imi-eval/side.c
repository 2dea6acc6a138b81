#include "side.h"

#include "imi/memory.h"

imi_status eval_measure(const imi_cohort *cohort, const imi_template *face_template,
                        imi_subject_key subject, eval_measured *out, imi_error *err)
{
    *out = (eval_measured){.subject = subject};
    if (cohort == NULL) {
        return IMI_OK;
    }
    out->ranking = imi_alloc(sizeof *out->ranking);
    if (out->ranking == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to rank a cohort");
    }
    IMI_TRY(imi_cohort_rank(cohort, face_template, out->ranking, err));
    return imi_cohort_statistics_of(cohort, out->ranking, &out->subject, 1, &out->statistics, err);
}

void eval_measured_clean_up(eval_measured *measured)
{
    if (measured->ranking != NULL) {
        imi_wipe(measured->ranking, sizeof *measured->ranking);
        imi_free(measured->ranking);
        measured->ranking = NULL;
    }
}

/* Statistics of one side for a comparison with another person: mostly those at hand. */
static imi_status statistics_for(const imi_cohort *cohort, const eval_measured *side,
                                 imi_subject_key other, imi_cohort_statistics *out, imi_error *err)
{
    if (!imi_cohort_ranking_has(cohort, side->ranking, other)) {
        *out = side->statistics;
        return IMI_OK;
    }
    const imi_subject_key left_out[] = {side->subject, other};
    return imi_cohort_statistics_of(cohort, side->ranking, left_out, 2, out, err);
}

imi_status eval_sides_compare(const imi_scorer *scorer, const imi_cohort *cohort,
                              const eval_side *probe, const eval_side *reference,
                              imi_comparison *out, imi_error *err)
{
    if (cohort == NULL) {
        return imi_compare(scorer, probe->face_template, reference->face_template, out, err);
    }
    const eval_measured *a = probe->measured;
    const eval_measured *b = reference->measured;
    imi_cohort_statistics of_a;
    imi_cohort_statistics of_b;
    IMI_TRY(statistics_for(cohort, a, b->subject, &of_a, err));
    IMI_TRY(statistics_for(cohort, b, a->subject, &of_b, err));
    imi_measured_template left = {probe->face_template, &of_a};
    imi_measured_template right = {reference->face_template, &of_b};
    return imi_compare_normalised(scorer, cohort, &left, &right, out, err);
}
