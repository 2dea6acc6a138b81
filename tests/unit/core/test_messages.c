/*
 * The phone's messages against the server's own code for the same protocol, and against answers
 * that no server gives.
 */
#include "imi/v1/holder.pb-c.h"
#include "imi/v1/subject.pb-c.h"
#include "imi_core/messages.h"

#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 4096 };

static uint8_t bytes[ROOM];

static imi_core_view text(const char *value)
{
    return (imi_core_view){(const uint8_t *)value, strlen(value)};
}

static void assert_text(imi_core_view got, const char *want)
{
    assert_int_equal(got.size, strlen(want));
    assert_memory_equal(got.data, want, got.size);
}

static imi_core_view pack(const ProtobufCMessage *message)
{
    assert_true(protobuf_c_message_get_packed_size(message) <= sizeof bytes);
    return (imi_core_view){bytes, protobuf_c_message_pack(message, bytes)};
}

static void *unpack(const ProtobufCMessageDescriptor *type, size_t size)
{
    ProtobufCMessage *message = protobuf_c_message_unpack(type, NULL, size, bytes);
    assert_non_null(message);
    return message;
}

static void release(void *message)
{
    protobuf_c_message_free_unpacked(message, NULL);
}

static imi_core_join good_join(void)
{
    static const uint8_t key[91] = {0x30, 0x59};
    return (imi_core_join){
        .session_id = text("ses_x"),
        .join_secret = text("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq"),
        .device_public_key = {key, sizeof key},
    };
}

static void join_is_read_by_the_server(void **state)
{
    (void)state;
    imi_core_join join = good_join();
    size_t size = imi_core_write_join(&join, bytes, sizeof bytes);
    Imi__V1__JoinRequest *got = unpack(&imi__v1__join_request__descriptor, size);
    assert_string_equal(got->session_id, "ses_x");
    assert_int_equal(strlen(got->join_secret), 43);
    assert_int_equal(got->device_public_key.len, 91);
    release(got);
}

static void join_with_wrong_sizes_is_not_written(void **state)
{
    (void)state;
    imi_core_join join = good_join();
    join.join_secret.size--;
    assert_int_equal(imi_core_write_join(&join, bytes, sizeof bytes), 0);
    join = good_join();
    join.device_public_key.size--;
    assert_int_equal(imi_core_write_join(&join, bytes, sizeof bytes), 0);
    join = good_join();
    join.session_id.size = 0;
    assert_int_equal(imi_core_write_join(&join, bytes, sizeof bytes), 0);
}

static void nothing_is_written_beyond_the_room(void **state)
{
    (void)state;
    imi_core_join join = good_join();
    size_t size = imi_core_write_join(&join, bytes, sizeof bytes);
    for (size_t room = 0; room < size; room++) {
        uint8_t *exact = malloc(room + 1);
        exact[room] = 0xEE;
        assert_int_equal(imi_core_write_join(&join, exact, room), 0);
        assert_int_equal(exact[room], 0xEE);
        free(exact);
    }
}

static void consent_is_read_by_the_server(void **state)
{
    (void)state;
    imi_core_view claims[] = {text("birthdate"), text("name")};
    size_t size = imi_core_write_consent(true, claims, 2, bytes, sizeof bytes);
    Imi__V1__GiveConsentRequest *got = unpack(&imi__v1__give_consent_request__descriptor, size);
    assert_true(got->accepted);
    assert_int_equal(got->n_claims, 2);
    assert_string_equal(got->claims[1], "name");
    release(got);
    size = imi_core_write_consent(false, NULL, 0, bytes, sizeof bytes);
    got = unpack(&imi__v1__give_consent_request__descriptor, size);
    assert_false(got->accepted);
    release(got);
    assert_int_equal(
        imi_core_write_consent(true, claims, IMI_CORE_CLAIMS_MAX + 1, bytes, sizeof bytes), 0);
}

static void begin_is_read_by_the_server(void **state)
{
    (void)state;
    static const uint8_t object[300] = {1, 2, 3};
    imi_core_begin begin = {
        .cannot_mask = 1U << 4 | 1U << 7,
        .hints = IMI_CORE_HINT_EMULATOR | IMI_CORE_HINT_AUTOMATION,
        .attestation_kind = 1,
        .attestation = {object, sizeof object},
    };
    size_t size;
    assert_true(imi_core_write_begin(&begin, bytes, sizeof bytes, &size));
    Imi__V1__BeginCaptureRequest *got = unpack(&imi__v1__begin_capture_request__descriptor, size);
    assert_int_equal(got->n_cannot, 2);
    assert_int_equal(got->cannot[0], 4);
    assert_int_equal(got->cannot[1], 7);
    assert_false(got->hints->virtual_camera);
    assert_true(got->hints->emulator && got->hints->automation);
    assert_int_equal(got->attestation->kind, 1);
    assert_int_equal(got->attestation->object.len, sizeof object);
    release(got);
}

static void begin_may_be_empty_and_is_bounded(void **state)
{
    (void)state;
    imi_core_begin begin = {0};
    size_t size = 1;
    assert_true(imi_core_write_begin(&begin, bytes, sizeof bytes, &size));
    assert_int_equal(size, 0);
    begin.attestation_kind = 3;
    assert_false(imi_core_write_begin(&begin, bytes, sizeof bytes, &size));
    begin = (imi_core_begin){.cannot_mask = 2};
    assert_false(imi_core_write_begin(&begin, bytes, 1, &size));
    assert_int_equal(size, 0);
}

static void frame_is_read_by_the_server(void **state)
{
    (void)state;
    static uint8_t jpeg[3000];
    memset(jpeg, 0xAB, sizeof jpeg);
    imi_core_frame frame = {.sequence = 300,
                            .captured_at_unix_ms = 1700000000123,
                            .light_shown_ms = 77,
                            .jpeg = {jpeg, sizeof jpeg}};
    memset(frame.signature, 0xCD, sizeof frame.signature);
    size_t size = imi_core_write_frame(text("cap_x"), &frame, bytes, sizeof bytes);
    assert_in_range(size, sizeof jpeg, sizeof jpeg + IMI_CORE_FRAME_ENVELOPE_MAX);
    Imi__V1__SubmitFrameRequest *got = unpack(&imi__v1__submit_frame_request__descriptor, size);
    assert_string_equal(got->capture_id, "cap_x");
    assert_int_equal(got->frame->sequence, 300);
    assert_int_equal(got->frame->captured_at_ms, 1700000000123);
    assert_int_equal(got->frame->light_shown_ms, 77);
    assert_int_equal(got->frame->jpeg.len, sizeof jpeg);
    assert_memory_equal(got->frame->jpeg.data, jpeg, sizeof jpeg);
    assert_memory_equal(got->frame->signature.data, frame.signature, sizeof frame.signature);
    release(got);
}

static void largest_envelope_fits_its_bound(void **state)
{
    (void)state;
    static uint8_t jpeg[1 << 20], out[(1 << 20) + IMI_CORE_FRAME_ENVELOPE_MAX];
    static const char id[] = "0123456789012345678901234567890123456789012345678901234567890123";
    imi_core_frame frame = {.sequence = UINT64_MAX,
                            .captured_at_unix_ms = -1,
                            .light_shown_ms = UINT32_MAX,
                            .jpeg = {jpeg, sizeof jpeg}};
    assert_true(imi_core_write_frame(text(id), &frame, out, sizeof out) > 0);
}

static void answer_to_join_is_read(void **state)
{
    (void)state;
    Imi__V1__ConsentClaim claim = IMI__V1__CONSENT_CLAIM__INIT;
    claim.name = "birthdate";
    claim.title = "Your birthday";
    claim.purpose = "To know your age";
    claim.retention_days = 30;
    claim.required = true;
    Imi__V1__ConsentClaim *claims[] = {&claim, &claim};
    Imi__V1__JoinResponse answer = IMI__V1__JOIN_RESPONSE__INIT;
    answer.credential = "secret";
    answer.purpose_title = "Pension";
    answer.consent_text = "May we?";
    answer.expires_at_ms = 1700000000000;
    answer.receiver = "The office";
    answer.n_claims = 2;
    answer.claims = claims;
    imi_core_joined got;
    assert_true(imi_core_read_joined(pack(&answer.base), &got));
    assert_text(got.credential, "secret");
    assert_text(got.purpose_title, "Pension");
    assert_text(got.consent_text, "May we?");
    assert_text(got.receiver, "The office");
    assert_int_equal(got.expires_at_unix_ms, 1700000000000);
    assert_int_equal(got.claim_count, 2);
    assert_text(got.claims[1].name, "birthdate");
    assert_text(got.claims[1].title, "Your birthday");
    assert_text(got.claims[1].purpose, "To know your age");
    assert_int_equal(got.claims[1].retention_days, 30);
    assert_true(got.claims[1].required);
}

static void answer_to_join_without_credential_or_with_too_many_claims_is_refused(void **state)
{
    (void)state;
    Imi__V1__ConsentClaim claim = IMI__V1__CONSENT_CLAIM__INIT;
    Imi__V1__ConsentClaim *claims[IMI_CORE_CLAIMS_MAX + 1];
    for (size_t i = 0; i <= IMI_CORE_CLAIMS_MAX; i++) {
        claims[i] = &claim;
    }
    Imi__V1__JoinResponse answer = IMI__V1__JOIN_RESPONSE__INIT;
    imi_core_joined got;
    assert_false(imi_core_read_joined(pack(&answer.base), &got));
    answer.credential = "secret";
    answer.claims = claims;
    answer.n_claims = IMI_CORE_CLAIMS_MAX + 1;
    assert_false(imi_core_read_joined(pack(&answer.base), &got));
    assert_int_equal(got.credential.size, 0);
}

static void answer_to_consent_is_read(void **state)
{
    (void)state;
    Imi__V1__GiveConsentResponse answer = IMI__V1__GIVE_CONSENT_RESPONSE__INIT;
    answer.state = IMI__V1__SESSION_STATE__SESSION_STATE_CONSENTED;
    uint32_t got = 0;
    assert_true(imi_core_read_consented(pack(&answer.base), &got));
    assert_int_equal(got, 3);
}

static Imi__V1__BeginCaptureResponse good_begun(void)
{
    static uint8_t nonce[IMI_CORE_NONCE_SIZE] = {9, 8, 7};
    static Imi__V1__ChallengeAction actions[] = {5, 2};
    static uint32_t targets[] = {0, 300}, colours[] = {0x20FF40, 0xFFFFFF};
    static Imi__V1__LightSequence light = IMI__V1__LIGHT_SEQUENCE__INIT;
    light.step_ms = 1000;
    light.colours = colours;
    light.n_colours = 2;
    Imi__V1__BeginCaptureResponse answer = IMI__V1__BEGIN_CAPTURE_RESPONSE__INIT;
    answer.capture_id = "cap_x";
    answer.nonce = (ProtobufCBinaryData){sizeof nonce, nonce};
    answer.actions = actions;
    answer.n_actions = 2;
    answer.targets = targets;
    answer.n_targets = 2;
    answer.attempts_left = 2;
    answer.max_frame_bytes = 200000;
    answer.light = &light;
    return answer;
}

static void answer_to_begin_is_read(void **state)
{
    (void)state;
    Imi__V1__BeginCaptureResponse answer = good_begun();
    imi_core_begun got;
    assert_true(imi_core_read_begun(pack(&answer.base), &got));
    assert_text(got.capture_id, "cap_x");
    assert_memory_equal(got.nonce.data, answer.nonce.data, IMI_CORE_NONCE_SIZE);
    assert_int_equal(got.action_count, 2);
    assert_int_equal(got.actions[0], 5);
    assert_int_equal(got.actions[1], 2);
    assert_int_equal(got.target_count, 2);
    assert_int_equal(got.targets[1], 300);
    assert_int_equal(got.attempts_left, 2);
    assert_int_equal(got.max_frame_bytes, 200000);
    assert_int_equal(got.light_step_ms, 1000);
    assert_int_equal(got.colour_count, 2);
    assert_int_equal(got.colours[0], 0x20FF40);
}

static void numbers_one_by_one_are_read_as_packed_ones(void **state)
{
    (void)state;
    Imi__V1__BeginCaptureResponse answer = good_begun();
    answer.n_actions = 0;
    imi_core_view whole = pack(&answer.base);
    memcpy(bytes + whole.size, "\x18\x05\x18\x07", 4);
    whole.size += 4;
    imi_core_begun got;
    assert_true(imi_core_read_begun(whole, &got));
    assert_int_equal(got.action_count, 2);
    assert_int_equal(got.actions[1], 7);
}

static void time_to_wait_is_read(void **state)
{
    (void)state;
    Imi__V1__BeginCaptureResponse answer = IMI__V1__BEGIN_CAPTURE_RESPONSE__INIT;
    imi_core_begun got;
    assert_false(imi_core_read_begun(pack(&answer.base), &got));
    answer.retry_after_ms = 60000;
    assert_true(imi_core_read_begun(pack(&answer.base), &got));
    assert_int_equal(got.retry_after_ms, 60000);
}

static void who_waits_for_others_has_not_tried_too_often(void **state)
{
    (void)state;
    Imi__V1__BeginCaptureResponse answer = IMI__V1__BEGIN_CAPTURE_RESPONSE__INIT;
    imi_core_begun got;
    answer.retry_after_ms = 3000;
    assert_true(imi_core_read_begun(pack(&answer.base), &got));
    assert_int_equal(got.wait_reason, IMI_CORE_REASON_TRIED_TOO_OFTEN);
    answer.busy = true;
    assert_true(imi_core_read_begun(pack(&answer.base), &got));
    assert_int_equal(got.wait_reason, IMI_CORE_REASON_SERVER_BUSY);
}

static void a_capture_that_begins_has_no_reason_to_wait(void **state)
{
    (void)state;
    Imi__V1__BeginCaptureResponse answer = good_begun();
    imi_core_begun got;
    answer.busy = true;
    assert_true(imi_core_read_begun(pack(&answer.base), &got));
    assert_int_equal(got.wait_reason, IMI_CORE_REASON_NONE);
    answer.nonce.len--;
    assert_false(imi_core_read_begun(pack(&answer.base), &got));
    assert_int_equal(got.wait_reason, IMI_CORE_REASON_NONE);
}

static void half_a_capture_is_refused(void **state)
{
    (void)state;
    imi_core_begun got;
    Imi__V1__BeginCaptureResponse answer = good_begun();
    answer.nonce.len--;
    assert_false(imi_core_read_begun(pack(&answer.base), &got));
    answer = good_begun();
    answer.capture_id = "";
    assert_false(imi_core_read_begun(pack(&answer.base), &got));
    answer = good_begun();
    answer.max_frame_bytes = 0;
    assert_false(imi_core_read_begun(pack(&answer.base), &got));
    uint32_t many[IMI_CORE_COLOURS_MAX + 1] = {0};
    answer = good_begun();
    answer.light->colours = many;
    answer.light->n_colours = IMI_CORE_COLOURS_MAX + 1;
    assert_false(imi_core_read_begun(pack(&answer.base), &got));
    answer = good_begun();
    answer.targets = many;
    answer.n_targets = IMI_CORE_ACTIONS_MAX + 1;
    assert_false(imi_core_read_begun(pack(&answer.base), &got));
    assert_int_equal(got.capture_id.size, 0);
}

static imi_core_view pack_feedback(Imi__V1__FrameFeedback *feedback)
{
    Imi__V1__SubmitFrameResponse answer = IMI__V1__SUBMIT_FRAME_RESPONSE__INIT;
    answer.feedback = feedback;
    return pack(&answer.base);
}

static void feedback_is_read_with_its_oval(void **state)
{
    (void)state;
    Imi__V1__TargetOval oval = IMI__V1__TARGET_OVAL__INIT;
    oval.centre_x = 0.25F;
    oval.centre_y = -0.1F;
    oval.height = 0.6F;
    Imi__V1__FrameFeedback feedback = IMI__V1__FRAME_FEEDBACK__INIT;
    feedback.sequence = UINT64_C(1) << 40;
    feedback.guidance = IMI__V1__GUIDANCE__GUIDANCE_FIT_OVAL;
    feedback.actions_done = 1;
    feedback.actions_total = 3;
    feedback.outcome = IMI__V1__SUBJECT_OUTCOME__SUBJECT_OUTCOME_IN_PROGRESS;
    feedback.target = &oval;
    feedback.skipped = true;
    imi_core_feedback got;
    assert_true(imi_core_read_feedback(pack_feedback(&feedback), &got));
    assert_true(got.sequence == UINT64_C(1) << 40);
    assert_int_equal(got.guidance, IMI_CORE_PHRASE_FIT_OVAL);
    assert_int_equal(got.actions_done, 1);
    assert_int_equal(got.actions_total, 3);
    assert_int_equal(got.outcome, IMI_CORE_OUTCOME_IN_PROGRESS);
    assert_true(got.skipped && got.has_target);
    assert_int_equal(got.target.centre_x_permille, 250);
    assert_int_equal(got.target.centre_y_permille, -100);
    assert_int_equal(got.target.height_permille, 600);
}

static void oval_that_is_no_place_is_refused(void **state)
{
    (void)state;
    static const float bad[] = {NAN, INFINITY, -INFINITY, 4.5F, -1e30F};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        Imi__V1__TargetOval oval = IMI__V1__TARGET_OVAL__INIT;
        oval.height = bad[i];
        Imi__V1__FrameFeedback feedback = IMI__V1__FRAME_FEEDBACK__INIT;
        feedback.sequence = 1;
        feedback.target = &oval;
        imi_core_feedback got;
        assert_false(imi_core_read_feedback(pack_feedback(&feedback), &got));
        assert_false(got.has_target);
    }
}

static void unknown_guidance_and_outcome_say_nothing(void **state)
{
    (void)state;
    Imi__V1__FrameFeedback feedback = IMI__V1__FRAME_FEEDBACK__INIT;
    feedback.sequence = 1;
    feedback.guidance = 21;
    feedback.outcome = 5;
    imi_core_feedback got;
    assert_true(imi_core_read_feedback(pack_feedback(&feedback), &got));
    assert_int_equal(got.guidance, IMI_CORE_PHRASE_NONE);
    assert_int_equal(got.outcome, IMI_CORE_OUTCOME_UNSPECIFIED);
    feedback.sequence = 0;
    assert_false(imi_core_read_feedback(pack_feedback(&feedback), &got));
}

static void outcome_is_read(void **state)
{
    (void)state;
    Imi__V1__GetOutcomeResponse answer = IMI__V1__GET_OUTCOME_RESPONSE__INIT;
    answer.outcome = IMI__V1__SUBJECT_OUTCOME__SUBJECT_OUTCOME_TRY_AGAIN;
    answer.advice = IMI__V1__GUIDANCE__GUIDANCE_MORE_LIGHT;
    answer.attempts_left = 1;
    answer.keep_reference = 1;
    answer.keep_reference_text = "May we keep it?";
    imi_core_result got;
    assert_true(imi_core_read_result(pack(&answer.base), &got));
    assert_int_equal(got.outcome, IMI_CORE_OUTCOME_TRY_AGAIN);
    assert_int_equal(got.advice, IMI_CORE_PHRASE_MORE_LIGHT);
    assert_int_equal(got.attempts_left, 1);
    assert_int_equal(got.keep_reference, 1);
    assert_text(got.keep_reference_text, "May we keep it?");
    assert_true(imi_core_read_result((imi_core_view){NULL, 0}, &got));
    assert_int_equal(got.outcome, IMI_CORE_OUTCOME_UNSPECIFIED);
}

static void answer_to_the_kept_reference_is_read(void **state)
{
    (void)state;
    Imi__V1__AnswerAdditionalReferenceResponse answer =
        IMI__V1__ANSWER_ADDITIONAL_REFERENCE_RESPONSE__INIT;
    answer.keep_reference = IMI__V1__KEEP_REFERENCE__KEEP_REFERENCE_KEPT;
    uint32_t got = 0;
    assert_true(imi_core_read_kept(pack(&answer.base), &got));
    assert_int_equal(got, 2);
    assert_false(imi_core_read_kept(text("\x08"), &got));
    assert_int_equal(got, 0);
}

static void consent_record_is_read_with_its_receipt(void **state)
{
    (void)state;
    Imi__V1__GetConsentResponse answer = IMI__V1__GET_CONSENT_RESPONSE__INIT;
    answer.consent_json = "{\"text\":1}";
    answer.receipt_json = "{\"leaf\":2}";
    imi_core_consent_record got;
    assert_true(imi_core_read_consent_record(pack(&answer.base), &got));
    assert_text(got.consent_json, "{\"text\":1}");
    assert_text(got.receipt_json, "{\"leaf\":2}");
    answer.receipt_json = "";
    assert_true(imi_core_read_consent_record(pack(&answer.base), &got));
    assert_int_equal(got.receipt_json.size, 0);
    assert_false(imi_core_read_consent_record(text("\x0A\x01{\x12\x05{"), &got));
    assert_int_equal(got.consent_json.size, 0);
}

static void decision_receipt_is_read_and_may_be_empty(void **state)
{
    (void)state;
    Imi__V1__GetDecisionReceiptResponse answer = IMI__V1__GET_DECISION_RECEIPT_RESPONSE__INIT;
    answer.receipt_json = "{\"leaf\":3}";
    imi_core_view got;
    assert_true(imi_core_read_decision_receipt(pack(&answer.base), &got));
    assert_text(got, "{\"leaf\":3}");
    assert_true(imi_core_read_decision_receipt((imi_core_view){NULL, 0}, &got));
    assert_int_equal(got.size, 0);
    assert_false(imi_core_read_decision_receipt(text("\x0A\x05{"), &got));
    assert_int_equal(got.size, 0);
}

/* Every beginning of a right answer, in memory of exactly its size. */
static void answers_cut_short_are_read_without_leaving_them(void **state)
{
    (void)state;
    Imi__V1__BeginCaptureResponse answer = good_begun();
    imi_core_view whole = pack(&answer.base);
    for (size_t size = 0; size < whole.size; size++) {
        uint8_t *cut = malloc(size + (size == 0));
        memcpy(cut, bytes, size);
        imi_core_view view = {cut, size};
        imi_core_begun begun;
        imi_core_joined joined;
        imi_core_feedback feedback;
        imi_core_result result;
        imi_core_read_begun(view, &begun);
        imi_core_read_joined(view, &joined);
        imi_core_read_feedback(view, &feedback);
        imi_core_consent_record record;
        imi_core_read_result(view, &result);
        imi_core_read_consent_record(view, &record);
        free(cut);
    }
}

static void broken_wire_format_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } broken[] = {
        {"\x00\x01", 2}, /* field 0 */
        {"\x0B", 1}, /* a group */
        {"\x0F\x01", 2}, /* no type */
        {"\x08", 1}, /* a number without its bytes */
        {"\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 12}, /* one that is too long */
        {"\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02", 11}, /* one that is too great */
        {"\x2A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 11}, /* text of 2^64 - 1 bytes */
        {"\x2A\x05hell", 6}, /* text that is cut */
        {"\x29\x01\x02", 3}, /* a fixed number that is cut */
        {"\xF8\xFF\xFF\xFF\xFF\x7F\x01", 7}, /* a field number that is too great */
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        imi_core_view view = {(const uint8_t *)broken[i].bytes, broken[i].size};
        imi_core_result got = {.outcome = 7};
        assert_false(imi_core_read_result(view, &got));
        assert_int_equal(got.outcome, 0);
    }
}

static void unknown_fields_are_passed_over(void **state)
{
    (void)state;
    static const char answer[] = "\xF8\x07\x05" /* 127: 5 */
                                 "\x7D\x01\x02\x03\x04" /* 15: fixed32 */
                                 "\x79\x01\x02\x03\x04\x05\x06\x07\x08" /* 15: fixed64 */
                                 "\x7A\x03xyz" /* 15: bytes */
                                 "\x0A\x01z" /* 1, but of another type */
                                 "\x08\x02"; /* 1: 2 */
    imi_core_view view = {(const uint8_t *)answer, sizeof answer - 1};
    imi_core_result got;
    assert_true(imi_core_read_result(view, &got));
    assert_int_equal(got.outcome, IMI_CORE_OUTCOME_DONE);
}

/* Phrases up to 31 are the server's guidance: same numbers, same names. */
static void phrases_are_the_protocols_guidance(void **state)
{
    (void)state;
    const ProtobufCEnumDescriptor *guidance = &imi__v1__guidance__descriptor;
    assert_int_equal(guidance->n_values, IMI_CORE_PHRASE_NOD + 1);
    for (unsigned i = 1; i < guidance->n_values; i++) {
        char name[64];
        size_t size = 0;
        for (const char *at = guidance->values[i].name + strlen("GUIDANCE_"); *at != 0; at++) {
            name[size++] = (char)tolower((unsigned char)*at);
        }
        name[size] = 0;
        const char *ours = imi_core_phrase_name((uint32_t)guidance->values[i].value);
        assert_string_equal(ours, strcmp(name, "done") == 0 ? "capture_done" : name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(join_is_read_by_the_server),
        cmocka_unit_test(join_with_wrong_sizes_is_not_written),
        cmocka_unit_test(nothing_is_written_beyond_the_room),
        cmocka_unit_test(consent_is_read_by_the_server),
        cmocka_unit_test(begin_is_read_by_the_server),
        cmocka_unit_test(begin_may_be_empty_and_is_bounded),
        cmocka_unit_test(frame_is_read_by_the_server),
        cmocka_unit_test(largest_envelope_fits_its_bound),
        cmocka_unit_test(answer_to_join_is_read),
        cmocka_unit_test(answer_to_join_without_credential_or_with_too_many_claims_is_refused),
        cmocka_unit_test(answer_to_consent_is_read),
        cmocka_unit_test(answer_to_begin_is_read),
        cmocka_unit_test(numbers_one_by_one_are_read_as_packed_ones),
        cmocka_unit_test(time_to_wait_is_read),
        cmocka_unit_test(who_waits_for_others_has_not_tried_too_often),
        cmocka_unit_test(a_capture_that_begins_has_no_reason_to_wait),
        cmocka_unit_test(half_a_capture_is_refused),
        cmocka_unit_test(feedback_is_read_with_its_oval),
        cmocka_unit_test(oval_that_is_no_place_is_refused),
        cmocka_unit_test(unknown_guidance_and_outcome_say_nothing),
        cmocka_unit_test(outcome_is_read),
        cmocka_unit_test(answer_to_the_kept_reference_is_read),
        cmocka_unit_test(consent_record_is_read_with_its_receipt),
        cmocka_unit_test(decision_receipt_is_read_and_may_be_empty),
        cmocka_unit_test(answers_cut_short_are_read_without_leaving_them),
        cmocka_unit_test(broken_wire_format_is_refused),
        cmocka_unit_test(unknown_fields_are_passed_over),
        cmocka_unit_test(phrases_are_the_protocols_guidance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
