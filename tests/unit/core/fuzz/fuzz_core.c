/*
 * Everything that comes to the core from outside: answers of the network, saved states, and
 * luma of any shape. The first byte chooses which.
 */
#include "imi_core/imi_core.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = IMI_CORE_JPEG_MAX_BYTES + 4096 };

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Views must lie within what was read: touch the ends, so that the sanitizer looks. */
static void touch(imi_core_view view, imi_core_view whole)
{
    if (view.size > 0) {
        require(view.data >= whole.data && view.data + view.size <= whole.data + whole.size);
    }
}

static void fuzz_joined(imi_core_view bytes)
{
    imi_core_joined got;
    require(imi_core_read_joined(bytes, &got) == (got.credential.size > 0));
    touch(got.credential, bytes);
    touch(got.consent_text, bytes);
    require(got.claim_count <= IMI_CORE_CLAIMS_MAX);
    for (uint32_t i = 0; i < got.claim_count; i++) {
        touch(got.claims[i].title, bytes);
    }
}

static void fuzz_begun(imi_core_view bytes)
{
    imi_core_begun got;
    if (imi_core_read_begun(bytes, &got)) {
        require(got.retry_after_ms > 0 || got.nonce.size == IMI_CORE_NONCE_SIZE);
        require((got.retry_after_ms > 0) == (got.wait_reason != IMI_CORE_REASON_NONE));
        touch(got.capture_id, bytes);
        touch(got.nonce, bytes);
    }
    require(got.action_count <= IMI_CORE_ACTIONS_MAX && got.colour_count <= IMI_CORE_COLOURS_MAX);
}

static void fuzz_feedback(imi_core_view bytes)
{
    imi_core_feedback got;
    require(imi_core_read_feedback(bytes, &got) == (got.sequence > 0));
    require(got.guidance <= IMI_CORE_PHRASE_NOD && got.outcome <= IMI_CORE_OUTCOME_STAFF_REVIEW);
    require(abs(got.target.height_permille) <= 4000);
    imi_core_result result;
    if (imi_core_read_result(bytes, &result)) {
        touch(result.keep_reference_text, bytes);
    }
    uint32_t state;
    imi_core_read_consented(bytes, &state);
    imi_core_read_kept(bytes, &state);
    imi_core_view receipt;
    imi_core_consent_record record;
    if (imi_core_read_consent_record(bytes, &record)) {
        touch(record.consent_json, bytes);
        touch(record.receipt_json, bytes);
        require(imi_core_read_decision_receipt(bytes, &receipt));
    }
}

static void fuzz_answer(imi_core_view bytes)
{
    imi_core_answer got;
    bool ok = imi_core_grpc_web_parse(bytes, &got);
    require(ok == (got.status != IMI_CORE_GRPC_NO_STATUS));
    touch(got.message, bytes);
    if (ok && got.status == 0) {
        fuzz_feedback(got.message);
    }
}

static uint32_t no_random(void *user)
{
    (void)user;
    return 0;
}

/* A checksum holds random changes off; the fuzzer's inputs get a right one. */
static void seal(uint8_t *blob, size_t size)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc ^= i >= 12 && i < 16 ? 0 : blob[i];
        for (int bit = 0; (i < 12 || i >= 16) && bit < 8; bit++) {
            crc = crc & 1 ? crc >> 1 ^ 0xEDB88320U : crc >> 1;
        }
    }
    crc = ~crc;
    for (int i = 0; size >= 16 && i < 4; i++) {
        blob[12 + i] = (uint8_t)(crc >> 8 * i);
    }
}

/* What loads is saved again as it was, and can be sent. */
static void fuzz_saved(imi_core_view bytes)
{
    size_t storage_size = imi_core_queue_size() + ROOM;
    imi_core_queue_options options = {.window = 2, .random = no_random};
    imi_core_queue *queue = imi_core_queue_init(malloc(storage_size), storage_size, &options);
    uint8_t *blob = malloc(bytes.size + 1), *again = malloc(bytes.size + 1);
    if (bytes.size > 0) {
        memcpy(blob, bytes.data, bytes.size);
    }
    seal(blob, bytes.size);
    imi_core_loaded loaded;
    if (imi_core_state_load((imi_core_view){blob, bytes.size}, queue, &loaded)) {
        size_t size =
            imi_core_state_save(loaded.state, loaded.expires_at_unix_ms, queue, again, bytes.size);
        require(size == bytes.size && memcmp(blob, again, size) == 0);
        imi_core_frame frame;
        while (imi_core_queue_next(queue, 0, &frame)) {
            require(imi_core_queue_answered(queue, frame.sequence, 0));
        }
        require(imi_core_queue_waiting(queue) == 0);
    }
    free(again);
    free(blob);
    free(queue);
}

static void fuzz_luma(imi_core_view bytes)
{
    if (bytes.size < 2) {
        return;
    }
    uint32_t width = bytes.data[0], stride = width + bytes.data[1] % 8;
    imi_core_luma luma = {bytes.data + 2, width,
                          stride == 0 ? 0 : (uint32_t)(bytes.size - 2) / stride, stride};
    imi_core_quality got;
    if (imi_core_quality_measure(&luma, &luma, &got)) {
        require(got.motion_milli == 0 && got.mean_milli <= 255000 &&
                got.sharpness_milli <= 1020000);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const parts[])(imi_core_view) = {fuzz_joined, fuzz_begun, fuzz_feedback,
                                                   fuzz_answer, fuzz_saved, fuzz_luma};
    if (size > 0) {
        parts[data[0] % (sizeof parts / sizeof parts[0])]((imi_core_view){data + 1, size - 1});
    }
    return 0;
}
