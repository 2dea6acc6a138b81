/*
 * Enrolment and comparison of photos: templates in, never pictures; refusals with a reason.
 */
#include "phone.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void accepted_portrait_becomes_a_template(void **state)
{
    fixture *f = *state;
    scene portrait = scene_neutral(5);
    imi_enrolment enrolled;
    assert_int_equal(fixture_enrol(f, FIXTURE_PARTY, "citizen-5", &portrait, &enrolled), IMI_OK);
    assert_true(enrolled.accepted);
    assert_int_equal(enrolled.reason, IMI_CAPTURE_OK);
    assert_true(enrolled.quality > 0 && enrolled.quality <= 1);
    imi_reference_record record;
    IMI_AUTO_BUFFER blob = IMI_BUFFER_INIT;
    assert_int_equal(
        f->sqlite->get_reference(f->sqlite, enrolled.reference_id, &record, &blob, NULL), IMI_OK);
    assert_string_equal(record.relying_party, FIXTURE_PARTY);
    assert_string_equal(record.subject_id, "citizen-5");
    assert_string_equal(record.model_version, FIXTURE_MODEL_VERSION);
    assert_int_equal(record.created_ms, f->clock.now_ms);
    imi_template stored;
    assert_int_equal(imi_template_decode(imi_buffer_view(&blob), &stored, NULL), IMI_OK);
    assert_string_equal(stored.vectors[0].model_id, SCENE_MODEL_ID);
}

static void portrait_without_one_face_is_answered_with_the_reason(void **state)
{
    fixture *f = *state;
    const struct {
        uint32_t faces;
        imi_capture_reason reason;
    } cases[] = {{0, IMI_CAPTURE_NO_FACE}, {2, IMI_CAPTURE_SEVERAL_FACES}};
    for (size_t i = 0; i < 2; i++) {
        scene portrait = scene_neutral(5);
        portrait.faces = cases[i].faces;
        imi_enrolment enrolled;
        assert_int_equal(fixture_enrol(f, FIXTURE_PARTY, "citizen-5", &portrait, &enrolled),
                         IMI_OK);
        assert_false(enrolled.accepted);
        assert_string_equal(enrolled.reference_id, "");
        assert_int_equal(enrolled.reason, cases[i].reason);
    }
}

static void broken_portrait_is_an_error_and_stores_nothing(void **state)
{
    fixture *f = *state;
    scene portrait = scene_neutral(5);
    IMI_AUTO_BUFFER broken = IMI_BUFFER_INIT;
    scene_draw_broken_jpeg(&portrait, &broken);
    imi_enrolment enrolled;
    assert_int_equal(
        fixture_enrol_jpeg(f, FIXTURE_PARTY, "citizen-5", imi_buffer_view(&broken), &enrolled),
        IMI_E_IMAGE_CORRUPT);
    assert_false(enrolled.accepted);
    assert_string_equal(enrolled.reference_id, "");
}

static void matchability_is_told_with_the_quality(void **state)
{
    fixture *f = *state;
    scene portrait = scene_neutral(5), dark = portrait;
    dark.dark = true;
    imi_enrolment good, refused;
    assert_int_equal(fixture_enrol(f, FIXTURE_PARTY, "citizen-5", &portrait, &good), IMI_OK);
    assert_true(good.matchability.probability > 0 && good.matchability.probability <= 1);
    assert_int_not_equal(good.matchability.level, IMI_QUALITY_UNUSABLE);
    assert_int_equal(fixture_enrol(f, FIXTURE_PARTY, "citizen-6", &dark, &refused), IMI_OK);
    assert_false(refused.accepted);
    assert_true(refused.matchability.probability == 0);
    assert_int_equal(refused.matchability.level, IMI_QUALITY_UNUSABLE);
}

static void never_reply(void *user, imi_status status, const imi_error *error,
                        const imi_enrolment *enrolment)
{
    (void)user;
    (void)status;
    (void)error;
    (void)enrolment;
    abort();
}

static imi_status enrol_bytes(fixture *f, const char *party, const char *subject_id, imi_view jpeg)
{
    imi_enrol_request request = {.subject_id = subject_id, .portrait_jpeg = jpeg};
    return imi_service_enrol(f->service, party, &request, never_reply, NULL, NULL);
}

static void only_parties_that_may_enrol_can(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    scene portrait = scene_neutral(5);
    scene_draw_jpeg(&portrait, &jpeg);
    imi_view view = imi_buffer_view(&jpeg);
    assert_int_equal(enrol_bytes(f, FIXTURE_OTHER_PARTY, "citizen", view), IMI_E_PERMISSION);
    assert_int_equal(enrol_bytes(f, "stranger", "citizen", view), IMI_E_PERMISSION);
    assert_int_equal(enrol_bytes(f, NULL, "citizen", view), IMI_E_PERMISSION);
}

static imi_status enrol_with(fixture *f, int32_t birth_decade, imi_sex sex, imi_view jpeg)
{
    imi_enrol_request request = {
        .subject_id = "citizen-5", .portrait_jpeg = jpeg, .birth_decade = birth_decade, .sex = sex};
    return imi_service_enrol(f->service, FIXTURE_PARTY, &request, never_reply, NULL, NULL);
}

static void attributes_that_make_no_sense_are_refused(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    scene portrait = scene_neutral(5);
    scene_draw_jpeg(&portrait, &jpeg);
    imi_view view = imi_buffer_view(&jpeg);
    static const int32_t decades[] = {-10, 1, 1955, 1790, 2210, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < sizeof decades / sizeof decades[0]; i++) {
        assert_int_equal(enrol_with(f, decades[i], IMI_SEX_UNKNOWN, view), IMI_E_INVALID_ARGUMENT);
    }
    assert_int_equal(enrol_with(f, 0, (imi_sex)3, view), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(enrol_with(f, 0, (imi_sex)-1, view), IMI_E_INVALID_ARGUMENT);
}

static void note_status(void *user, imi_status status, const imi_error *error,
                        const imi_enrolment *enrolment)
{
    (void)error;
    assert_true(enrolment->accepted);
    *(imi_status *)user = status;
}

static void attributes_are_kept_with_the_reference(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    scene portrait = scene_neutral(5);
    scene_draw_jpeg(&portrait, &jpeg);
    imi_enrol_request request = {.subject_id = "citizen-5",
                                 .portrait_jpeg = imi_buffer_view(&jpeg),
                                 .birth_decade = 1950,
                                 .sex = IMI_SEX_FEMALE};
    imi_status status = IMI_E_INTERNAL;
    assert_int_equal(
        imi_service_enrol(f->service, FIXTURE_PARTY, &request, note_status, &status, NULL), IMI_OK);
    fixture_settle(f);
    assert_int_equal(status, IMI_OK);
    imi_reference_record record;
    size_t count = 0;
    assert_int_equal(imi_service_list_references(f->service, FIXTURE_PARTY, "citizen-5", &record, 1,
                                                 &count, NULL),
                     IMI_OK);
    assert_int_equal(count, 1);
    assert_int_equal(record.kind, IMI_REFERENCE_PRIMARY);
    assert_int_equal(record.birth_decade, 1950);
    assert_int_equal(record.sex, IMI_SEX_FEMALE);
}

static void bad_subject_ids_are_refused(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    scene portrait = scene_neutral(5);
    scene_draw_jpeg(&portrait, &jpeg);
    char longer[102];
    memset(longer, 'x', 101);
    longer[101] = '\0';
    const char *bad[] = {NULL, "", longer, "\xc0\x80"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(enrol_bytes(f, FIXTURE_PARTY, bad[i], imi_buffer_view(&jpeg)),
                         IMI_E_INVALID_ARGUMENT);
    }
}

static void portraits_that_are_no_usable_file_are_refused_at_once(void **state)
{
    fixture *f = *state;
    size_t size = (4U << 20) + 1;
    uint8_t *large = test_calloc(1, size);
    large[0] = 0xFF;
    large[1] = 0xD8;
    assert_int_equal(enrol_bytes(f, FIXTURE_PARTY, "c", (imi_view){NULL, 0}), IMI_E_IMAGE_EMPTY);
    assert_int_equal(enrol_bytes(f, FIXTURE_PARTY, "c", imi_view_of_text("PNG, say")),
                     IMI_E_IMAGE_FORMAT);
    assert_int_equal(enrol_bytes(f, FIXTURE_PARTY, "c", (imi_view){large, size}),
                     IMI_E_IMAGE_TOO_LARGE);
    test_free(large);
}

static void enrolment_without_a_reply_is_refused(void **state)
{
    fixture *f = *state;
    imi_enrol_request request = {.subject_id = "c"};
    assert_int_equal(imi_service_enrol(f->service, FIXTURE_PARTY, &request, NULL, NULL, NULL),
                     IMI_E_INVALID_ARGUMENT);
}

static void full_pool_refuses_enrolment_without_a_leak(void **state)
{
    (void)state;
    fixture *f = fixture_new(&(fixture_options){.threads = 1, .queue = 1});
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    scene portrait = scene_neutral(5);
    scene_draw_jpeg(&portrait, &jpeg);
    fixture_gate gate, other;
    fixture_gate_close(f, &gate);
    other = (fixture_gate){
        .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .open = true};
    assert_int_equal(imi_pool_submit(f->pool, fixture_gate_job, &other, NULL), IMI_OK);
    int64_t blocks = imi_alloc_live_blocks();
    assert_int_equal(enrol_bytes(f, FIXTURE_PARTY, "c", imi_buffer_view(&jpeg)), IMI_E_EXHAUSTED);
    assert_int_equal(imi_alloc_live_blocks(), blocks);
    fixture_gate_open(&gate);
    fixture_destroy(&f);
}

/* ---- Erasing ---- */

static void erased_reference_is_gone(void **state)
{
    fixture *f = *state;
    imi_service *s = f->service;
    assert_int_equal(imi_service_delete_reference(s, FIXTURE_PARTY, f->reference_id, NULL), IMI_OK);
    assert_int_equal(imi_service_delete_reference(s, FIXTURE_PARTY, f->reference_id, NULL),
                     IMI_E_NOT_FOUND);
    imi_create_session request = {.purpose = PURPOSE_PLAIN,
                                  .reference_id = f->reference_id,
                                  .nonce = "nonce-of-the-bureau",
                                  .request_id = ""};
    imi_created_session created;
    assert_int_equal(imi_service_create_session(s, FIXTURE_PARTY, &request, &created, NULL),
                     IMI_E_NOT_FOUND);
}

static void reference_of_another_party_cannot_be_erased(void **state)
{
    fixture *f = *state;
    imi_reference_record record = {.reference_id = "ref_AAAAAAAAAAAAAAAAAAAAAA",
                                   .relying_party = FIXTURE_OTHER_PARTY,
                                   .subject_id = "citizen",
                                   .kind = IMI_REFERENCE_PRIMARY};
    assert_int_equal(f->sqlite->put_reference(f->sqlite, &record, imi_view_of_text("blob"), NULL),
                     IMI_OK);
    imi_error foreign = IMI_ERROR_INIT, unknown = IMI_ERROR_INIT;
    assert_int_equal(
        imi_service_delete_reference(f->service, FIXTURE_PARTY, record.reference_id, &foreign),
        IMI_E_NOT_FOUND);
    assert_int_equal(imi_service_delete_reference(f->service, FIXTURE_PARTY,
                                                  "ref_AAAAAAAAAAAAAAAAAAAAAB", &unknown),
                     IMI_E_NOT_FOUND);
    assert_string_equal(foreign.message, unknown.message);
    assert_int_equal(f->sqlite->get_reference(f->sqlite, record.reference_id, &record, NULL, NULL),
                     IMI_OK);
}

static void who_may_not_enrol_may_not_erase(void **state)
{
    fixture *f = *state;
    assert_int_equal(
        imi_service_delete_reference(f->service, FIXTURE_OTHER_PARTY, f->reference_id, NULL),
        IMI_E_PERMISSION);
    assert_int_equal(imi_service_delete_reference(f->service, FIXTURE_PARTY, NULL, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_service_delete_reference(f->service, FIXTURE_PARTY, "", NULL),
                     IMI_E_NOT_FOUND);
}

/* ---- Comparing ---- */

typedef struct compare_answer {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool done;
    imi_status status;
    imi_photo_comparison result;
} compare_answer;

static void compare_reply(void *user, imi_status status, const imi_error *error,
                          const imi_photo_comparison *result)
{
    (void)error;
    compare_answer *answer = user;
    pthread_mutex_lock(&answer->mutex);
    answer->status = status;
    answer->result = *result;
    answer->done = true;
    pthread_cond_signal(&answer->changed);
    pthread_mutex_unlock(&answer->mutex);
}

static imi_status compare_views(fixture *f, const char *party, const char *purpose, imi_view probe,
                                imi_view reference, imi_photo_comparison *out)
{
    compare_answer answer = {.mutex = PTHREAD_MUTEX_INITIALIZER,
                             .changed = PTHREAD_COND_INITIALIZER};
    IMI_TRY(imi_service_compare_photos(f->service, party, purpose, probe, reference, compare_reply,
                                       &answer, NULL));
    pthread_mutex_lock(&answer.mutex);
    while (!answer.done) {
        pthread_cond_wait(&answer.changed, &answer.mutex);
    }
    pthread_mutex_unlock(&answer.mutex);
    *out = answer.result;
    return answer.status;
}

static imi_status compare(fixture *f, const scene *probe, const scene *reference,
                          imi_photo_comparison *out)
{
    IMI_AUTO_BUFFER a = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER b = IMI_BUFFER_INIT;
    scene_draw_jpeg(probe, &a);
    scene_draw_jpeg(reference, &b);
    return compare_views(f, FIXTURE_PARTY, PURPOSE_PLAIN, imi_buffer_view(&a), imi_buffer_view(&b),
                         out);
}

static void two_photos_of_one_person_match(void **state)
{
    fixture *f = *state;
    scene one = scene_neutral(5);
    scene other = scene_neutral(5);
    other.unlikeness_deg = 30;
    imi_photo_comparison result;
    assert_int_equal(compare(f, &one, &other, &result), IMI_OK);
    assert_int_equal(result.decision, IMI_DECISION_VERIFIED);
    assert_true(fabsf(result.comparison.similarity - 0.866F) < 0.01F);
    assert_true(result.comparison.fmr <= 1e-4);
}

static void photos_of_two_persons_do_not_match(void **state)
{
    fixture *f = *state;
    scene one = scene_neutral(5);
    scene other = scene_neutral(6);
    imi_photo_comparison result;
    assert_int_equal(compare(f, &one, &other, &result), IMI_OK);
    assert_int_equal(result.decision, IMI_DECISION_REJECTED);
    assert_true(result.comparison.fmr > 1e-4);
}

static void unusable_photo_is_neither_match_nor_non_match(void **state)
{
    fixture *f = *state;
    scene one = scene_neutral(5);
    scene empty = scene_neutral(5);
    empty.faces = 0;
    imi_photo_comparison result;
    assert_int_equal(compare(f, &empty, &one, &result), IMI_OK);
    assert_int_equal(result.decision, IMI_DECISION_RETRY);
    assert_int_equal(result.probe_reason, IMI_CAPTURE_NO_FACE);
    assert_int_equal(result.reference_reason, IMI_CAPTURE_OK);
    assert_true(isnan(result.comparison.similarity) && isnan(result.comparison.fmr));
    assert_int_equal(compare(f, &one, &empty, &result), IMI_OK);
    assert_int_equal(result.decision, IMI_DECISION_RETRY);
    assert_int_equal(result.reference_reason, IMI_CAPTURE_NO_FACE);
}

static void corrupt_photo_is_an_error_without_a_decision(void **state)
{
    fixture *f = *state;
    scene one = scene_neutral(5);
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER broken = IMI_BUFFER_INIT;
    scene_draw_jpeg(&one, &jpeg);
    scene_draw_broken_jpeg(&one, &broken);
    imi_photo_comparison result;
    assert_int_equal(compare_views(f, FIXTURE_PARTY, PURPOSE_PLAIN, imi_buffer_view(&jpeg),
                                   imi_buffer_view(&broken), &result),
                     IMI_E_IMAGE_CORRUPT);
    assert_int_equal(result.decision, IMI_DECISION_NONE);
    assert_true(isnan(result.comparison.fmr));
}

static void comparison_needs_a_granted_purpose_and_two_jpegs(void **state)
{
    fixture *f = *state;
    scene one = scene_neutral(5);
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    scene_draw_jpeg(&one, &jpeg);
    imi_view good = imi_buffer_view(&jpeg);
    imi_view bad = imi_view_of_text("no JPEG");
    imi_photo_comparison r;
    assert_int_equal(compare_views(f, FIXTURE_PARTY, PURPOSE_ELSEWHERE, good, good, &r),
                     IMI_E_PERMISSION);
    assert_int_equal(compare_views(f, FIXTURE_PARTY, "nothing", good, good, &r),
                     IMI_E_POLICY_UNKNOWN_PURPOSE);
    assert_int_equal(compare_views(f, FIXTURE_PARTY, PURPOSE_PLAIN, bad, good, &r),
                     IMI_E_IMAGE_FORMAT);
    assert_int_equal(compare_views(f, FIXTURE_PARTY, PURPOSE_PLAIN, good, bad, &r),
                     IMI_E_IMAGE_FORMAT);
    assert_int_equal(imi_service_compare_photos(f->service, FIXTURE_PARTY, PURPOSE_PLAIN, good,
                                                good, NULL, NULL, NULL),
                     IMI_E_INVALID_ARGUMENT);
}

#define ENROL_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENROL_TEST(accepted_portrait_becomes_a_template),
        ENROL_TEST(portrait_without_one_face_is_answered_with_the_reason),
        ENROL_TEST(broken_portrait_is_an_error_and_stores_nothing),
        ENROL_TEST(only_parties_that_may_enrol_can),
        ENROL_TEST(matchability_is_told_with_the_quality),
        ENROL_TEST(attributes_that_make_no_sense_are_refused),
        ENROL_TEST(attributes_are_kept_with_the_reference),
        ENROL_TEST(bad_subject_ids_are_refused),
        ENROL_TEST(portraits_that_are_no_usable_file_are_refused_at_once),
        ENROL_TEST(enrolment_without_a_reply_is_refused),
        cmocka_unit_test(full_pool_refuses_enrolment_without_a_leak),
        ENROL_TEST(erased_reference_is_gone),
        ENROL_TEST(reference_of_another_party_cannot_be_erased),
        ENROL_TEST(who_may_not_enrol_may_not_erase),
        ENROL_TEST(two_photos_of_one_person_match),
        ENROL_TEST(photos_of_two_persons_do_not_match),
        ENROL_TEST(unusable_photo_is_neither_match_nor_non_match),
        ENROL_TEST(corrupt_photo_is_an_error_without_a_decision),
        ENROL_TEST(comparison_needs_a_granted_purpose_and_two_jpegs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
