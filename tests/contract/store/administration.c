/* Calibrations, likely duplicates, operating points, and the audit trail of all of them. */
#include "fixture.h"

#include "imi/memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static size_t count_audit(void)
{
    imi_audit_record lines[16];
    size_t count = 0;
    OK(g_store->list_audit(g_store, 0, lines, 16, &count, &g_err));
    return count;
}

/* Calibrations */

static imi_status put_calibration(const imi_calibration_record *record, const char *json)
{
    imi_audit_record line = sample_audit("calibration.made");
    return g_store->put_calibration(g_store, record, imi_view_of_text(json), &line, &g_err);
}

static void a_calibration_comes_back_with_its_tables_and_a_line(void **state)
{
    (void)state;
    imi_calibration_record put = sample_calibration(), got;
    OK(put_calibration(&put, "{}"));
    IMI_AUTO_BUFFER json = IMI_BUFFER_INIT;
    OK(g_store->get_calibration(g_store, put.calibration_id, &got, &json, &g_err));
    assert_string_equal(got.calibration_id, put.calibration_id);
    assert_int_equal(got.made_ms, put.made_ms);
    assert_string_equal(got.made_by, put.made_by);
    assert_string_equal(got.model_version, put.model_version);
    assert_string_equal(got.cohort_id, put.cohort_id);
    assert_int_equal(got.references, put.references);
    assert_int_equal(got.comparisons, put.comparisons);
    assert_true(imi_view_equal(imi_buffer_view(&json), imi_view_of_text("{}")));
    assert_int_equal(count_audit(), 1);
}

static void the_calibration_put_last_is_the_newest(void **state)
{
    (void)state;
    imi_calibration_record first = sample_calibration(), second = sample_calibration(), got;
    REFUSES(g_store->get_calibration(g_store, "", &got, NULL, &g_err), IMI_E_NOT_FOUND);
    OK(put_calibration(&first, "1"));
    second.made_ms = first.made_ms - 1;
    OK(put_calibration(&second, "2"));
    OK(g_store->get_calibration(g_store, "", &got, NULL, &g_err));
    assert_string_equal(got.calibration_id, second.calibration_id);
}

static void an_unknown_calibration_is_not_found_and_reads_as_nothing(void **state)
{
    (void)state;
    imi_calibration_record got = sample_calibration();
    IMI_AUTO_BUFFER json = IMI_BUFFER_INIT;
    REFUSES(g_store->get_calibration(g_store, "cal_x", &got, &json, &g_err), IMI_E_NOT_FOUND);
    assert_string_equal(got.calibration_id, "");
    assert_int_equal(json.size, 0);
}

static void a_calibration_put_twice_conflicts_and_adds_no_line(void **state)
{
    (void)state;
    imi_calibration_record record = sample_calibration();
    OK(put_calibration(&record, "1"));
    REFUSES(put_calibration(&record, "2"), IMI_E_CONFLICT);
    assert_int_equal(count_audit(), 1);
}

static void a_calibration_without_tables_or_line_is_refused(void **state)
{
    (void)state;
    imi_calibration_record record = sample_calibration(), got;
    REFUSES(put_calibration(&record, ""), IMI_E_INVALID_ARGUMENT);
    REFUSES(g_store->put_calibration(g_store, &record, imi_view_of_text("{}"), NULL, &g_err),
            IMI_E_INVALID_ARGUMENT);
    REFUSES(g_store->get_calibration(g_store, record.calibration_id, &got, NULL, &g_err),
            IMI_E_NOT_FOUND);
}

/* Duplicates */

static imi_duplicate_record pair_of(const imi_reference_record *one,
                                    const imi_reference_record *other, double fmr)
{
    bool in_order = strcmp(one->reference_id, other->reference_id) < 0;
    imi_duplicate_record record = {.found_ms = 1700000700000, .fmr = fmr};
    imi_copy_text(record.reference_a, IMI_ID_SIZE, (in_order ? one : other)->reference_id);
    imi_copy_text(record.reference_b, IMI_ID_SIZE, (in_order ? other : one)->reference_id);
    return record;
}

static imi_reference_record enrol(void)
{
    imi_reference_record record = sample_reference();
    OK(g_store->put_reference(g_store, &record, imi_view_of_text("template"), &g_err));
    return record;
}

static size_t list(bool open_only, size_t skip, imi_duplicate_record *out)
{
    size_t count = 99;
    OK(g_store->list_duplicates(g_store, open_only, skip, out, 4, &count, &g_err));
    return count;
}

static imi_status judge(const imi_duplicate_record *record, const char *verdict)
{
    imi_duplicate_record judged = *record;
    imi_copy_text(judged.verdict, sizeof judged.verdict, verdict);
    imi_copy_text(judged.reviewed_by, sizeof judged.reviewed_by, "second-admin");
    imi_copy_text(judged.note, sizeof judged.note, "twins");
    judged.reviewed_ms = 1700000800000;
    imi_audit_record line = sample_audit("duplicate.review");
    return g_store->review_duplicate(g_store, &judged, &line, &g_err);
}

static void a_likely_duplicate_comes_back(void **state)
{
    (void)state;
    imi_reference_record a = enrol(), b = enrol();
    imi_duplicate_record put = pair_of(&a, &b, 1e-7), got[4];
    OK(g_store->put_duplicates(g_store, &put, 1, &g_err));
    assert_int_equal(list(true, 0, got), 1);
    assert_string_equal(got[0].reference_a, put.reference_a);
    assert_string_equal(got[0].reference_b, put.reference_b);
    assert_int_equal(got[0].found_ms, put.found_ms);
    assert_true(got[0].fmr == put.fmr);
    assert_string_equal(got[0].verdict, "");
}

static void a_reviewed_pair_keeps_its_verdict_when_found_again(void **state)
{
    (void)state;
    imi_reference_record a = enrol(), b = enrol();
    imi_duplicate_record pair = pair_of(&a, &b, 1e-7), got[4];
    OK(g_store->put_duplicates(g_store, &pair, 1, &g_err));
    OK(judge(&pair, "different_people"));
    OK(g_store->put_duplicates(g_store, &pair, 1, &g_err));
    assert_int_equal(list(true, 0, got), 0);
    assert_int_equal(list(false, 0, got), 1);
    assert_string_equal(got[0].verdict, "different_people");
    assert_string_equal(got[0].reviewed_by, "second-admin");
    assert_int_equal(got[0].reviewed_ms, 1700000800000);
    assert_string_equal(got[0].note, "twins");
    assert_int_equal(count_audit(), 1);
}

static void open_pairs_come_first_and_the_most_alike_of_them_before(void **state)
{
    (void)state;
    imi_reference_record a = enrol(), b = enrol(), c = enrol();
    imi_duplicate_record pairs[] = {pair_of(&a, &b, 1e-6), pair_of(&a, &c, 1e-9),
                                    pair_of(&b, &c, 1e-8)};
    imi_duplicate_record got[4];
    OK(g_store->put_duplicates(g_store, pairs, 3, &g_err));
    OK(judge(&pairs[1], "same_person"));
    assert_int_equal(list(false, 0, got), 3);
    assert_true(got[0].fmr == 1e-8 && got[1].fmr == 1e-6 && got[2].fmr == 1e-9);
    assert_int_equal(list(false, 1, got), 2);
    assert_true(got[0].fmr == 1e-6);
}

static void a_pair_goes_with_either_reference(void **state)
{
    (void)state;
    imi_reference_record a = enrol(), b = enrol(), c = enrol();
    imi_duplicate_record pairs[] = {pair_of(&a, &b, 1e-6), pair_of(&a, &c, 1e-9)}, got[4];
    OK(g_store->put_duplicates(g_store, pairs, 2, &g_err));
    OK(g_store->delete_reference(g_store, b.reference_id, &g_err));
    assert_int_equal(list(false, 0, got), 1);
    OK(g_store->delete_reference(g_store, a.reference_id, &g_err));
    assert_int_equal(list(false, 0, got), 0);
}

static void a_pair_with_an_erased_reference_is_left_out(void **state)
{
    (void)state;
    imi_reference_record a = enrol(), b = enrol(), gone = sample_reference();
    imi_duplicate_record pairs[] = {pair_of(&a, &gone, 1e-6), pair_of(&a, &b, 1e-9)}, got[4];
    OK(g_store->put_duplicates(g_store, pairs, 2, &g_err));
    assert_int_equal(list(false, 0, got), 1);
}

static void a_pair_out_of_order_is_refused(void **state)
{
    (void)state;
    imi_reference_record a = enrol(), b = enrol();
    imi_duplicate_record pair = pair_of(&a, &b, 1e-6), turned = pair;
    imi_copy_text(turned.reference_a, IMI_ID_SIZE, pair.reference_b);
    imi_copy_text(turned.reference_b, IMI_ID_SIZE, pair.reference_a);
    REFUSES(g_store->put_duplicates(g_store, &turned, 1, &g_err), IMI_E_INVALID_ARGUMENT);
    imi_copy_text(turned.reference_b, IMI_ID_SIZE, turned.reference_a);
    REFUSES(g_store->put_duplicates(g_store, &turned, 1, &g_err), IMI_E_INVALID_ARGUMENT);
}

static void an_unknown_pair_or_verdict_is_refused_without_a_line(void **state)
{
    (void)state;
    imi_reference_record a = enrol(), b = enrol();
    imi_duplicate_record pair = pair_of(&a, &b, 1e-6);
    REFUSES(judge(&pair, "same_person"), IMI_E_NOT_FOUND);
    OK(g_store->put_duplicates(g_store, &pair, 1, &g_err));
    REFUSES(judge(&pair, "perhaps"), IMI_E_INVALID_ARGUMENT);
    REFUSES(judge(&pair, ""), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(count_audit(), 0);
}

/* Operating points */

static imi_status put_points(imi_point_record *records, size_t count)
{
    imi_audit_record line = sample_audit("threshold.step");
    return g_store->put_points(g_store, records, count, &line, NULL, &g_err);
}

static imi_point_record propose(void)
{
    imi_point_record record = sample_point();
    OK(put_points(&record, 1));
    return record;
}

static imi_point_record activate(void)
{
    imi_point_record record = propose();
    record.state = IMI_POINT_ACTIVE;
    OK(put_points(&record, 1));
    return record;
}

static imi_point_record stored(const imi_point_record *record)
{
    imi_point_record got;
    OK(g_store->get_point(g_store, record->point_id, &got, &g_err));
    return got;
}

static void a_proposed_point_comes_back_with_version_1(void **state)
{
    (void)state;
    imi_point_record put = propose(), got = stored(&put);
    assert_int_equal(put.version, 1);
    assert_points_equal(&put, &got);
    assert_int_equal(count_audit(), 1);
}

static void the_life_of_a_point_comes_back(void **state)
{
    (void)state;
    imi_point_record record = propose();
    record.state = IMI_POINT_APPROVED;
    record.shadow = true;
    imi_copy_text(record.approved_by, sizeof record.approved_by, "second-admin");
    record.approved_ms = 1700000900000;
    record.activated_ms = 1700001000000;
    record.retired_ms = 1700001100000;
    OK(put_points(&record, 1));
    assert_int_equal(record.version, 2);
    imi_point_record got = stored(&record);
    assert_points_equal(&record, &got);
}

static void what_was_proposed_cannot_be_changed(void **state)
{
    (void)state;
    imi_point_record before = propose(), record = before;
    record.threshold = 0;
    record.target_fmr = 0.5;
    imi_copy_text(record.purpose, sizeof record.purpose, "pension");
    imi_copy_text(record.proposed_by, sizeof record.proposed_by, "somebody");
    OK(put_points(&record, 1));
    imi_point_record got = stored(&record);
    before.version = 2;
    assert_points_equal(&before, &got);
}

static void an_old_version_of_a_point_conflicts(void **state)
{
    (void)state;
    imi_point_record record = propose(), outdated = record;
    record.state = IMI_POINT_WITHDRAWN;
    OK(put_points(&record, 1));
    outdated.state = IMI_POINT_ACTIVE;
    REFUSES(put_points(&outdated, 1), IMI_E_CONFLICT);
    assert_int_equal(outdated.version, 1);
    assert_int_equal(stored(&record).state, IMI_POINT_WITHDRAWN);
    assert_int_equal(count_audit(), 2);
}

static void an_unknown_point_is_not_found(void **state)
{
    (void)state;
    imi_point_record record = sample_point();
    record.version = 1;
    REFUSES(put_points(&record, 1), IMI_E_NOT_FOUND);
    REFUSES(g_store->get_point(g_store, record.point_id, &record, &g_err), IMI_E_NOT_FOUND);
    assert_string_equal(record.point_id, "");
}

static void a_purpose_has_one_active_point(void **state)
{
    (void)state;
    activate();
    imi_point_record second = propose();
    second.state = IMI_POINT_ACTIVE;
    REFUSES(put_points(&second, 1), IMI_E_CONFLICT);
    assert_int_equal(stored(&second).state, IMI_POINT_PROPOSED);
}

static void a_purpose_has_one_shadow_point(void **state)
{
    (void)state;
    imi_point_record first = propose(), second = propose();
    first.shadow = second.shadow = true;
    OK(put_points(&first, 1));
    REFUSES(put_points(&second, 1), IMI_E_CONFLICT);
}

static void two_purposes_have_an_active_point_each(void **state)
{
    (void)state;
    activate();
    imi_point_record other = sample_point();
    imi_copy_text(other.purpose, sizeof other.purpose, "pension");
    other.state = IMI_POINT_ACTIVE;
    OK(put_points(&other, 1));
}

static void activation_retires_the_point_before_in_either_order(void **state)
{
    (void)state;
    imi_point_record first = activate(), second = propose();
    first.state = IMI_POINT_RETIRED;
    second.state = IMI_POINT_ACTIVE;
    imi_point_record incoming_first[] = {second, first};
    OK(put_points(incoming_first, 2));
    assert_int_equal(stored(&first).state, IMI_POINT_RETIRED);
    assert_int_equal(stored(&second).state, IMI_POINT_ACTIVE);
    incoming_first[0].state = IMI_POINT_RETIRED;
    incoming_first[1].state = IMI_POINT_ACTIVE;
    OK(put_points(incoming_first, 2));
    assert_int_equal(stored(&first).state, IMI_POINT_ACTIVE);
}

static void points_are_put_all_or_none(void **state)
{
    (void)state;
    imi_point_record first = activate(), second = sample_point();
    size_t lines = count_audit();
    first.state = IMI_POINT_RETIRED;
    second.version = 7; /* not stored */
    imi_point_record both[] = {first, second};
    REFUSES(put_points(both, 2), IMI_E_NOT_FOUND);
    assert_int_equal(stored(&first).state, IMI_POINT_ACTIVE);
    assert_int_equal(both[0].version, first.version);
    assert_int_equal(count_audit(), lines);
}

static void points_of_impossible_form_are_refused(void **state)
{
    (void)state;
    imi_point_record records[8];
    for (size_t i = 0; i < 8; i++) {
        records[i] = sample_point();
    }
    records[0].point_id[0] = '\0';
    records[1].purpose[0] = '\0';
    records[2].state = IMI_POINT_NONE;
    records[3].state = (imi_point_state)6;
    records[4].score_kind = 0;
    records[5].target_fmr = (double)NAN;
    records[6].target_fmr = 1;
    records[7].threshold = (double)NAN;
    for (size_t i = 0; i < 8; i++) {
        REFUSES(put_points(&records[i], 1), IMI_E_INVALID_ARGUMENT);
    }
}

static void a_point_without_audit_line_is_refused(void **state)
{
    (void)state;
    imi_point_record record = sample_point();
    imi_audit_record nameless = sample_audit("threshold.propose");
    nameless.actor[0] = '\0';
    REFUSES(g_store->put_points(g_store, &record, 1, NULL, NULL, &g_err), IMI_E_INVALID_ARGUMENT);
    REFUSES(g_store->put_points(g_store, &record, 1, &nameless, NULL, &g_err),
            IMI_E_INVALID_ARGUMENT);
    REFUSES(g_store->get_point(g_store, record.point_id, &record, &g_err), IMI_E_NOT_FOUND);
}

static void points_are_listed_by_purpose_newest_first(void **state)
{
    (void)state;
    imi_point_record first = propose(), second = propose(), other = sample_point();
    imi_copy_text(other.purpose, sizeof other.purpose, "pension");
    OK(put_points(&other, 1));
    imi_point_record got[4];
    size_t count = 0;
    OK(g_store->list_points(g_store, "demo", got, 4, &count, &g_err));
    assert_int_equal(count, 2);
    assert_string_equal(got[0].point_id, second.point_id);
    assert_string_equal(got[1].point_id, first.point_id);
    OK(g_store->list_points(g_store, "", got, 2, &count, &g_err));
    assert_int_equal(count, 2);
    assert_string_equal(got[0].point_id, other.point_id);
}

/* Audit trail */

static void append(const char *action)
{
    imi_audit_record line = sample_audit(action);
    OK(g_store->append_audit(g_store, &line, NULL, &g_err));
}

static void audit_lines_come_back_numbered_from_1(void **state)
{
    (void)state;
    append("first");
    append("second");
    append("third");
    imi_audit_record lines[4];
    size_t count = 0;
    OK(g_store->list_audit(g_store, 1, lines, 4, &count, &g_err));
    assert_int_equal(count, 2);
    assert_int_equal(lines[0].sequence, 2);
    assert_string_equal(lines[0].action, "second");
    assert_string_equal(lines[0].actor, "first-admin");
    assert_string_equal(lines[0].object, "object");
    assert_string_equal(lines[0].detail, "detail");
    assert_int_equal(lines[0].at_ms, 1700000600000);
    assert_string_equal(lines[1].action, "third");
    OK(g_store->list_audit(g_store, 0, lines, 1, &count, &g_err));
    assert_int_equal(count, 1);
}

static void an_empty_trail_is_whole(void **state)
{
    (void)state;
    imi_audit_head head;
    OK(imi_store_verify_audit(g_store, &head, &g_err));
    assert_int_equal(head.lines, 0);
}

static void a_long_trail_is_whole_and_tells_its_head(void **state)
{
    (void)state;
    for (int i = 0; i < 70; i++) {
        append("step");
    }
    imi_audit_head head;
    OK(imi_store_verify_audit(g_store, &head, &g_err));
    assert_int_equal(head.lines, 70);
    imi_audit_record last;
    size_t count = 0;
    OK(g_store->list_audit(g_store, 69, &last, 1, &count, &g_err));
    assert_memory_equal(head.digest, last.digest, IMI_STORE_HASH_SIZE);
}

static void the_digest_is_the_documented_one(void **state)
{
    (void)state;
    /* sha256 over 32 zeros, 1 and 2 as 8 bytes, and each text behind its length, made with
     * Python's hashlib. */
    static const char wanted[] = "a68d3e92bbd28744407ae902da3680e20874b689e8baa1b042c7c407c00d3a08";
    imi_audit_record line = {.sequence = 1, .at_ms = 2};
    imi_copy_text(line.actor, sizeof line.actor, "ada");
    imi_copy_text(line.action, sizeof line.action, "threshold.approve");
    imi_copy_text(line.object, sizeof line.object, "opp_1");
    const uint8_t zeros[IMI_STORE_HASH_SIZE] = {0};
    uint8_t digest[IMI_STORE_HASH_SIZE];
    char hex[2 * IMI_STORE_HASH_SIZE + 1];
    OK(imi_audit_digest(zeros, &line, digest, &g_err));
    imi_hex_encode((imi_view){digest, sizeof digest}, hex);
    assert_string_equal(hex, wanted);
}

static void a_digest_keeps_neighbouring_texts_apart(void **state)
{
    (void)state;
    imi_audit_record one = sample_audit("ab"), other = sample_audit("a");
    imi_copy_text(one.object, sizeof one.object, "c");
    imi_copy_text(other.object, sizeof other.object, "bc");
    const uint8_t zeros[IMI_STORE_HASH_SIZE] = {0};
    uint8_t first[IMI_STORE_HASH_SIZE], second[IMI_STORE_HASH_SIZE];
    OK(imi_audit_digest(zeros, &one, first, &g_err));
    OK(imi_audit_digest(zeros, &other, second, &g_err));
    assert_memory_not_equal(first, second, sizeof first);
}

int store_administration_run(const char *name, const store_factory *factory)
{
    g_factory = factory;
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_store, drop_store)
    const struct CMUnitTest tests[] = {
        TEST(a_calibration_comes_back_with_its_tables_and_a_line),
        TEST(the_calibration_put_last_is_the_newest),
        TEST(an_unknown_calibration_is_not_found_and_reads_as_nothing),
        TEST(a_calibration_put_twice_conflicts_and_adds_no_line),
        TEST(a_calibration_without_tables_or_line_is_refused),
        TEST(a_likely_duplicate_comes_back),
        TEST(a_reviewed_pair_keeps_its_verdict_when_found_again),
        TEST(open_pairs_come_first_and_the_most_alike_of_them_before),
        TEST(a_pair_goes_with_either_reference),
        TEST(a_pair_with_an_erased_reference_is_left_out),
        TEST(a_pair_out_of_order_is_refused),
        TEST(an_unknown_pair_or_verdict_is_refused_without_a_line),
        TEST(a_proposed_point_comes_back_with_version_1),
        TEST(the_life_of_a_point_comes_back),
        TEST(what_was_proposed_cannot_be_changed),
        TEST(an_old_version_of_a_point_conflicts),
        TEST(an_unknown_point_is_not_found),
        TEST(a_purpose_has_one_active_point),
        TEST(a_purpose_has_one_shadow_point),
        TEST(two_purposes_have_an_active_point_each),
        TEST(activation_retires_the_point_before_in_either_order),
        TEST(points_are_put_all_or_none),
        TEST(points_of_impossible_form_are_refused),
        TEST(a_point_without_audit_line_is_refused),
        TEST(points_are_listed_by_purpose_newest_first),
        TEST(audit_lines_come_back_numbered_from_1),
        TEST(an_empty_trail_is_whole),
        TEST(a_long_trail_is_whole_and_tells_its_head),
        TEST(the_digest_is_the_documented_one),
        TEST(a_digest_keeps_neighbouring_texts_apart),
    };
#undef TEST
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
