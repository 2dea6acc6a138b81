/*
 * Which score decides: the kind that the operating point names, else the raw one under its own
 * threshold; what is recorded of it; shadows without effect.
 */
#include "crowd.h"
#include "phone.h"
#include "probe.h"
#include "score.h"
#include "service_internal.h"
#include "subject_references.h"

#include <math.h>
#include <string.h>

static imi_session_record run_as(fixture *f, uint32_t person, float unlikeness_deg)
{
    phone *p = phone_new(f, person);
    p->look.unlikeness_deg = unlikeness_deg;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    (void)phone_run(p, &created);
    phone_destroy(&p);
    return fixture_session(f, created.session_id);
}

static void draw_cohort(fixture *f)
{
    crowd_enrol(f, 0, 330);
    crowd_tick(f);
    imi_service_counts counts;
    imi_service_count(f->service, &counts);
    assert_int_equal(counts.cohort_members, 331);
}

typedef struct kept_scores {
    imi_score_record records[4];
    size_t count;
} kept_scores;

static imi_status keep_score(void *user, const imi_score_record *record, imi_error *err)
{
    (void)err;
    kept_scores *all = user;
    assert_true(all->count < 4);
    all->records[all->count++] = *record;
    return IMI_OK;
}

static imi_score_record only_score(fixture *f)
{
    kept_scores all = {.count = 0};
    assert_int_equal(f->sqlite->visit_scores(f->sqlite, "", 0, keep_score, &all, NULL), IMI_OK);
    assert_int_equal(all.count, 1);
    return all.records[0];
}

static void without_a_cohort_the_raw_score_decides_and_is_recorded(void **state)
{
    fixture *f = *state;
    imi_session_record record = run_as(f, FIXTURE_PERSON, 0);
    assert_int_equal(record.decision, IMI_DECISION_VERIFIED);
    assert_int_equal(record.score_kind, IMI_SCORE_RAW);
    assert_string_equal(record.operating_point, "");
    imi_score_record score = only_score(f);
    assert_string_equal(score.session_id, record.session_id);
    assert_string_equal(score.purpose, PURPOSE_PLAIN);
    assert_string_equal(score.model_version, FIXTURE_MODEL_VERSION);
    assert_true(score.raw_similarity == record.similarity);
    assert_true(isnan(score.normalised_similarity));
    assert_string_equal(score.cohort_id, "");
    assert_int_equal(score.decision, IMI_DECISION_VERIFIED);
    assert_true(score.decisive && score.subject_verified);
    assert_string_equal(score.shadow_point, "");
    assert_int_equal(score.shadow_decision, IMI_DECISION_NONE);
    imi_token_claims claims = fixture_checked_token(f, record.session_id);
    assert_string_equal(claims.score_kind, "raw");
    assert_string_equal(claims.operating_point, "");
}

static void a_point_for_normalised_scores_decides_by_them(void **state)
{
    fixture *f = *state;
    draw_cohort(f);
    imi_point_record point = crowd_put_point(f, PURPOSE_PLAIN, IMI_SCORE_NORMALISED, 3.5, false);
    imi_session_record record = run_as(f, FIXTURE_PERSON, 0);
    assert_int_equal(record.decision, IMI_DECISION_VERIFIED);
    assert_int_equal(record.score_kind, IMI_SCORE_NORMALISED);
    assert_true(record.similarity > 3.5); /* no cosine */
    assert_string_equal(record.operating_point, point.point_id);
    imi_score_record score = only_score(f);
    assert_true(score.normalised_similarity == record.similarity);
    assert_true(score.raw_similarity > 0.9 && score.raw_similarity <= 1);
    assert_non_null(strstr(score.cohort_id, "cohort-"));
    assert_string_equal(score.operating_point, point.point_id);
    imi_token_claims claims = fixture_checked_token(f, record.session_id);
    assert_string_equal(claims.score_kind, "normalised");
    assert_string_equal(claims.operating_point, point.point_id);
    imi_service_counts counts;
    imi_service_count(f->service, &counts);
    assert_int_equal(counts.comparisons[IMI_SCORE_NORMALISED], 1);
}

static void the_approved_threshold_holds_not_the_tables(void **state)
{
    fixture *f = *state;
    draw_cohort(f);
    /* The table would take 3; the administrators approved what nobody reaches. */
    crowd_put_point(f, PURPOSE_PLAIN, IMI_SCORE_NORMALISED, 50, false);
    imi_session_record record = run_as(f, FIXTURE_PERSON, 0);
    assert_int_equal(record.decision, IMI_DECISION_REJECTED);
    assert_string_equal(record.reason, "non_match");
    assert_true(only_score(f).decisive);
}

static void another_person_is_no_match_by_normalised_scores(void **state)
{
    fixture *f = *state;
    draw_cohort(f);
    crowd_put_point(f, PURPOSE_PLAIN, IMI_SCORE_NORMALISED, 3.5, false);
    imi_session_record record = run_as(f, OTHER_PERSON, 0);
    assert_int_equal(record.decision, IMI_DECISION_REJECTED);
    assert_int_equal(record.score_kind, IMI_SCORE_NORMALISED);
    assert_false(only_score(f).subject_verified);
}

/* Raw scores lie below 1. A normalised threshold of -1 would accept every one of them. */
static void without_a_cohort_a_raw_score_is_never_judged_by_a_normalised_threshold(void **state)
{
    fixture *f = *state;
    imi_point_record point = crowd_put_point(f, PURPOSE_PLAIN, IMI_SCORE_NORMALISED, -1, false);
    imi_session_record record = run_as(f, OTHER_PERSON, 0);
    assert_int_equal(record.decision, IMI_DECISION_REJECTED);
    assert_int_equal(record.score_kind, IMI_SCORE_RAW);
    assert_string_equal(record.operating_point, point.point_id);
}

static void without_a_cohort_the_raw_threshold_of_the_same_target_decides(void **state)
{
    fixture *f = *state;
    crowd_put_point(f, PURPOSE_PLAIN, IMI_SCORE_NORMALISED, 1000, false);
    imi_session_record record = run_as(f, FIXTURE_PERSON, 0);
    assert_int_equal(record.decision, IMI_DECISION_VERIFIED);
    assert_int_equal(record.score_kind, IMI_SCORE_RAW);
    assert_string_equal(fixture_checked_token(f, record.session_id).score_kind, "raw");
}

static void a_shadow_is_recorded_and_has_no_effect(void **state)
{
    fixture *f = *state;
    draw_cohort(f);
    imi_point_record shadow = crowd_put_point(f, PURPOSE_PLAIN, IMI_SCORE_NORMALISED, 50, true);
    imi_session_record record = run_as(f, FIXTURE_PERSON, 0);
    assert_int_equal(record.decision, IMI_DECISION_VERIFIED);
    assert_int_equal(record.score_kind, IMI_SCORE_RAW);
    imi_score_record score = only_score(f);
    assert_string_equal(score.operating_point, "");
    assert_string_equal(score.shadow_point, shadow.point_id);
    assert_int_equal(score.decision, IMI_DECISION_VERIFIED);
    assert_int_equal(score.shadow_decision, IMI_DECISION_REJECTED);
}

static void a_lax_shadow_verifies_nobody(void **state)
{
    fixture *f = *state;
    draw_cohort(f);
    crowd_put_point(f, PURPOSE_PLAIN, IMI_SCORE_NORMALISED, -50, true);
    imi_session_record record = run_as(f, OTHER_PERSON, 0);
    assert_int_equal(record.decision, IMI_DECISION_REJECTED);
    assert_int_equal(only_score(f).shadow_decision, IMI_DECISION_VERIFIED);
}

static void a_comparison_that_did_not_decide_alone_is_not_decisive(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    p->look.pad_score = 1.5F; /* the networks give no score: a review, whatever the comparison */
    imi_created_session created = fixture_create(f, PURPOSE_STRICT);
    (void)phone_run(p, &created);
    imi_score_record score = only_score(f);
    assert_int_equal(score.decision, IMI_DECISION_REVIEW);
    assert_false(score.decisive);
    phone_destroy(&p);
}

static void a_capture_without_comparison_leaves_no_score(void **state)
{
    fixture *f = *state;
    assert_int_equal(imi_service_delete_reference(f->service, FIXTURE_PARTY, "ref_x", NULL),
                     IMI_E_NOT_FOUND);
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    assert_int_equal(imi_service_delete_reference(f->service, FIXTURE_PARTY, f->reference_id, NULL),
                     IMI_OK);
    (void)phone_run(p, &created);
    kept_scores all = {.count = 0};
    assert_int_equal(f->sqlite->visit_scores(f->sqlite, "", 0, keep_score, &all, NULL), IMI_OK);
    assert_int_equal(all.count, 0);
    phone_destroy(&p);
}

/* What calibrations use is brought up to the cohort when the person comes by. */
static void old_statistics_are_measured_again_at_a_comparison(void **state)
{
    fixture *f = *state;
    draw_cohort(f); /* the fixture's person was enrolled before */
    (void)run_as(f, FIXTURE_PERSON, 0);
    imi_subject_reference *loaded = imi_alloc_aligned(1, sizeof *loaded);
    assert_int_equal(imi_subject_reference_load(f->sqlite, f->reference_id, loaded, NULL), IMI_OK);
    assert_string_equal(loaded->statistics.cohort_id, only_score(f).cohort_id);
    imi_free(loaded);
}

/* ---- The function by itself ---- */

typedef struct trial {
    imi_template probe, reference;
    imi_score_request request;
    imi_scores scores;
} trial;

static void begin_trial(fixture *f, trial *t, uint32_t probe, uint32_t reference)
{
    *t = (trial){.probe = crowd_template(probe), .reference = crowd_template(reference)};
    t->request.point = imi_operating_points_acquire(f->service->points, PURPOSE_PLAIN);
    t->request.probes = &t->probe;
    t->request.references = &t->reference;
    t->request.probe_count = t->request.reference_count = 1;
}

static bool matches(const imi_rule_score *score)
{
    return imi_similarity_matches(score->comparison.similarity, score->threshold);
}

static void templates_of_other_models_are_not_compared(void **state)
{
    fixture *f = *state;
    trial *t = imi_alloc_aligned(1, sizeof *t);
    begin_trial(f, t, 1, 1);
    imi_copy_text(t->probe.vectors[0].model_id, IMI_MODEL_ID_SIZE, "other@1");
    assert_int_equal(imi_score_compare(&t->request, &t->scores, NULL), IMI_E_MODEL_MISMATCH);
    assert_true(isnan(t->scores.raw) && isnan(t->scores.normalised));
    assert_false(matches(&t->scores.active));
    assert_false(matches(&t->scores.shadow));
    imi_operating_point_release(&t->request.point);
    imi_free(t);
}

static void without_probes_or_references_nothing_is_compared(void **state)
{
    fixture *f = *state;
    trial *t = imi_alloc_aligned(1, sizeof *t);
    static const size_t counts[][2] = {
        {0, 1}, {1, 0}, {IMI_SCORE_PROBES_MAX + 1, 1}, {1, IMI_SCORE_REFERENCES_MAX + 1}};
    for (size_t i = 0; i < 4; i++) {
        begin_trial(f, t, 1, 1);
        t->request.probe_count = counts[i][0];
        t->request.reference_count = counts[i][1];
        assert_int_equal(imi_score_compare(&t->request, &t->scores, NULL), IMI_E_INVALID_ARGUMENT);
        assert_true(isnan(t->scores.raw));
        imi_operating_point_release(&t->request.point);
    }
    imi_free(t);
}

/* Scores of templates one by one, then all together. */
static void check_mean(fixture *f, const imi_cohort *cohort, const imi_template probes[2],
                       const imi_template references[3])
{
    imi_scores one, all;
    static const double shares[] = {0.25, 0.125, 0.125, 0.25, 0.125, 0.125};
    double raw = 0, normalised = 0;
    imi_score_request request = {
        .point = imi_operating_points_acquire(f->service->points, PURPOSE_PLAIN), .cohort = cohort};
    for (size_t i = 0; i < 6; i++) {
        request.probes = &probes[i / 3];
        request.references = &references[i % 3];
        request.probe_count = request.reference_count = 1;
        assert_int_equal(imi_score_compare(&request, &one, NULL), IMI_OK);
        raw += (double)one.raw * shares[i];
        normalised += (double)one.normalised * shares[i];
    }
    request.probes = probes;
    request.references = references;
    request.probe_count = 2;
    request.reference_count = 3;
    assert_int_equal(imi_score_compare(&request, &all, NULL), IMI_OK);
    assert_true(fabs((double)all.raw - raw) < 1e-6);
    assert_true(fabs((double)all.normalised - normalised) < 1e-5);
    assert_true(all.active.comparison.similarity == all.raw);
    assert_true(all.active.comparison.fmr ==
                imi_scorer_fmr_at(request.point->active.scorer, IMI_SCORE_RAW, all.raw));
    imi_operating_point_release(&request.point);
}

static void several_templates_give_a_mean_in_which_the_portrait_counts_half(void **state)
{
    fixture *f = *state;
    draw_cohort(f);
    IMI_AUTO(imi_shared_cohort)
    shared = imi_cohort_keeper_acquire(imi_service_cohorts(f->service));
    imi_template *templates = imi_alloc_aligned(5, sizeof *templates);
    for (uint32_t i = 0; i < 5; i++) {
        templates[i] = crowd_template(1000 + i);
    }
    check_mean(f, shared->cohort, templates, templates + 2);
    imi_free(templates);
}

static void the_most_typical_probe_is_the_one_like_all(void **state)
{
    fixture *f = *state;
    imi_probes *probes = imi_alloc_aligned(1, sizeof *probes);
    imi_template fused = crowd_template(2);
    assert_int_equal(imi_probes_most_typical(probes, &fused, f->scorer), 0);
    probes->count = 3;
    for (uint32_t i = 0; i < 3; i++) {
        probes->templates[i] = crowd_template(i);
    }
    assert_int_equal(imi_probes_most_typical(probes, &fused, f->scorer), 2);
    imi_free(probes);
}

static void scores_of_nothing_never_match(void **state)
{
    (void)state;
    imi_scores scores;
    imi_scores_init(&scores);
    assert_false(matches(&scores.active));
    scores.active.threshold = (double)-INFINITY;
    assert_false(matches(&scores.active));
    scores.active.comparison.similarity = 0.9F;
    scores.active.threshold = (double)NAN;
    assert_false(matches(&scores.active));
}

static void statistics_of_another_cohort_are_not_used(void **state)
{
    fixture *f = *state;
    draw_cohort(f);
    IMI_AUTO(imi_shared_cohort)
    shared = imi_cohort_keeper_acquire(imi_service_cohorts(f->service));
    trial *t = imi_alloc_aligned(1, sizeof *t);
    begin_trial(f, t, 1, 1);
    imi_cohort_statistics foreign = {
        .cohort_id = "cohort-0000000000000000", .count = 1, .mean = {-90}, .deviation = {0.001F}};
    t->request.cohort = shared->cohort;
    t->request.first_statistics = &foreign;
    assert_int_equal(imi_score_compare(&t->request, &t->scores, NULL), IMI_OK);
    assert_string_equal(t->scores.first_statistics.cohort_id, imi_cohort_id(shared->cohort));
    assert_true(t->scores.normalised < 100);
    imi_operating_point_release(&t->request.point);
    imi_free(t);
}

/* As after an upgrade that changed the formula under an approved calibration. */
static void a_calibration_of_another_formula_is_judged_by_raw_scores(void **state)
{
    static const char other_shares[] =
        "{\"version\": \"old.1\", \"measured_on\": \"a crowd\", \"made_at\": \"2026-01-01\","
        " \"models\": [{\"id\": \"" SCENE_MODEL_ID "\","
        " \"weights\": {\"raw\": 1, \"normalised\": 1},"
        " \"normalisation\": {\"mean\": 0.5, \"deviation\": 0.5}}],"
        " \"tables\": {\"raw\": {\"comparisons\": 1000000, \"fmr_floor\": 1e-5,"
        " \"groups\": {\"all\": {\"comparisons\": 1000000}},"
        " \"knots\": [[-1, 1], [0.9, 1e-5]]},"
        " \"normalised\": {\"comparisons\": 1000000, \"fmr_floor\": 1e-5,"
        " \"groups\": {\"all\": {\"comparisons\": 1000000}},"
        " \"knots\": [[-100, 1], [5, 1e-5]]}}}";
    fixture *f = *state;
    draw_cohort(f);
    IMI_AUTO(imi_shared_cohort)
    shared = imi_cohort_keeper_acquire(imi_service_cohorts(f->service));
    IMI_AUTO(imi_scorer) old = NULL;
    assert_int_equal(imi_scorer_parse(imi_view_of_text(other_shares), &old, NULL), IMI_OK);
    assert_false(imi_cohort_fits(shared->cohort, old));
    trial *t = imi_alloc_aligned(1, sizeof *t);
    begin_trial(f, t, 1, 1);
    imi_operating_point point = *t->request.point;
    imi_operating_point_release(&t->request.point);
    point.active.scorer = old;
    point.active.kind = IMI_SCORE_NORMALISED;
    t->request.point = &point;
    t->request.cohort = shared->cohort;
    assert_int_equal(imi_score_compare(&t->request, &t->scores, NULL), IMI_OK);
    assert_true(isnan(t->scores.normalised));
    assert_int_equal(t->scores.active.comparison.kind, IMI_SCORE_RAW);
    imi_free(t);
}

int main(void)
{
    fixture_prefer_memory();
#define SCORE_TEST(function)                                                                       \
    cmocka_unit_test_setup_teardown(function, fixture_set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        SCORE_TEST(without_a_cohort_the_raw_score_decides_and_is_recorded),
        SCORE_TEST(a_point_for_normalised_scores_decides_by_them),
        SCORE_TEST(the_approved_threshold_holds_not_the_tables),
        SCORE_TEST(another_person_is_no_match_by_normalised_scores),
        SCORE_TEST(without_a_cohort_a_raw_score_is_never_judged_by_a_normalised_threshold),
        SCORE_TEST(without_a_cohort_the_raw_threshold_of_the_same_target_decides),
        SCORE_TEST(a_shadow_is_recorded_and_has_no_effect),
        SCORE_TEST(a_lax_shadow_verifies_nobody),
        SCORE_TEST(a_comparison_that_did_not_decide_alone_is_not_decisive),
        SCORE_TEST(a_capture_without_comparison_leaves_no_score),
        SCORE_TEST(old_statistics_are_measured_again_at_a_comparison),
        SCORE_TEST(templates_of_other_models_are_not_compared),
        SCORE_TEST(without_probes_or_references_nothing_is_compared),
        SCORE_TEST(several_templates_give_a_mean_in_which_the_portrait_counts_half),
        SCORE_TEST(the_most_typical_probe_is_the_one_like_all),
        SCORE_TEST(scores_of_nothing_never_match),
        SCORE_TEST(statistics_of_another_cohort_are_not_used),
        SCORE_TEST(a_calibration_of_another_formula_is_judged_by_raw_scores),
    };
    return cmocka_run_group_tests_name("session: scores", tests, NULL, NULL);
}
