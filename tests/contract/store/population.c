/* References beside each other, their statistics, cohorts drawn from them, and scores. */
#include "fixture.h"

#include "imi/memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static imi_status put(const imi_reference_record *record, const char *template_blob)
{
    return g_store->put_reference(g_store, record, imi_view_of_text(template_blob), &g_err);
}

static imi_reference_record enrol(const char *subject_id)
{
    imi_reference_record record = sample_reference();
    assert_true(imi_copy_text(record.subject_id, sizeof record.subject_id, subject_id));
    OK(put(&record, subject_id));
    return record;
}

static imi_reference_record add_to(const imi_reference_record *primary)
{
    imi_reference_record record = sample_additional(primary);
    OK(put(&record, "additional"));
    return record;
}

/* What a visit saw. */
typedef struct seen {
    imi_reference_record records[16];
    char templates[16][64];
    char statistics[16][64];
    size_t count;
    size_t stop_at; /* 0 = never */
} seen;

static imi_status look(void *user, const imi_reference_record *record, imi_view template_blob,
                       imi_view statistics_blob, imi_error *err)
{
    seen *all = user;
    if (all->stop_at > 0 && all->count + 1 == all->stop_at) {
        IMI_FAIL(err, IMI_E_CANCELLED, "enough");
    }
    assert_true(all->count < 16);
    all->records[all->count] = *record;
    snprintf(all->templates[all->count], 64, "%.*s", (int)template_blob.size,
             (const char *)template_blob.data);
    snprintf(all->statistics[all->count], 64, "%.*s", (int)statistics_blob.size,
             statistics_blob.size == 0 ? "" : (const char *)statistics_blob.data);
    all->count++;
    return IMI_OK;
}

static seen visit(const imi_reference_query *query)
{
    seen all = {.count = 0};
    OK(g_store->visit_references(g_store, query, look, &all, &g_err));
    return all;
}

static size_t count_visited(const imi_reference_query *query)
{
    return visit(query).count;
}

/* Kinds and attributes */

static void every_field_of_a_reference_comes_back(void **state)
{
    (void)state;
    imi_reference_record primary = enrol("subject-1"), got;
    imi_reference_record additional = add_to(&primary);
    OK(g_store->get_reference(g_store, primary.reference_id, &got, NULL, &g_err));
    assert_references_equal(&primary, &got);
    OK(g_store->get_reference(g_store, additional.reference_id, &got, NULL, &g_err));
    assert_references_equal(&additional, &got);
}

static void a_reference_of_no_kind_is_refused(void **state)
{
    (void)state;
    imi_reference_record record = sample_reference();
    record.kind = IMI_REFERENCE_NONE;
    REFUSES(put(&record, "t"), IMI_E_INVALID_ARGUMENT);
    record.kind = (imi_reference_kind)3;
    REFUSES(put(&record, "t"), IMI_E_INVALID_ARGUMENT);
}

static void attributes_out_of_range_are_refused(void **state)
{
    (void)state;
    static const int decades[] = {-10, 1955, 10, 1790, 2210};
    for (size_t i = 0; i < sizeof decades / sizeof decades[0]; i++) {
        imi_reference_record record = sample_reference();
        record.birth_decade = decades[i];
        REFUSES(put(&record, "t"), IMI_E_INVALID_ARGUMENT);
    }
    imi_reference_record record = sample_reference();
    record.sex = (imi_sex)3;
    REFUSES(put(&record, "t"), IMI_E_INVALID_ARGUMENT);
}

static void a_primary_reference_has_no_parent(void **state)
{
    (void)state;
    imi_reference_record primary = enrol("subject-1");
    imi_reference_record record = sample_additional(&primary);
    record.kind = IMI_REFERENCE_PRIMARY;
    REFUSES(put(&record, "t"), IMI_E_INVALID_ARGUMENT);
}

static void an_additional_reference_needs_a_primary_one(void **state)
{
    (void)state;
    imi_reference_record primary = sample_reference();
    imi_reference_record record = sample_additional(&primary);
    REFUSES(put(&record, "t"), IMI_E_NOT_FOUND);
    record.parent_id[0] = '\0';
    REFUSES(put(&record, "t"), IMI_E_INVALID_ARGUMENT);
}

static void an_additional_reference_is_no_parent(void **state)
{
    (void)state;
    imi_reference_record primary = enrol("subject-1");
    imi_reference_record first = add_to(&primary);
    imi_reference_record second = sample_additional(&first);
    REFUSES(put(&second, "t"), IMI_E_NOT_FOUND);
}

static void an_additional_reference_is_of_its_parents_subject_and_party(void **state)
{
    (void)state;
    imi_reference_record primary = enrol("subject-1");
    imi_reference_record record = sample_additional(&primary);
    imi_copy_text(record.subject_id, sizeof record.subject_id, "subject-2");
    REFUSES(put(&record, "t"), IMI_E_NOT_FOUND);
    record = sample_additional(&primary);
    imi_copy_text(record.relying_party, sizeof record.relying_party, "another");
    REFUSES(put(&record, "t"), IMI_E_NOT_FOUND);
}

static void erasing_a_primary_reference_erases_the_additional_ones(void **state)
{
    (void)state;
    imi_reference_record primary = enrol("subject-1"), other = enrol("subject-2"), got;
    imi_reference_record mine = add_to(&primary), theirs = add_to(&other);
    OK(g_store->delete_reference(g_store, primary.reference_id, &g_err));
    REFUSES(g_store->get_reference(g_store, mine.reference_id, &got, NULL, &g_err),
            IMI_E_NOT_FOUND);
    OK(g_store->get_reference(g_store, theirs.reference_id, &got, NULL, &g_err));
}

static void erasing_an_additional_reference_leaves_the_primary_one(void **state)
{
    (void)state;
    imi_reference_record primary = enrol("subject-1"), got;
    imi_reference_record first = add_to(&primary), second = add_to(&primary);
    OK(g_store->delete_reference(g_store, first.reference_id, &g_err));
    OK(g_store->get_reference(g_store, primary.reference_id, &got, NULL, &g_err));
    OK(g_store->get_reference(g_store, second.reference_id, &got, NULL, &g_err));
}

/* Visits */

static void a_visit_shows_records_templates_and_statistics(void **state)
{
    (void)state;
    imi_reference_record record = enrol("subject-1");
    OK(g_store->put_statistics(g_store, record.reference_id, imi_view_of_text("stats"), &g_err));
    imi_reference_query all_of_them = {.limit = 0};
    seen all = visit(&all_of_them);
    assert_int_equal(all.count, 1);
    assert_references_equal(&all.records[0], &record);
    assert_string_equal(all.templates[0], "subject-1");
    assert_string_equal(all.statistics[0], "stats");
}

static void a_reference_without_statistics_shows_none(void **state)
{
    (void)state;
    enrol("subject-1");
    imi_reference_query all_of_them = {.limit = 0};
    assert_string_equal(visit(&all_of_them).statistics[0], "");
}

static void pages_of_a_visit_show_every_reference_once_in_order(void **state)
{
    (void)state;
    for (int i = 0; i < 7; i++) {
        enrol("subject-1");
    }
    imi_reference_query page = {.limit = 3};
    char last[IMI_ID_SIZE] = "";
    size_t total = 0;
    for (seen got = visit(&page); got.count > 0; got = visit(&page)) {
        assert_true(got.count <= 3);
        for (size_t i = 0; i < got.count; i++) {
            assert_true(strcmp(got.records[i].reference_id, last) > 0);
            imi_copy_text(last, sizeof last, got.records[i].reference_id);
        }
        total += got.count;
        imi_copy_text(page.after_id, sizeof page.after_id, last);
    }
    assert_int_equal(total, 7);
}

static void a_visit_selects_by_every_field(void **state)
{
    (void)state;
    imi_reference_record primary = enrol("subject-1");
    add_to(&primary);
    enrol("subject-2");
    imi_reference_record foreign = sample_reference();
    imi_copy_text(foreign.relying_party, sizeof foreign.relying_party, "another");
    imi_copy_text(foreign.model_version, sizeof foreign.model_version, "older");
    OK(put(&foreign, "t"));

    assert_int_equal(count_visited(&(imi_reference_query){.limit = 0}), 4);
    assert_int_equal(count_visited(&(imi_reference_query){.relying_party = "another"}), 1);
    assert_int_equal(count_visited(&(imi_reference_query){.subject_id = "subject-1"}), 3);
    assert_int_equal(count_visited(&(imi_reference_query){.relying_party = "relying-party",
                                                          .subject_id = "subject-1"}),
                     2);
    assert_int_equal(count_visited(&(imi_reference_query){.relying_party = "another",
                                                          .subject_id = "subject-2"}),
                     0);
    assert_int_equal(count_visited(&(imi_reference_query){.model_version = "older"}), 1);
    imi_reference_query children = {.relying_party = "relying-party"};
    imi_copy_text(children.parent_id, sizeof children.parent_id, primary.reference_id);
    assert_int_equal(count_visited(&children), 1);
    imi_copy_text(children.relying_party, sizeof children.relying_party, "another");
    assert_int_equal(count_visited(&children), 0);
}

static void a_visitor_can_end_the_visit(void **state)
{
    (void)state;
    enrol("subject-1");
    enrol("subject-2");
    imi_reference_query all_of_them = {.limit = 0};
    seen all = {.stop_at = 2};
    REFUSES(g_store->visit_references(g_store, &all_of_them, look, &all, &g_err), IMI_E_CANCELLED);
    assert_int_equal(all.count, 1);
    assert_int_equal(count_visited(&all_of_them), 2);
}

static void counting_tells_primary_references_and_subjects_of_a_model(void **state)
{
    (void)state;
    imi_reference_record primary = enrol("subject-1");
    add_to(&primary);
    enrol("subject-1");
    enrol("subject-2");
    imi_reference_record older = sample_reference();
    imi_copy_text(older.model_version, sizeof older.model_version, "older");
    OK(put(&older, "t"));
    int64_t references = -1, subjects = -1;
    OK(g_store->count_references(g_store, primary.model_version, &references, &subjects, &g_err));
    assert_int_equal(references, 3);
    assert_int_equal(subjects, 2);
    OK(g_store->count_references(g_store, "unknown", &references, &subjects, &g_err));
    assert_int_equal(references, 0);
    assert_int_equal(subjects, 0);
}

static void one_name_at_two_relying_parties_is_two_subjects(void **state)
{
    (void)state;
    enrol("subject-1");
    imi_reference_record foreign = sample_reference();
    imi_copy_text(foreign.relying_party, sizeof foreign.relying_party, "another");
    OK(put(&foreign, "t"));
    int64_t references = -1, subjects = -1;
    OK(g_store->count_references(g_store, foreign.model_version, &references, &subjects, &g_err));
    assert_int_equal(subjects, 2);
}

static void newer_statistics_take_the_place_of_older_ones(void **state)
{
    (void)state;
    imi_reference_record record = enrol("subject-1");
    OK(g_store->put_statistics(g_store, record.reference_id, imi_view_of_text("old"), &g_err));
    OK(g_store->put_statistics(g_store, record.reference_id, imi_view_of_text("new"), &g_err));
    imi_reference_query all_of_them = {.limit = 0};
    assert_string_equal(visit(&all_of_them).statistics[0], "new");
}

static void statistics_of_an_unknown_reference_are_not_found(void **state)
{
    (void)state;
    REFUSES(g_store->put_statistics(g_store, "ref_x", imi_view_of_text("s"), &g_err),
            IMI_E_NOT_FOUND);
}

static void empty_statistics_are_refused(void **state)
{
    (void)state;
    imi_reference_record record = enrol("subject-1");
    REFUSES(g_store->put_statistics(g_store, record.reference_id, (imi_view){NULL, 0}, &g_err),
            IMI_E_INVALID_ARGUMENT);
}

/* Cohorts */

static imi_status put_cohort(const imi_cohort_record *cohort, const imi_reference_record *members,
                             size_t count)
{
    char ids[4][IMI_ID_SIZE] = {""};
    for (size_t i = 0; i < count; i++) {
        imi_copy_text(ids[i], IMI_ID_SIZE, members[i].reference_id);
    }
    return g_store->put_cohort(g_store, cohort, (const char(*)[IMI_ID_SIZE])ids, count, &g_err);
}

static imi_status newest_cohort(imi_cohort_record *out, seen *members)
{
    *members = (seen){.count = 0};
    return g_store->visit_newest_cohort(g_store, "one@0123456789ab", out, look, members, &g_err);
}

static void a_cohort_comes_back_with_its_members(void **state)
{
    (void)state;
    imi_reference_record members[] = {enrol("subject-1"), enrol("subject-2")};
    enrol("subject-3");
    imi_cohort_record cohort = sample_cohort(), got;
    OK(put_cohort(&cohort, members, 2));
    seen all;
    OK(newest_cohort(&got, &all));
    assert_string_equal(got.cohort_id, cohort.cohort_id);
    assert_string_equal(got.model_version, cohort.model_version);
    assert_int_equal(got.created_ms, cohort.created_ms);
    assert_int_equal(got.population, cohort.population);
    assert_int_equal(all.count, 2);
    assert_string_not_equal(all.templates[0], "subject-3");
    assert_string_not_equal(all.templates[1], "subject-3");
}

static void the_cohort_put_last_is_the_newest(void **state)
{
    (void)state;
    imi_reference_record members[] = {enrol("subject-1"), enrol("subject-2")};
    imi_cohort_record first = sample_cohort(), second = sample_cohort(), got;
    OK(put_cohort(&first, members, 2));
    second.created_ms = first.created_ms - 1; /* as when a clock was set back */
    OK(put_cohort(&second, members, 1));
    seen all;
    OK(newest_cohort(&got, &all));
    assert_string_equal(got.cohort_id, second.cohort_id);
    assert_int_equal(all.count, 1);
}

/* The same people drawn again have the same cohort. */
static void a_cohort_that_is_put_again_replaces_itself(void **state)
{
    (void)state;
    imi_reference_record members[] = {enrol("subject-1"), enrol("subject-2")};
    imi_cohort_record cohort = sample_cohort(), later = sample_cohort(), got;
    OK(put_cohort(&cohort, members, 2));
    OK(put_cohort(&later, members, 1));
    cohort.created_ms++;
    OK(put_cohort(&cohort, members, 2));
    seen all;
    OK(newest_cohort(&got, &all));
    assert_string_equal(got.cohort_id, cohort.cohort_id);
    assert_int_equal(got.created_ms, cohort.created_ms);
    assert_int_equal(all.count, 2);
}

static void an_erased_reference_leaves_its_cohort(void **state)
{
    (void)state;
    imi_reference_record members[] = {enrol("subject-1"), enrol("subject-2")};
    imi_cohort_record cohort = sample_cohort(), got;
    OK(put_cohort(&cohort, members, 2));
    OK(g_store->delete_reference(g_store, members[0].reference_id, &g_err));
    seen all;
    OK(newest_cohort(&got, &all));
    assert_int_equal(all.count, 1);
    assert_string_equal(all.records[0].reference_id, members[1].reference_id);
}

static void a_cohort_with_an_erased_reference_is_not_put(void **state)
{
    (void)state;
    imi_reference_record members[] = {enrol("subject-1"), sample_reference()};
    imi_cohort_record cohort = sample_cohort(), got;
    REFUSES(put_cohort(&cohort, members, 2), IMI_E_NOT_FOUND);
    seen all;
    REFUSES(newest_cohort(&got, &all), IMI_E_NOT_FOUND);
}

static void a_refused_cohort_leaves_the_one_before(void **state)
{
    (void)state;
    imi_reference_record members[] = {enrol("subject-1"), sample_reference()};
    imi_cohort_record first = sample_cohort(), second = sample_cohort(), got;
    OK(put_cohort(&first, members, 1));
    REFUSES(put_cohort(&second, members, 2), IMI_E_NOT_FOUND);
    REFUSES(put_cohort(&first, members, 2), IMI_E_NOT_FOUND); /* neither does it lose itself */
    seen all;
    OK(newest_cohort(&got, &all));
    assert_string_equal(got.cohort_id, first.cohort_id);
    assert_int_equal(all.count, 1);
}

static void a_cohort_without_id_or_members_is_refused(void **state)
{
    (void)state;
    imi_reference_record member = enrol("subject-1");
    imi_cohort_record cohort = sample_cohort();
    REFUSES(put_cohort(&cohort, &member, 0), IMI_E_INVALID_ARGUMENT);
    cohort.cohort_id[0] = '\0';
    REFUSES(put_cohort(&cohort, &member, 1), IMI_E_INVALID_ARGUMENT);
}

static void cohorts_belong_to_a_model_version(void **state)
{
    (void)state;
    imi_reference_record member = enrol("subject-1");
    imi_cohort_record mine = sample_cohort(), other = sample_cohort(), got;
    OK(put_cohort(&mine, &member, 1));
    imi_copy_text(other.model_version, sizeof other.model_version, "older");
    OK(put_cohort(&other, &member, 1));
    seen all;
    OK(newest_cohort(&got, &all));
    assert_string_equal(got.cohort_id, mine.cohort_id);
    assert_int_equal(all.count, 1);
}

/* Scores */

static imi_session_record create(void)
{
    imi_session_record record = sample_session();
    imi_event_record event = sample_event("created");
    OK(g_store->create_session(g_store, &record, &event, &g_err));
    return record;
}

static imi_status score_session(imi_session_record *record, const imi_score_record *score)
{
    imi_event_record event = sample_event("captured");
    imi_session_extras extras = {.score = score};
    return g_store->update_session(g_store, record, &event, &extras, &g_err);
}

typedef struct scores {
    imi_score_record records[8];
    size_t count;
} scores;

static imi_status keep_score(void *user, const imi_score_record *record, imi_error *err)
{
    scores *all = user;
    if (all->count == 8) {
        IMI_FAIL(err, IMI_E_EXHAUSTED, "more scores than the test has room for");
    }
    all->records[all->count++] = *record;
    return IMI_OK;
}

static scores visit_scores(const char *purpose, int64_t since_ms)
{
    scores all = {.count = 0};
    OK(g_store->visit_scores(g_store, purpose, since_ms, keep_score, &all, &g_err));
    return all;
}

static void a_score_comes_back_with_its_session(void **state)
{
    (void)state;
    imi_session_record session = create();
    imi_score_record put_in = sample_score();
    OK(score_session(&session, &put_in));
    scores all = visit_scores("", 0);
    assert_int_equal(all.count, 1);
    const imi_score_record *got = &all.records[0];
    assert_string_equal(got->session_id, session.session_id);
    assert_int_equal(got->at_ms, put_in.at_ms);
    assert_string_equal(got->purpose, put_in.purpose);
    assert_string_equal(got->model_version, put_in.model_version);
    assert_true(got->raw_similarity == put_in.raw_similarity);
    assert_true(got->normalised_similarity == put_in.normalised_similarity);
    assert_string_equal(got->cohort_id, put_in.cohort_id);
    assert_true(got->decisive);
    assert_int_equal(got->decision, put_in.decision);
    assert_string_equal(got->operating_point, put_in.operating_point);
    assert_string_equal(got->shadow_point, put_in.shadow_point);
    assert_int_equal(got->shadow_decision, put_in.shadow_decision);
    assert_false(got->subject_verified);
}

static void scores_that_do_not_exist_come_back_as_nan(void **state)
{
    (void)state;
    imi_session_record session = create();
    imi_score_record score = sample_score();
    score.raw_similarity = score.normalised_similarity = (double)NAN;
    OK(score_session(&session, &score));
    scores all = visit_scores("", 0);
    assert_true(isnan(all.records[0].raw_similarity));
    assert_true(isnan(all.records[0].normalised_similarity));
}

static void every_score_tells_how_its_session_ended(void **state)
{
    (void)state;
    imi_session_record session = create();
    imi_score_record score = sample_score();
    score.decision = IMI_DECISION_RETRY;
    OK(score_session(&session, &score));
    decide_sample(&session);
    score.decision = IMI_DECISION_VERIFIED;
    OK(score_session(&session, &score));
    scores all = visit_scores("", 0);
    assert_int_equal(all.count, 2);
    assert_int_equal(all.records[0].decision, IMI_DECISION_RETRY);
    assert_true(all.records[0].subject_verified && all.records[1].subject_verified);
}

static void scores_are_selected_by_purpose_and_time_oldest_first(void **state)
{
    (void)state;
    imi_session_record session = create();
    static const int64_t times[] = {300, 100, 200};
    for (size_t i = 0; i < 3; i++) {
        imi_score_record score = sample_score();
        score.at_ms = times[i];
        OK(score_session(&session, &score));
    }
    imi_score_record other = sample_score();
    imi_copy_text(other.purpose, sizeof other.purpose, "pension");
    OK(score_session(&session, &other));
    scores all = visit_scores("demo", 200);
    assert_int_equal(all.count, 2);
    assert_int_equal(all.records[0].at_ms, 200);
    assert_int_equal(all.records[1].at_ms, 300);
    assert_int_equal(visit_scores("", 0).count, 4);
    assert_int_equal(visit_scores("unknown", 0).count, 0);
}

static void a_score_of_a_conflicting_update_is_not_kept(void **state)
{
    (void)state;
    imi_session_record session = create(), outdated = session;
    OK(score_session(&session, NULL));
    imi_score_record score = sample_score();
    REFUSES(score_session(&outdated, &score), IMI_E_CONFLICT);
    assert_int_equal(visit_scores("", 0).count, 0);
}

static void a_score_with_an_invented_decision_is_refused_with_its_update(void **state)
{
    (void)state;
    imi_session_record session = create(), got;
    imi_score_record score = sample_score();
    score.shadow_decision = (imi_decision)5;
    REFUSES(score_session(&session, &score), IMI_E_INVALID_ARGUMENT);
    OK(g_store->get_session(g_store, session.session_id, &got, &g_err));
    assert_int_equal(got.version, 1);
}

static void a_session_with_an_invented_score_kind_is_refused(void **state)
{
    (void)state;
    imi_session_record session = create();
    session.score_kind = 3;
    REFUSES(score_session(&session, NULL), IMI_E_INVALID_ARGUMENT);
    session.score_kind = -1;
    REFUSES(score_session(&session, NULL), IMI_E_INVALID_ARGUMENT);
}

int store_population_run(const char *name, const store_factory *factory)
{
    g_factory = factory;
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_store, drop_store)
    const struct CMUnitTest tests[] = {
        TEST(every_field_of_a_reference_comes_back),
        TEST(a_reference_of_no_kind_is_refused),
        TEST(attributes_out_of_range_are_refused),
        TEST(a_primary_reference_has_no_parent),
        TEST(an_additional_reference_needs_a_primary_one),
        TEST(an_additional_reference_is_no_parent),
        TEST(an_additional_reference_is_of_its_parents_subject_and_party),
        TEST(erasing_a_primary_reference_erases_the_additional_ones),
        TEST(erasing_an_additional_reference_leaves_the_primary_one),
        TEST(a_visit_shows_records_templates_and_statistics),
        TEST(a_reference_without_statistics_shows_none),
        TEST(pages_of_a_visit_show_every_reference_once_in_order),
        TEST(a_visit_selects_by_every_field),
        TEST(a_visitor_can_end_the_visit),
        TEST(counting_tells_primary_references_and_subjects_of_a_model),
        TEST(one_name_at_two_relying_parties_is_two_subjects),
        TEST(newer_statistics_take_the_place_of_older_ones),
        TEST(statistics_of_an_unknown_reference_are_not_found),
        TEST(empty_statistics_are_refused),
        TEST(a_cohort_comes_back_with_its_members),
        TEST(the_cohort_put_last_is_the_newest),
        TEST(a_cohort_that_is_put_again_replaces_itself),
        TEST(an_erased_reference_leaves_its_cohort),
        TEST(a_cohort_with_an_erased_reference_is_not_put),
        TEST(a_refused_cohort_leaves_the_one_before),
        TEST(a_cohort_without_id_or_members_is_refused),
        TEST(cohorts_belong_to_a_model_version),
        TEST(a_score_comes_back_with_its_session),
        TEST(scores_that_do_not_exist_come_back_as_nan),
        TEST(every_score_tells_how_its_session_ended),
        TEST(scores_are_selected_by_purpose_and_time_oldest_first),
        TEST(a_score_of_a_conflicting_update_is_not_kept),
        TEST(a_score_with_an_invented_decision_is_refused_with_its_update),
        TEST(a_session_with_an_invented_score_kind_is_refused),
    };
#undef TEST
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
