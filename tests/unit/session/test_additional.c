/*
 * Additional references: offered after strong verifications only, kept with consent only, bounded,
 * and taken back by the subject or the relying party.
 */
#include "additional_reference.h"
#include "crowd.h"
#include "phone.h"
#include "service_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const int64_t DAY_MS = 24 * 3600 * 1000LL;

/* ---- The conditions ---- */

typedef struct condition {
    imi_purpose purpose;
    imi_evidence evidence;
    imi_subject_reference reference;
    int64_t now_ms;
} condition;

static condition *good_condition(void)
{
    condition *c = imi_alloc_aligned(1, sizeof *c);
    c->purpose.additional = (imi_additional_rules){
        .offer = true, .consent_text = "text", .fmr_max = 1e-6, .max = 2, .after_days = 30};
    imi_evidence_init(&c->evidence);
    c->evidence.liveness.live = true;
    c->evidence.findings.layer[IMI_LAYER_PASSIVE].measured = true;
    c->evidence.compared = true;
    c->evidence.fmr = 1e-6;
    c->reference.newest_ms = 1000;
    c->now_ms = 1000 + 30 * DAY_MS;
    return c;
}

static bool may(const condition *c)
{
    imi_verified_probe verified = {
        .purpose = &c->purpose, .evidence = &c->evidence, .reference = &c->reference};
    return imi_additional_reference_may(&verified, c->now_ms);
}

static void a_strong_verification_may_be_offered(void **state)
{
    (void)state;
    condition *c = good_condition();
    assert_true(may(c));
    imi_free(c);
}

static void each_missing_condition_forbids_the_offer(void **state)
{
    (void)state;
    for (int spoil = 0; spoil < 8; spoil++) {
        condition *c = good_condition();
        switch (spoil) {
        case 0:
            c->purpose.additional.offer = false;
            break;
        case 1:
            c->evidence.fmr = nextafter(1e-6, 1);
            break;
        case 2:
            c->evidence.fmr = NAN;
            break;
        case 3:
            c->evidence.findings.layer[IMI_LAYER_PASSIVE].reduced = true;
            break;
        case 4:
            c->evidence.liveness.live = false;
            break;
        case 5:
            c->now_ms--;
            break;
        case 6:
            c->evidence.compared = false;
            break;
        default:
            c->purpose.additional = (imi_additional_rules){.offer = false};
        }
        assert_false(may(c));
        imi_free(c);
    }
}

/* ---- In sessions ---- */

/* A verified session of the fixture's person, seen at an angle so that templates differ. */
static phone *verify(fixture *f, const char *purpose, float unlikeness_deg)
{
    phone *p = phone_new(f, FIXTURE_PERSON);
    p->look.unlikeness_deg = unlikeness_deg;
    imi_created_session created = fixture_create(f, purpose);
    imi_frame_feedback last = phone_run(p, &created);
    assert_int_equal(last.outcome, IMI_OUTCOME_DONE);
    assert_int_equal(fixture_session(f, p->session_id).decision, IMI_DECISION_VERIFIED);
    return p;
}

static phone *verify_later(fixture *f)
{
    imi_clock_manual_advance(&f->clock, 31 * DAY_MS);
    return verify(f, PURPOSE_KEEPING, 5);
}

static imi_outcome outcome_of(const phone *p)
{
    imi_outcome outcome;
    assert_int_equal(imi_service_outcome(p->f->service, p->credential, &outcome, NULL), IMI_OK);
    return outcome;
}

static imi_status answer(const phone *p, bool accepted)
{
    return imi_service_answer_additional(p->f->service, p->credential, accepted, NULL);
}

static size_t list(fixture *f, imi_reference_record out[8])
{
    size_t count = 0;
    assert_int_equal(
        imi_service_list_references(f->service, FIXTURE_PARTY, "citizen-1", out, 8, &count, NULL),
        IMI_OK);
    return count;
}

static size_t count_references(fixture *f)
{
    imi_reference_record records[8];
    return list(f, records);
}

static void assert_last_event(const phone *p, const char *kind)
{
    char events[512];
    fixture_events(p->f, p->session_id, events, sizeof events);
    const char *last = strrchr(events, ' ');
    assert_non_null(last);
    assert_string_equal(last + 1, kind);
}

static void the_phone_is_told_the_consent_text(void **state)
{
    fixture *f = *state;
    phone *p = verify_later(f);
    imi_outcome outcome = outcome_of(p);
    assert_int_equal(outcome.keep_reference, IMI_KEEP_REFERENCE_OFFERED);
    assert_non_null(strstr(outcome.keep_text, "consent to before a template is kept"));
    assert_int_equal(count_references(f), 1); /* nothing is kept before the answer */
    phone_destroy(&p);
}

static void with_consent_the_template_is_kept_beside_the_primary_one(void **state)
{
    fixture *f = *state;
    phone *p = verify_later(f);
    assert_int_equal(answer(p, true), IMI_OK);
    assert_int_equal(outcome_of(p).keep_reference, IMI_KEEP_REFERENCE_KEPT);
    imi_reference_record records[8];
    assert_int_equal(list(f, records), 2);
    const imi_reference_record *added =
        &records[records[0].kind == IMI_REFERENCE_ADDITIONAL ? 0 : 1];
    assert_int_equal(added->kind, IMI_REFERENCE_ADDITIONAL);
    assert_string_equal(added->parent_id, f->reference_id);
    assert_string_equal(added->session_id, p->session_id);
    assert_string_equal(added->subject_id, "citizen-1");
    assert_string_equal(added->model_version, FIXTURE_MODEL_VERSION);
    assert_int_equal(added->created_ms, f->clock.now_ms);
    assert_true(added->quality > 0 && added->quality <= 1);
    assert_last_event(p, "reference_kept");
    phone_destroy(&p);
}

static void the_answer_may_come_twice(void **state)
{
    fixture *f = *state;
    phone *p = verify_later(f);
    assert_int_equal(answer(p, true), IMI_OK);
    assert_int_equal(answer(p, true), IMI_OK);
    assert_int_equal(count_references(f), 2);
    phone_destroy(&p);
}

static void a_refusal_is_recorded_and_nothing_is_kept(void **state)
{
    fixture *f = *state;
    phone *p = verify_later(f);
    assert_int_equal(answer(p, false), IMI_OK);
    assert_last_event(p, "reference_refused");
    assert_int_equal(outcome_of(p).keep_reference, IMI_KEEP_REFERENCE_NONE);
    assert_null(outcome_of(p).keep_text);
    assert_int_equal(answer(p, true), IMI_E_SESSION_STATE); /* it is wiped */
    assert_int_equal(answer(p, false), IMI_OK);
    assert_int_equal(count_references(f), 1);
    phone_destroy(&p);
}

static void the_subject_may_take_it_back(void **state)
{
    fixture *f = *state;
    phone *p = verify_later(f);
    assert_int_equal(answer(p, true), IMI_OK);
    assert_int_equal(answer(p, false), IMI_OK);
    assert_last_event(p, "reference_withdrawn");
    assert_int_equal(count_references(f), 1);
    assert_int_equal(outcome_of(p).keep_reference, IMI_KEEP_REFERENCE_NONE);
    phone_destroy(&p);
}

static void the_relying_party_may_erase_it(void **state)
{
    fixture *f = *state;
    phone *p = verify_later(f);
    assert_int_equal(answer(p, true), IMI_OK);
    imi_reference_record records[8];
    assert_int_equal(list(f, records), 2);
    const imi_reference_record *added =
        &records[records[0].kind == IMI_REFERENCE_ADDITIONAL ? 0 : 1];
    assert_int_equal(
        imi_service_delete_reference(f->service, FIXTURE_OTHER_PARTY, added->reference_id, NULL),
        IMI_E_PERMISSION);
    assert_int_equal(
        imi_service_delete_reference(f->service, FIXTURE_PARTY, added->reference_id, NULL), IMI_OK);
    assert_int_equal(count_references(f), 1);
    phone_destroy(&p);
}

static void erasing_the_primary_one_erases_all(void **state)
{
    fixture *f = *state;
    phone *p = verify_later(f);
    assert_int_equal(answer(p, true), IMI_OK);
    assert_int_equal(imi_service_delete_reference(f->service, FIXTURE_PARTY, f->reference_id, NULL),
                     IMI_OK);
    assert_int_equal(count_references(f), 0);
    phone_destroy(&p);
}

static void after_the_primary_one_was_erased_none_is_kept(void **state)
{
    fixture *f = *state;
    phone *p = verify_later(f);
    assert_int_equal(imi_service_delete_reference(f->service, FIXTURE_PARTY, f->reference_id, NULL),
                     IMI_OK);
    assert_int_equal(answer(p, true), IMI_E_SESSION_STATE);
    assert_int_equal(count_references(f), 0);
    phone_destroy(&p);
}

static void the_oldest_goes_when_there_are_too_many(void **state)
{
    fixture *f = *state;
    char sessions[3][IMI_ID_SIZE];
    for (int i = 0; i < 3; i++) {
        phone *p = verify_later(f);
        assert_int_equal(answer(p, true), IMI_OK);
        imi_copy_text(sessions[i], IMI_ID_SIZE, p->session_id);
        phone_destroy(&p);
    }
    imi_reference_record records[8];
    assert_int_equal(list(f, records), 3); /* the primary one and 2 */
    for (size_t i = 0; i < 3; i++) {
        assert_string_not_equal(records[i].session_id, sessions[0]);
    }
}

static void none_is_offered_soon_after_the_last_one(void **state)
{
    fixture *f = *state;
    phone *first = verify_later(f);
    assert_int_equal(answer(first, true), IMI_OK);
    phone *second = verify(f, PURPOSE_KEEPING, 5);
    assert_int_equal(outcome_of(second).keep_reference, IMI_KEEP_REFERENCE_NONE);
    assert_int_equal(answer(second, true), IMI_E_SESSION_STATE);
    assert_int_equal(count_references(f), 2);
    phone_destroy(&first);
    phone_destroy(&second);
}

static void none_is_offered_where_the_policy_says_nothing(void **state)
{
    fixture *f = *state;
    imi_clock_manual_advance(&f->clock, 31 * DAY_MS);
    phone *p = verify(f, PURPOSE_STRICT, 5);
    assert_int_equal(outcome_of(p).keep_reference, IMI_KEEP_REFERENCE_NONE);
    assert_int_equal(answer(p, true), IMI_E_SESSION_STATE);
    phone_destroy(&p);
}

static void none_is_offered_after_a_weak_verification(void **state)
{
    fixture *f = *state;
    imi_clock_manual_advance(&f->clock, 31 * DAY_MS);
    phone *p = verify(f, PURPOSE_KEEPING, 45); /* similarity 0.7: verified, above 2e-5 */
    assert_int_equal(outcome_of(p).keep_reference, IMI_KEEP_REFERENCE_NONE);
    phone_destroy(&p);
}

static void somebody_else_is_offered_nothing(void **state)
{
    fixture *f = *state;
    imi_clock_manual_advance(&f->clock, 31 * DAY_MS);
    phone *p = phone_new(f, OTHER_PERSON);
    imi_created_session created = fixture_create(f, PURPOSE_KEEPING);
    (void)phone_run(p, &created);
    assert_int_equal(outcome_of(p).keep_reference, IMI_KEEP_REFERENCE_NONE);
    assert_int_equal(answer(p, true), IMI_E_SESSION_STATE);
    assert_int_equal(count_references(f), 1);
    phone_destroy(&p);
}

typedef struct overtaking {
    const phone *p;
    imi_status status;
} overtaking;

static void say_no(void *user)
{
    overtaking *self = user;
    self->status = answer(self->p, false);
}

/* The no comes while the yes is about to be stored: whoever was told no keeps nothing. */
static void a_refusal_that_overtakes_the_consent_holds(void **state)
{
    fixture *f = *state;
    phone *p = verify_later(f);
    overtaking no = {p, IMI_E_INTERNAL};
    /* The consent looks for its session twice, records itself, and looks for the oldest. */
    faulty_store_intervene(&f->store, 5, say_no, &no);
    assert_int_equal(answer(p, true), IMI_E_SESSION_STATE);
    assert_int_equal(no.status, IMI_OK);
    assert_int_equal(count_references(f), 1);
    assert_last_event(p, "reference_withdrawn");
    assert_int_equal(outcome_of(p).keep_reference, IMI_KEEP_REFERENCE_NONE);
    phone_destroy(&p);
}

static void erasing_the_primary_one_wipes_what_was_offered(void **state)
{
    fixture *f = *state;
    phone *p = verify_later(f);
    imi_service_counts counts;
    imi_service_count(f->service, &counts);
    assert_int_equal(counts.offers_held, 1);
    assert_int_equal(imi_service_delete_reference(f->service, FIXTURE_PARTY, f->reference_id, NULL),
                     IMI_OK);
    imi_service_count(f->service, &counts);
    assert_int_equal(counts.offers_held, 0);
    phone_destroy(&p);
}

static void an_expired_session_keeps_nothing(void **state)
{
    fixture *f = *state;
    phone *p = verify_later(f);
    imi_service_counts counts;
    imi_service_count(f->service, &counts);
    assert_int_equal(counts.offers_held, 1);
    imi_clock_manual_advance(&f->clock, 900 * 1000);
    assert_int_equal(answer(p, true), IMI_E_UNAUTHENTICATED);
    imi_service_tick(f->service);
    imi_service_count(f->service, &counts);
    assert_int_equal(counts.offers_held, 0);
    assert_int_equal(count_references(f), 1);
    phone_destroy(&p);
}

static void another_phones_credential_answers_nothing(void **state)
{
    fixture *f = *state;
    phone *p = verify_later(f);
    assert_int_equal(imi_service_answer_additional(f->service, "ses_x.AAAA", true, NULL),
                     IMI_E_UNAUTHENTICATED);
    phone *other = phone_new(f, FIXTURE_PERSON);
    imi_created_session created = fixture_create(f, PURPOSE_KEEPING);
    phone_enter(other, &created);
    assert_int_equal(answer(other, true), IMI_E_SESSION_STATE);
    assert_int_equal(count_references(f), 1);
    phone_destroy(&other);
    phone_destroy(&p);
}

static void a_restart_forgets_what_was_offered(void **state)
{
    fixture *f = *state;
    phone *p = verify_later(f);
    fixture_restart(f);
    assert_int_equal(answer(p, true), IMI_E_SESSION_STATE);
    assert_int_equal(count_references(f), 1);
    phone_destroy(&p);
}

static void a_failing_store_keeps_the_offer_for_another_try(void **state)
{
    fixture *f = *state;
    bool failed = true;
    for (int n = 1; failed; n++) {
        phone *p = verify_later(f);
        faulty_store_fail(&f->store, n, IMI_E_STORE_IO, false);
        imi_status status = answer(p, true);
        failed = faulty_store_has_failed(&f->store);
        faulty_store_heal(&f->store);
        assert_int_equal(status, failed ? IMI_E_STORE_IO : IMI_OK);
        assert_int_equal(answer(p, true), IMI_OK);
        assert_int_equal(outcome_of(p).keep_reference, IMI_KEEP_REFERENCE_KEPT);
        phone_destroy(&p);
    }
    assert_in_range(count_references(f), 2, 3);
}

static void sessions_do_not_name_additional_references(void **state)
{
    fixture *f = *state;
    phone *p = verify_later(f);
    assert_int_equal(answer(p, true), IMI_OK);
    imi_reference_record records[8];
    assert_int_equal(list(f, records), 2);
    const imi_reference_record *added =
        &records[records[0].kind == IMI_REFERENCE_ADDITIONAL ? 0 : 1];
    imi_create_session request = {.purpose = PURPOSE_KEEPING,
                                  .reference_id = added->reference_id,
                                  .nonce = "nonce-of-the-bureau",
                                  .request_id = ""};
    imi_created_session created;
    assert_int_equal(
        imi_service_create_session(f->service, FIXTURE_PARTY, &request, &created, NULL),
        IMI_E_INVALID_ARGUMENT);
    phone_destroy(&p);
}

/* ---- What it is good for ---- */

static void both_references_are_compared_with(void **state)
{
    fixture *f = *state;
    phone *p = verify_later(f);
    assert_int_equal(answer(p, true), IMI_OK);
    imi_subject_reference *loaded = imi_alloc_aligned(1, sizeof *loaded);
    assert_int_equal(imi_subject_reference_load(f->sqlite, f->reference_id, loaded, NULL), IMI_OK);
    assert_int_equal(loaded->count, 2);
    assert_int_equal(loaded->newest_ms, f->clock.now_ms);
    /* The primary one first; the other was seen at 5 degrees. */
    const imi_template *templates = loaded->templates;
    double seen = cos(5 * 3.14159265358979 / 180);
    assert_true(templates[0].vectors[0].values[FIXTURE_PERSON] > 0.9999F);
    assert_true(fabs((double)templates[1].vectors[0].values[FIXTURE_PERSON] - seen) < 1e-3);
    imi_free(loaded);
    phone_destroy(&p);
}

/* Similarity 1 to one reference and cos 20 to the other: the mean, not the best. */
static void the_mean_of_the_scores_decides(void **state)
{
    fixture *f = *state;
    imi_clock_manual_advance(&f->clock, 31 * DAY_MS);
    phone *p = verify(f, PURPOSE_KEEPING, 20);
    assert_int_equal(answer(p, true), IMI_OK);
    phone *again = verify(f, PURPOSE_STRICT, 20);
    double wanted = (1 + cos(20 * 3.14159265358979 / 180)) / 2;
    assert_true(fabs(fixture_session(f, again->session_id).similarity - wanted) < 2e-3);
    phone_destroy(&again);
    phone_destroy(&p);
}

static void additional_references_of_other_models_are_left_out(void **state)
{
    fixture *f = *state;
    imi_reference_record record;
    assert_int_equal(f->sqlite->get_reference(f->sqlite, f->reference_id, &record, NULL, NULL),
                     IMI_OK);
    imi_copy_text(record.parent_id, sizeof record.parent_id, record.reference_id);
    imi_copy_text(record.reference_id, sizeof record.reference_id, "ref_older");
    imi_copy_text(record.model_version, sizeof record.model_version, "older");
    record.kind = IMI_REFERENCE_ADDITIONAL;
    assert_int_equal(f->sqlite->put_reference(f->sqlite, &record, imi_view_of_text("x"), NULL),
                     IMI_OK);
    imi_subject_reference *loaded = imi_alloc_aligned(1, sizeof *loaded);
    assert_int_equal(imi_subject_reference_load(f->sqlite, f->reference_id, loaded, NULL), IMI_OK);
    assert_int_equal(loaded->count, 1);
    imi_free(loaded);
}

static void an_erased_reference_loads_as_none(void **state)
{
    fixture *f = *state;
    imi_subject_reference *loaded = imi_alloc_aligned(1, sizeof *loaded);
    assert_int_equal(imi_subject_reference_load(f->sqlite, "ref_x", loaded, NULL), IMI_OK);
    assert_string_equal(loaded->primary.reference_id, "");
    assert_int_equal(loaded->count, 0);
    imi_free(loaded);
}

/* ---- Listing ---- */

static void only_parties_that_may_enrol_list_and_only_their_own(void **state)
{
    fixture *f = *state;
    imi_reference_record records[2];
    size_t count = 9;
    assert_int_equal(imi_service_list_references(f->service, FIXTURE_OTHER_PARTY, "citizen-1",
                                                 records, 2, &count, NULL),
                     IMI_E_PERMISSION);
    assert_int_equal(count, 0);
    crowd_enrol(f, 5, 1); /* of the other party */
    assert_int_equal(
        imi_service_list_references(f->service, FIXTURE_PARTY, "crowd-5", records, 2, &count, NULL),
        IMI_OK);
    assert_int_equal(count, 0);
    assert_int_equal(
        imi_service_list_references(f->service, FIXTURE_PARTY, "", records, 2, &count, NULL),
        IMI_E_INVALID_ARGUMENT);
}

/* ---- The table of offers ---- */

static void offers_are_bounded(void **state)
{
    (void)state;
    imi_offers *offers = imi_alloc_aligned(1, sizeof *offers);
    imi_offers_init(offers);
    imi_offer *offer = imi_alloc_aligned(1, sizeof *offer);
    int64_t blocks = imi_alloc_live_blocks();
    for (int i = 0; i < IMI_OFFERS_MAX; i++) {
        snprintf(offer->session_id, sizeof offer->session_id, "ses_%d", i);
        offer->expires_ms = i;
        assert_true(imi_offers_hold(offers, offer));
    }
    snprintf(offer->session_id, sizeof offer->session_id, "ses_more");
    assert_false(imi_offers_hold(offers, offer));
    snprintf(offer->session_id, sizeof offer->session_id, "ses_7");
    assert_true(imi_offers_hold(offers, offer)); /* takes its own place */
    assert_int_equal(imi_offers_count(offers), IMI_OFFERS_MAX);
    imi_offers_drop_expired(offers, IMI_OFFERS_MAX);
    assert_int_equal(imi_offers_count(offers), 0);
    assert_false(imi_offers_take(offers, "ses_8", offer));
    assert_string_equal(offer->session_id, "");
    assert_int_equal(imi_alloc_live_blocks(), blocks);
    imi_offers_clean_up(offers);
    imi_free(offer);
    imi_free(offers);
}

int main(void)
{
    fixture_prefer_memory();
#define PLAIN(function) cmocka_unit_test(function)
#define KEEP_TEST(function)                                                                        \
    cmocka_unit_test_setup_teardown(function, fixture_set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        PLAIN(a_strong_verification_may_be_offered),
        PLAIN(each_missing_condition_forbids_the_offer),
        KEEP_TEST(the_phone_is_told_the_consent_text),
        KEEP_TEST(with_consent_the_template_is_kept_beside_the_primary_one),
        KEEP_TEST(the_answer_may_come_twice),
        KEEP_TEST(a_refusal_is_recorded_and_nothing_is_kept),
        KEEP_TEST(the_subject_may_take_it_back),
        KEEP_TEST(the_relying_party_may_erase_it),
        KEEP_TEST(erasing_the_primary_one_erases_all),
        KEEP_TEST(after_the_primary_one_was_erased_none_is_kept),
        KEEP_TEST(the_oldest_goes_when_there_are_too_many),
        KEEP_TEST(none_is_offered_soon_after_the_last_one),
        KEEP_TEST(none_is_offered_where_the_policy_says_nothing),
        KEEP_TEST(none_is_offered_after_a_weak_verification),
        KEEP_TEST(somebody_else_is_offered_nothing),
        KEEP_TEST(a_refusal_that_overtakes_the_consent_holds),
        KEEP_TEST(erasing_the_primary_one_wipes_what_was_offered),
        KEEP_TEST(an_expired_session_keeps_nothing),
        KEEP_TEST(another_phones_credential_answers_nothing),
        KEEP_TEST(a_restart_forgets_what_was_offered),
        KEEP_TEST(a_failing_store_keeps_the_offer_for_another_try),
        KEEP_TEST(sessions_do_not_name_additional_references),
        KEEP_TEST(both_references_are_compared_with),
        KEEP_TEST(the_mean_of_the_scores_decides),
        KEEP_TEST(additional_references_of_other_models_are_left_out),
        KEEP_TEST(an_erased_reference_loads_as_none),
        KEEP_TEST(only_parties_that_may_enrol_list_and_only_their_own),
        PLAIN(offers_are_bounded),
    };
    return cmocka_run_group_tests_name("session: additional references", tests, NULL, NULL);
}
