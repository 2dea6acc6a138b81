/*
 * Documents in the service: what becomes a reference, what is told of it, and what a purpose that
 * asks for a document decides. The document layer is real; its reader's lines are scripted.
 */
#include "phone.h"

#include <string.h>

#define LINE_1 "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
#define LINE_2 "L898902C36UTO7408122F3112319ZE184226B<<<<<18"
#define BACK_1 "I<UTOD231458907<<<<<<<<<<<<<<<"
#define BACK_2 "7408122F1204159UTO<<<<<<<<<<<6"
#define BACK_3 "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"

static const int64_t YEAR_2032_MS = 1970000000000;

static const imi_document_claims true_claims = {
    .document_number = "L898902C3", .birth_date = "1974-08-12", .name = "Anna Maria Eriksson"};

static void show_zone(fixture *f, const char *a, const char *b, const char *c)
{
    f->models.zone[0] = a;
    f->models.zone[1] = b;
    f->models.zone[2] = c;
}

static int set_up(void **state)
{
    fixture_set_up(state);
    show_zone(*state, LINE_1, LINE_2, NULL);
    return 0;
}

static imi_status enrol_scene(fixture *f, const scene *what, const imi_document_claims *claims,
                              imi_enrolment *out)
{
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    scene_draw_jpeg(what, &jpeg);
    imi_enrol_request request = {
        .subject_id = "citizen-9", .document_jpeg = imi_buffer_view(&jpeg), .claims = *claims};
    imi_status status = fixture_enrol_request(f, FIXTURE_PARTY, &request, out);
    fixture_settle(f);
    return status;
}

static scene document_of(uint32_t person)
{
    scene what = scene_neutral(person);
    what.wide_box = true;
    return what;
}

static imi_status enrol(fixture *f, const imi_document_claims *claims, imi_enrolment *out)
{
    scene what = document_of(FIXTURE_PERSON);
    return enrol_scene(f, &what, claims, out);
}

static size_t stored(fixture *f, imi_reference_record *out)
{
    imi_reference_record records[4];
    size_t count = 0;
    assert_int_equal(imi_service_list_references(f->service, FIXTURE_PARTY, "citizen-9", records, 4,
                                                 &count, NULL),
                     IMI_OK);
    if (count > 0 && out != NULL) {
        *out = records[0];
    }
    return count;
}

/* ---- Accepted ---- */

static void checked_document_becomes_a_marked_reference(void **state)
{
    fixture *f = *state;
    imi_enrolment enrolled;
    assert_int_equal(enrol(f, &true_claims, &enrolled), IMI_OK);
    assert_true(enrolled.accepted);
    assert_true(enrolled.from_document);
    assert_int_equal(enrolled.document.kind, IMI_DOCUMENT_PASSPORT);
    assert_int_equal(enrolled.reason, IMI_CAPTURE_OK);
    imi_reference_record record;
    assert_int_equal(stored(f, &record), 1);
    assert_string_equal(record.reference_id, enrolled.reference_id);
    assert_true(record.document_checked);
}

static void plain_portrait_is_not_marked(void **state)
{
    fixture *f = *state;
    imi_enrolment enrolled;
    scene portrait = scene_neutral(FIXTURE_PERSON);
    assert_int_equal(fixture_enrol(f, FIXTURE_PARTY, "citizen-9", &portrait, &enrolled), IMI_OK);
    imi_reference_record record;
    assert_int_equal(stored(f, &record), 1);
    assert_false(record.document_checked);
    assert_false(enrolled.from_document);
}

static void answer_says_how_it_was_read_and_compared(void **state)
{
    fixture *f = *state;
    imi_enrolment enrolled;
    assert_int_equal(enrol(f, &true_claims, &enrolled), IMI_OK);
    const imi_document_summary *told = &enrolled.document;
    assert_int_equal(told->matches[IMI_CLAIM_DOCUMENT_NUMBER], IMI_DATA_MATCH);
    assert_int_equal(told->matches[IMI_CLAIM_NAME], IMI_DATA_MATCH);
    assert_int_equal(told->matches[IMI_CLAIM_ID_NUMBER], IMI_DATA_NOT_CLAIMED);
    assert_int_equal(told->sources[IMI_FIELD_EXPIRY_DATE], IMI_SOURCE_MRZ);
    assert_int_equal(told->checks[IMI_FIELD_EXPIRY_DATE], IMI_CHECK_HELD);
    assert_int_equal(told->checks[IMI_FIELD_SURNAME], IMI_CHECK_NONE);
}

static void attributes_come_from_the_document_unless_told(void **state)
{
    fixture *f = *state;
    imi_enrolment enrolled;
    imi_reference_record record;
    assert_int_equal(enrol(f, &true_claims, &enrolled), IMI_OK);
    assert_int_equal(stored(f, &record), 1);
    assert_int_equal(record.birth_decade, 1970);
    assert_int_equal(record.sex, IMI_SEX_FEMALE);
    assert_int_equal(
        imi_service_delete_reference(f->service, FIXTURE_PARTY, record.reference_id, NULL), IMI_OK);
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    scene what = document_of(FIXTURE_PERSON);
    scene_draw_jpeg(&what, &jpeg);
    imi_enrol_request request = {.subject_id = "citizen-9",
                                 .document_jpeg = imi_buffer_view(&jpeg),
                                 .claims = true_claims,
                                 .birth_decade = 1980,
                                 .sex = IMI_SEX_MALE};
    assert_int_equal(fixture_enrol_request(f, FIXTURE_PARTY, &request, &enrolled), IMI_OK);
    assert_int_equal(stored(f, &record), 1);
    assert_int_equal(record.birth_decade, 1980);
    assert_int_equal(record.sex, IMI_SEX_MALE);
}

/* ---- Refused ---- */

static void assert_refused(fixture *f, const scene *what, const imi_document_claims *claims,
                           imi_document_reason reason)
{
    int64_t blocks = imi_alloc_live_blocks();
    imi_enrolment enrolled;
    assert_int_equal(enrol_scene(f, what, claims, &enrolled), IMI_OK);
    assert_false(enrolled.accepted);
    assert_string_equal(enrolled.reference_id, "");
    assert_true((enrolled.document.reasons >> reason & 1U) != 0);
    assert_int_equal(imi_alloc_live_blocks(), blocks);
    assert_int_equal(stored(f, NULL), 0);
}

static void wrong_claim_is_refused(void **state)
{
    fixture *f = *state;
    scene what = document_of(FIXTURE_PERSON);
    imi_document_claims claims = true_claims;
    claims.document_number = "L898902C4";
    assert_refused(f, &what, &claims, IMI_DOCUMENT_DATA_DIFFERS);
    claims = true_claims;
    claims.name = "Anna Maria Erikson";
    assert_refused(f, &what, &claims, IMI_DOCUMENT_DATA_DIFFERS);
}

static void wrong_check_digit_is_refused(void **state)
{
    fixture *f = *state;
    scene what = document_of(FIXTURE_PERSON);
    show_zone(f, LINE_1, "L898902C37UTO7408122F3112319ZE184226B<<<<<18", NULL);
    assert_refused(f, &what, &true_claims, IMI_DOCUMENT_CHECK_DIGIT_WRONG);
}

static void document_past_its_day_is_refused(void **state)
{
    fixture *f = *state;
    scene what = document_of(FIXTURE_PERSON);
    f->clock.now_ms = YEAR_2032_MS;
    assert_refused(f, &what, &true_claims, IMI_DOCUMENT_EXPIRED);
}

static void document_without_a_portrait_is_refused(void **state)
{
    fixture *f = *state;
    scene what = document_of(FIXTURE_PERSON);
    what.faces = 0;
    assert_refused(f, &what, &true_claims, IMI_DOCUMENT_NO_PORTRAIT);
    const imi_document_claims name = {.name = "Anna Maria Eriksson"};
    show_zone(f, BACK_1, BACK_2, BACK_3);
    assert_refused(f, &what, &name, IMI_DOCUMENT_WRONG_SIDE);
}

static void portrait_that_cannot_serve_is_refused(void **state)
{
    fixture *f = *state;
    scene what = document_of(FIXTURE_PERSON);
    what.dark = true;
    assert_refused(f, &what, &true_claims, IMI_DOCUMENT_PORTRAIT_UNFIT);
}

static void face_without_a_zone_is_refused(void **state)
{
    fixture *f = *state;
    scene what = document_of(FIXTURE_PERSON);
    show_zone(f, NULL, NULL, NULL);
    assert_refused(f, &what, &true_claims, IMI_DOCUMENT_NO_DOCUMENT);
}

/* ---- Errors ---- */

static void assert_fails(fixture *f, imi_status wanted)
{
    imi_enrolment enrolled;
    assert_int_equal(enrol(f, &true_claims, &enrolled), wanted);
    assert_false(enrolled.accepted);
    assert_false(enrolled.from_document);
    assert_int_equal(enrolled.document.matches[IMI_CLAIM_NAME], IMI_DATA_NOT_CLAIMED);
    assert_int_equal(stored(f, NULL), 0);
}

static void reader_that_cannot_run_is_an_error(void **state)
{
    fixture *f = *state;
    f->models.reader_is_broken = true;
    assert_fails(f, IMI_E_MODEL_RUN);
}

static void server_without_a_reader_says_so(void **state)
{
    (void)state;
    fixture *f = fixture_new(&(fixture_options){.without_reader = true});
    assert_fails(f, IMI_E_UNSUPPORTED);
    fixture_destroy(&f);
}

static void broken_document_is_an_error(void **state)
{
    fixture *f = *state;
    scene what = document_of(FIXTURE_PERSON);
    IMI_AUTO_BUFFER broken = IMI_BUFFER_INIT;
    scene_draw_broken_jpeg(&what, &broken);
    imi_enrol_request request = {.subject_id = "citizen-9",
                                 .document_jpeg = imi_buffer_view(&broken),
                                 .claims = true_claims};
    imi_enrolment enrolled;
    assert_int_equal(fixture_enrol_request(f, FIXTURE_PARTY, &request, &enrolled),
                     IMI_E_IMAGE_CORRUPT);
    assert_int_equal(stored(f, NULL), 0);
}

static void one_photo_is_enrolled_not_two(void **state)
{
    fixture *f = *state;
    scene what = document_of(FIXTURE_PERSON);
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    scene_draw_jpeg(&what, &jpeg);
    imi_view photo = imi_buffer_view(&jpeg);
    imi_enrolment enrolled;
    imi_enrol_request both = {.subject_id = "citizen-9",
                              .portrait_jpeg = photo,
                              .document_jpeg = photo,
                              .claims = true_claims};
    assert_int_equal(fixture_enrol_request(f, FIXTURE_PARTY, &both, &enrolled),
                     IMI_E_INVALID_ARGUMENT);
    imi_enrol_request claims_of_a_portrait = {
        .subject_id = "citizen-9", .portrait_jpeg = photo, .claims = true_claims};
    assert_int_equal(fixture_enrol_request(f, FIXTURE_PARTY, &claims_of_a_portrait, &enrolled),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(stored(f, NULL), 0);
}

static void claims_that_check_nothing_are_errors(void **state)
{
    fixture *f = *state;
    char longer[202];
    memset(longer, 'x', 201);
    longer[201] = '\0';
    const imi_document_claims wrong[] = {
        {.document_number = ""},
        {.birth_date = "1974-08-12"},
        {.name = longer},
        {.name = "\xc0\x80"},
        {.name = "Anna", .birth_date = "1974-02-30"},
        {.name = "Anna", .birth_date = "12.8.1974"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        imi_enrolment enrolled;
        assert_int_equal(enrol(f, &wrong[i], &enrolled), IMI_E_INVALID_ARGUMENT);
    }
    assert_int_equal(stored(f, NULL), 0);
}

/* ---- Decisions ---- */

static void enrol_for_sessions(fixture *f, uint32_t person)
{
    scene what = document_of(person);
    imi_enrolment enrolled;
    assert_int_equal(enrol_scene(f, &what, &true_claims, &enrolled), IMI_OK);
    assert_true(enrolled.accepted);
    imi_copy_text(f->reference_id, sizeof f->reference_id, enrolled.reference_id);
}

static imi_session_record decide(fixture *f, char session_id[IMI_ID_SIZE])
{
    imi_created_session created = fixture_create(f, PURPOSE_DOCUMENT);
    phone *p = phone_new(f, FIXTURE_PERSON);
    phone_run(p, &created);
    phone_destroy(&p);
    imi_copy_text(session_id, IMI_ID_SIZE, created.session_id);
    return fixture_session(f, created.session_id);
}

static void person_of_a_checked_document_is_verified(void **state)
{
    fixture *f = *state;
    enrol_for_sessions(f, FIXTURE_PERSON);
    char session_id[IMI_ID_SIZE];
    imi_session_record record = decide(f, session_id);
    assert_int_equal(record.decision, IMI_DECISION_VERIFIED);
    imi_token_claims claims = fixture_checked_token(f, session_id);
    assert_string_equal(claims.methods, "face liveness document");
}

static void plain_portrait_is_left_to_a_review(void **state)
{
    fixture *f = *state;
    char session_id[IMI_ID_SIZE];
    imi_session_record record = decide(f, session_id);
    assert_int_equal(record.decision, IMI_DECISION_REVIEW);
    assert_string_equal(record.reason, "document_missing");
    assert_string_equal(record.token_id, "");
}

static void document_of_another_person_is_rejected(void **state)
{
    fixture *f = *state;
    enrol_for_sessions(f, OTHER_PERSON);
    char session_id[IMI_ID_SIZE];
    imi_session_record record = decide(f, session_id);
    assert_int_equal(record.decision, IMI_DECISION_REJECTED);
    assert_string_equal(record.reason, "non_match");
}

#define DOCUMENT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DOCUMENT_TEST(checked_document_becomes_a_marked_reference),
        DOCUMENT_TEST(plain_portrait_is_not_marked),
        DOCUMENT_TEST(answer_says_how_it_was_read_and_compared),
        DOCUMENT_TEST(attributes_come_from_the_document_unless_told),
        DOCUMENT_TEST(wrong_claim_is_refused),
        DOCUMENT_TEST(wrong_check_digit_is_refused),
        DOCUMENT_TEST(document_past_its_day_is_refused),
        DOCUMENT_TEST(document_without_a_portrait_is_refused),
        DOCUMENT_TEST(portrait_that_cannot_serve_is_refused),
        DOCUMENT_TEST(face_without_a_zone_is_refused),
        DOCUMENT_TEST(reader_that_cannot_run_is_an_error),
        cmocka_unit_test(server_without_a_reader_says_so),
        DOCUMENT_TEST(broken_document_is_an_error),
        DOCUMENT_TEST(one_photo_is_enrolled_not_two),
        DOCUMENT_TEST(claims_that_check_nothing_are_errors),
        DOCUMENT_TEST(person_of_a_checked_document_is_verified),
        DOCUMENT_TEST(plain_portrait_is_left_to_a_review),
        DOCUMENT_TEST(document_of_another_person_is_rejected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
