/* Likely duplicates and the cohort, as administrators see them. */
#include "office.h"

#include "imi/cohort.h"

#include <stdio.h>
#include <string.h>

static void enrol(office *o, const char *reference_id, const char *subject)
{
    imi_error err = IMI_ERROR_INIT;
    imi_reference_record record = {
        .quality = 0.9, .created_ms = o->clock.now_ms, .kind = IMI_REFERENCE_PRIMARY};
    imi_copy_text(record.reference_id, sizeof record.reference_id, reference_id);
    imi_copy_text(record.relying_party, sizeof record.relying_party, STRANGER);
    imi_copy_text(record.subject_id, sizeof record.subject_id, subject);
    imi_copy_text(record.model_version, sizeof record.model_version, OFFICE_MODELS);
    office_ok(o->store->put_reference(o->store, &record, imi_view_of_text("template"), &err), &err);
}

static void put_pair(office *o, const char *a, const char *b, double fmr)
{
    imi_error err = IMI_ERROR_INIT;
    imi_duplicate_record record = {.found_ms = o->clock.now_ms, .fmr = fmr};
    imi_copy_text(record.reference_a, sizeof record.reference_a, a);
    imi_copy_text(record.reference_b, sizeof record.reference_b, b);
    office_ok(o->store->put_duplicates(o->store, &record, 1, &err), &err);
}

static size_t list(office *o, bool open_only, size_t skip, imi_duplicate_view *out, size_t capacity)
{
    imi_error err = IMI_ERROR_INIT;
    size_t count = 0;
    office_ok(imi_administration_list_duplicates(o->administration, FIRST, open_only, skip, out,
                                                 capacity, &count, &err),
              &err);
    return count;
}

static void pairs_are_listed_with_their_subjects_most_alike_first(void **state)
{
    office *o = *state;
    enrol(o, "ref_1", "anna");
    enrol(o, "ref_2", "berta");
    enrol(o, "ref_3", "clara");
    put_pair(o, "ref_1", "ref_2", 1e-6);
    put_pair(o, "ref_1", "ref_3", 1e-8);
    imi_duplicate_view pairs[4];
    assert_int_equal(list(o, true, 0, pairs, 4), 2);
    assert_string_equal(pairs[0].record.reference_b, "ref_3");
    assert_string_equal(pairs[0].subject_a, "anna");
    assert_string_equal(pairs[0].subject_b, "clara");
    assert_string_equal(pairs[1].subject_b, "berta");
    assert_int_equal(list(o, true, 1, pairs, 4), 1);
    assert_int_equal(list(o, true, 0, pairs, 1), 1);
}

static void a_review_is_kept_with_its_author_in_either_order(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    enrol(o, "ref_1", "anna");
    enrol(o, "ref_2", "berta");
    put_pair(o, "ref_1", "ref_2", 1e-6);
    imi_duplicate_review review = {"ref_2", "ref_1", "different_people", "twins"};
    office_ok(imi_administration_review_duplicate(o->administration, SECOND, &review, &err), &err);
    imi_duplicate_view pair;
    assert_int_equal(list(o, true, 0, &pair, 1), 0);
    assert_int_equal(list(o, false, 0, &pair, 1), 1);
    assert_string_equal(pair.record.verdict, "different_people");
    assert_string_equal(pair.record.reviewed_by, SECOND);
    assert_string_equal(pair.record.note, "twins");
    imi_audit_record line;
    assert_int_equal(office_audit(o, &line, 1), 1);
    assert_string_equal(line.action, "duplicate.review");
    assert_null(strstr(line.detail, "twins")); /* remarks may hold what an audit trail must not */
}

static void reviews_without_a_known_verdict_are_refused(void **state)
{
    office *o = *state;
    enrol(o, "ref_1", "anna");
    enrol(o, "ref_2", "berta");
    put_pair(o, "ref_1", "ref_2", 1e-6);
    const char *const bad[] = {"", "same", "SAME_PERSON", "open"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        imi_duplicate_review review = {"ref_1", "ref_2", bad[i], ""};
        assert_int_equal(
            imi_administration_review_duplicate(o->administration, FIRST, &review, NULL),
            IMI_E_INVALID_ARGUMENT);
    }
    static char note[300];
    memset(note, 'x', sizeof note - 1);
    imi_duplicate_review review = {"ref_1", "ref_2", "same_person", note};
    assert_int_equal(imi_administration_review_duplicate(o->administration, FIRST, &review, NULL),
                     IMI_E_INVALID_ARGUMENT);
}

static void pairs_that_are_not_there_are_not_found(void **state)
{
    office *o = *state;
    imi_audit_record line;
    const imi_duplicate_review reviews[] = {
        {"ref_1", "ref_2", "same_person", ""},
        {"", "", "same_person", ""},
        {"a-name-that-is-longer-than-any-identifier", "b", "same_person", ""},
    };
    for (size_t i = 0; i < sizeof reviews / sizeof reviews[0]; i++) {
        assert_int_equal(
            imi_administration_review_duplicate(o->administration, FIRST, &reviews[i], NULL),
            IMI_E_NOT_FOUND);
    }
    assert_int_equal(office_audit(o, &line, 1), 0);
}

static void without_a_cohort_the_number_of_people_is_told(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    enrol(o, "ref_1", "anna");
    enrol(o, "ref_2", "anna");
    enrol(o, "ref_3", "berta");
    imi_cohort_summary cohort;
    office_ok(imi_administration_cohort(o->administration, FIRST, &cohort, &err), &err);
    assert_string_equal(cohort.record.cohort_id, "");
    assert_int_equal(cohort.size, 0);
    assert_int_equal(cohort.enrolled, 2);
}

static void a_cohort_is_told_by_its_numbers(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    char members[3][IMI_ID_SIZE] = {"ref_1", "ref_2", "ref_3"};
    for (size_t i = 0; i < 3; i++) {
        char subject[16];
        snprintf(subject, sizeof subject, "person-%zu", i);
        enrol(o, members[i], subject);
    }
    imi_cohort_record record = {.created_ms = o->clock.now_ms, .population = 3};
    imi_copy_text(record.cohort_id, sizeof record.cohort_id, "cohort-1");
    imi_copy_text(record.model_version, sizeof record.model_version, OFFICE_MODELS);
    office_ok(o->store->put_cohort(o->store, &record, (const char(*)[IMI_ID_SIZE])members, 3, &err),
              &err);
    imi_cohort_summary cohort;
    office_ok(imi_administration_cohort(o->administration, FIRST, &cohort, &err), &err);
    assert_string_equal(cohort.record.cohort_id, "cohort-1");
    assert_int_equal(cohort.size, 3);
    assert_int_equal(cohort.record.population, 3);
}

static void the_audit_trail_is_read_in_pages(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    office_calibrate(o, 300);
    office_install(o, OFFICE_LOOSE, 5e-3);
    imi_audit_record lines[2];
    size_t count = 0;
    int64_t after = 0, seen = 0;
    do {
        office_ok(
            imi_administration_list_audit(o->administration, SECOND, after, lines, 2, &count, &err),
            &err);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(lines[i].sequence, ++seen);
            after = lines[i].sequence;
        }
    } while (count > 0);
    assert_int_equal(seen, 4);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, office_set_up, office_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(pairs_are_listed_with_their_subjects_most_alike_first),
        TEST(a_review_is_kept_with_its_author_in_either_order),
        TEST(reviews_without_a_known_verdict_are_refused),
        TEST(pairs_that_are_not_there_are_not_found),
        TEST(without_a_cohort_the_number_of_people_is_told),
        TEST(a_cohort_is_told_by_its_numbers),
        TEST(the_audit_trail_is_read_in_pages),
    };
    return cmocka_run_group_tests_name("administration: review", tests, NULL, NULL);
}
