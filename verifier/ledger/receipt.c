#include "base64.h"

#include "imi/crypto.h"
#include "imi/ledger_proof.h"
#include "verifier/json/json.h"

#include <string.h>

enum { RECEIPT_VERSION = 1 };

static imi_status entry_of(const uint8_t *salt, imi_view event, imi_ledger_entry *out,
                           imi_error *err)
{
    *out = (imi_ledger_entry){{0}};
    if (salt == NULL || event.size > IMI_LEDGER_EVENT_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "an entry needs a salt and at most %d bytes of event",
                 IMI_LEDGER_EVENT_MAX);
    }
    return imi_leaf_entry(salt, event, out->bytes, err);
}

/* ---- Writing ---- */

static json_t *base64url_json(const uint8_t *bytes, size_t size)
{
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    return imi_base64url_encode((imi_view){bytes, size}, &text, NULL) == IMI_OK
               ? json_stringn((const char *)text.data, text.size)
               : NULL;
}

static json_t *proof_json(const imi_ledger_proof *proof)
{
    json_t *array = json_array();
    for (size_t i = 0; i < proof->count; i++) {
        IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
        imi_view hash = {proof->hashes[i].bytes, IMI_LEDGER_HASH_SIZE};
        if (imi_base64_encode(hash, &text, NULL) != IMI_OK ||
            json_array_append_new(array, json_stringn((const char *)text.data, text.size)) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

imi_status imi_receipt_write(const imi_receipt_parts *parts, imi_buffer *out, imi_error *err)
{
    imi_ledger_entry entry;
    IMI_TRY(entry_of(parts->salt, parts->event, &entry, err));
    if (!imi_text_is_clean_utf8(parts->event)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "an event of the log must be text");
    }
    /* A string: what was hashed is carried as it stands, and nobody needs to serialise again. */
    IMI_AUTO_JSON receipt = json_pack(
        "{s:i, s:s, s:I, s:s%, s:o, s:o, s:o, s:s%}", "version", RECEIPT_VERSION, "origin",
        parts->origin, "index", (json_int_t)parts->index, "event", (const char *)parts->event.data,
        parts->event.size, "salt", base64url_json(parts->salt, IMI_LEAF_SALT_SIZE), "entry",
        base64url_json(entry.bytes, sizeof entry.bytes), "proof", proof_json(parts->proof),
        "checkpoint", (const char *)parts->checkpoint.data, parts->checkpoint.size);
    if (receipt == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a receipt");
    }
    return imi_json_render(receipt, out, err);
}

/* ---- Reading ---- */

typedef struct receipt {
    uint64_t index;
    uint8_t salt[IMI_LEAF_SALT_SIZE];
    imi_ledger_entry entry;
    imi_ledger_proof proof;
    imi_view event, checkpoint, origin; /* of the JSON object */
} receipt;

static imi_status read_text(const json_t *object, const char *member, imi_view *out, imi_error *err)
{
    const char *text = imi_json_text(object, member);
    if (text == NULL) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a receipt has no text %s", member);
    }
    *out = imi_view_of_text(text);
    return IMI_OK;
}

static imi_status read_bytes(const json_t *object, const char *member, uint8_t out[32],
                             imi_error *err)
{
    imi_view text;
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    IMI_TRY(read_text(object, member, &text, err));
    imi_status status = imi_base64url_decode(text, &bytes, err);
    if (status == IMI_E_INVALID_ARGUMENT || (status == IMI_OK && bytes.size != 32)) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a receipt's %s is not 32 bytes in base64url", member);
    }
    IMI_TRY(status);
    imi_copy(out, bytes.data, 32);
    return IMI_OK;
}

static imi_status read_proof(const json_t *array, imi_ledger_proof *out, imi_error *err)
{
    if (!json_is_array(array) || json_array_size(array) > IMI_LEDGER_PROOF_MAX) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a receipt's proof is no list, or too long");
    }
    out->count = json_array_size(array);
    for (size_t i = 0; i < out->count; i++) {
        const char *text = json_string_value(json_array_get(array, i));
        if (text == NULL) {
            IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a receipt's proof holds something else than text");
        }
        IMI_TRY(imi_note_base64_decode_exactly(imi_view_of_text(text), out->hashes[i].bytes,
                                               IMI_LEDGER_HASH_SIZE, err));
    }
    return IMI_OK;
}

static imi_status read_receipt(const json_t *object, receipt *out, imi_error *err)
{
    const json_t *version = json_object_get(object, "version");
    const json_t *index = json_object_get(object, "index");
    if (!json_is_integer(version) || json_integer_value(version) != RECEIPT_VERSION) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "not a receipt of version %d", RECEIPT_VERSION);
    }
    if (!json_is_integer(index) || json_integer_value(index) < 0) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a receipt has no index");
    }
    out->index = (uint64_t)json_integer_value(index);
    IMI_TRY(read_text(object, "origin", &out->origin, err));
    IMI_TRY(read_text(object, "event", &out->event, err));
    IMI_TRY(read_text(object, "checkpoint", &out->checkpoint, err));
    IMI_TRY(read_bytes(object, "salt", out->salt, err));
    IMI_TRY(read_bytes(object, "entry", out->entry.bytes, err));
    return read_proof(json_object_get(object, "proof"), &out->proof, err);
}

static imi_status check_entry(const receipt *self, imi_error *err)
{
    imi_ledger_entry entry;
    if (self->event.size > IMI_LEDGER_EVENT_MAX) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a receipt's event is too long");
    }
    IMI_TRY(entry_of(self->salt, self->event, &entry, err));
    if (memcmp(entry.bytes, self->entry.bytes, sizeof entry.bytes) != 0) {
        IMI_FAIL(err, IMI_E_LEDGER_EVENT, "the receipt's event or salt is not what was logged");
    }
    return IMI_OK;
}

static imi_status check_receipt(const receipt *self, const imi_ledger_trust *trust,
                                imi_receipt_facts *out, imi_error *err)
{
    /* Witnesses are missed last: who reads the status then knows that the rest is right. */
    imi_error witness_error = IMI_ERROR_INIT;
    imi_status witnessed = imi_checkpoint_open(self->checkpoint, trust, &out->checkpoint,
                                               &out->cosigned, &witness_error);
    if (witnessed != IMI_OK && witnessed != IMI_E_LEDGER_WITNESS) {
        IMI_FAIL(err, witnessed, "%s", witness_error.message);
    }
    if (!imi_view_equal(self->origin, imi_view_of_text(out->checkpoint.origin))) {
        IMI_FAIL(err, IMI_E_LEDGER_LOG, "the receipt names another log than its checkpoint");
    }
    IMI_TRY(check_entry(self, err));
    imi_ledger_hash leaf;
    IMI_TRY(imi_ledger_leaf_hash(&self->entry, &leaf, err));
    IMI_TRY(imi_ledger_verify_inclusion(self->index, out->checkpoint.size, &leaf, &self->proof,
                                        &out->checkpoint.root, err));
    if (witnessed != IMI_OK) {
        IMI_FAIL(err, witnessed, "%s", witness_error.message);
    }
    out->index = self->index;
    out->entry = self->entry;
    return imi_buffer_append(&out->event, self->event, err);
}

void imi_receipt_facts_clean_up(imi_receipt_facts *facts)
{
    imi_buffer_clean_up(&facts->event);
}

imi_status imi_receipt_verify(imi_view json, const imi_ledger_trust *trust, imi_receipt_facts *out,
                              imi_error *err)
{
    *out = (imi_receipt_facts){.event = IMI_BUFFER_INIT};
    IMI_AUTO_JSON object = NULL;
    IMI_TRY(imi_json_parse_object(json, IMI_RECEIPT_BYTES_MAX, "a receipt", IMI_E_LEDGER_FORMAT,
                                  &object, err));
    receipt read;
    IMI_TRY(read_receipt(object, &read, err));
    imi_status status = check_receipt(&read, trust, out, err);
    if (status != IMI_OK) {
        imi_receipt_facts_clean_up(out);
        *out = (imi_receipt_facts){.event = IMI_BUFFER_INIT};
    }
    return status;
}
