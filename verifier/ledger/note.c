#include "note.h"

#include "base64.h"
#include "verifier/crypto/openssl.h"

#include <string.h>

enum { ID_SIZE = 4, TIME_SIZE = 8, DASH_SIZE = sizeof IMI_NOTE_DASH - 1 };

bool imi_take_line(imi_view *text, imi_view *line_out)
{
    const uint8_t *end = text->size == 0 ? NULL : memchr(text->data, '\n', text->size);
    if (end == NULL) {
        return false;
    }
    *line_out = (imi_view){text->data, (size_t)(end - text->data)};
    *text = (imi_view){end + 1, text->size - line_out->size - 1};
    return true;
}

bool imi_parse_size(imi_view text, uint64_t *out)
{
    *out = 0;
    if (text.size == 0 || text.size > 19 || (text.data[0] == '0' && text.size > 1)) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
        *out = *out * 10 + (text.data[i] - '0'); /* 19 digits fit in 64 bits */
    }
    return *out <= IMI_LEDGER_SIZE_MAX;
}

/* The white space of other scripts, in UTF-8: no key name may hold it. */
static bool has_wide_space(imi_view name)
{
    static const char *const spaces[] = {
        "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
        "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
        "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8",
        "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80",
    };
    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++) {
        if (memmem(name.data, name.size, spaces[i], strlen(spaces[i])) != NULL) {
            return true;
        }
    }
    return false;
}

static imi_status parse_signature(imi_view line, imi_note_signature *out, imi_error *err)
{
    if (line.size <= DASH_SIZE || memcmp(line.data, IMI_NOTE_DASH, DASH_SIZE) != 0) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a note's signature line does not begin with a dash");
    }
    const uint8_t *name = line.data + DASH_SIZE, *end = line.data + line.size;
    const uint8_t *space = memchr(name, ' ', (size_t)(end - name));
    if (space == NULL || space == name) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a note's signature line has no key name");
    }
    out->name = (imi_view){name, (size_t)(space - name)};
    out->base64 = (imi_view){space + 1, (size_t)(end - space) - 1};
    if (memchr(name, '+', out->name.size) != NULL || has_wide_space(out->name)) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a note's signature line has no proper key name");
    }
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    IMI_TRY(imi_note_base64_decode(out->base64, &bytes, err));
    if (bytes.size <= ID_SIZE) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a note's signature is too short");
    }
    return IMI_OK;
}

static bool is_note_text(imi_view bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        if (bytes.data[i] < ' ' && bytes.data[i] != '\n') {
            return false;
        }
    }
    return imi_text_is_clean_utf8(bytes);
}

imi_status imi_note_parse_signatures(imi_view bytes, imi_note *out, imi_error *err)
{
    *out = (imi_note){.count = 0};
    if (bytes.size > IMI_NOTE_BYTES_MAX || !is_note_text(bytes)) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "signature lines are too long or not plain text");
    }
    imi_note note = {.count = 0};
    imi_view line;
    while (imi_take_line(&bytes, &line)) {
        if (note.count == IMI_NOTE_SIGNATURES_MAX) {
            IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a note has more than %d signatures",
                     IMI_NOTE_SIGNATURES_MAX);
        }
        IMI_TRY(parse_signature(line, &note.signatures[note.count++], err));
    }
    if (bytes.size != 0 || note.count == 0) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a note must end with whole signature lines");
    }
    *out = note;
    return IMI_OK;
}

/* Where the last empty line ends, 0 if there is none. */
static size_t find_signatures(imi_view bytes)
{
    for (size_t i = bytes.size; i >= 2; i--) {
        if (bytes.data[i - 1] == '\n' && bytes.data[i - 2] == '\n') {
            return i;
        }
    }
    return 0;
}

imi_status imi_note_parse(imi_view bytes, imi_note *out, imi_error *err)
{
    *out = (imi_note){.count = 0};
    if (bytes.size > IMI_NOTE_BYTES_MAX || !is_note_text(bytes)) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a note is too long or not plain text");
    }
    size_t at = find_signatures(bytes);
    if (at == 0) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a note has no empty line before its signatures");
    }
    IMI_TRY(imi_note_parse_signatures((imi_view){bytes.data + at, bytes.size - at}, out, err));
    out->text = (imi_view){bytes.data, at - 1};
    return IMI_OK;
}

imi_status imi_note_message(imi_view text, imi_note_algorithm algorithm, uint64_t time_s,
                            imi_buffer *out, imi_error *err)
{
    if (algorithm == IMI_NOTE_COSIGNATURE) {
        IMI_TRY(
            imi_buffer_printf(out, err, "cosignature/v1\ntime %llu\n", (unsigned long long)time_s));
    }
    return imi_buffer_append(out, text, err);
}

static imi_status verify_ed25519(const uint8_t public_key[32], imi_view message,
                                 const uint8_t *signature, imi_error *err)
{
    IMI_AUTO_PKEY key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, 32);
    IMI_AUTO_MD_CTX context = EVP_MD_CTX_new();
    if (key == NULL || context == NULL ||
        EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) != 1) {
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "cannot prepare a signature check");
    }
    if (EVP_DigestVerify(context, signature, IMI_ED25519_SIZE, message.data, message.size) != 1) {
        IMI_CRYPTO_FAIL(err, IMI_E_LEDGER_SIGNATURE, "a note's signature is wrong");
    }
    return IMI_OK;
}

static uint64_t read_be(const uint8_t *bytes, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) {
        value = value << 8 | bytes[i];
    }
    return value;
}

/* value: behind the key id. */
static imi_status verify_value(imi_view text, const imi_note_key *key, imi_view value,
                               uint64_t *time_s_out, imi_error *err)
{
    size_t prefix = key->algorithm == IMI_NOTE_COSIGNATURE ? TIME_SIZE : 0;
    if (value.size != prefix + IMI_ED25519_SIZE) {
        IMI_FAIL(err, IMI_E_LEDGER_SIGNATURE, "the signature of %s has the wrong size", key->name);
    }
    uint64_t time_s = read_be(value.data, prefix);
    if (time_s > INT64_MAX) {
        IMI_FAIL(err, IMI_E_LEDGER_SIGNATURE, "the signature of %s has no time", key->name);
    }
    IMI_AUTO_BUFFER message = IMI_BUFFER_INIT;
    IMI_TRY(imi_note_message(text, key->algorithm, time_s, &message, err));
    IMI_TRY(verify_ed25519(key->public_key, imi_buffer_view(&message), value.data + prefix, err));
    if (time_s_out != NULL) {
        *time_s_out = time_s;
    }
    return IMI_OK;
}

imi_status imi_note_verify(const imi_note *note, const imi_note_key *key, uint64_t *time_s_out,
                           imi_error *err)
{
    if (time_s_out != NULL) {
        *time_s_out = 0;
    }
    bool found = false;
    for (size_t i = 0; i < note->count; i++) {
        if (!imi_view_equal(note->signatures[i].name, imi_view_of_text(key->name))) {
            continue;
        }
        IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
        IMI_TRY(imi_note_base64_decode(note->signatures[i].base64, &bytes, err));
        if (read_be(bytes.data, ID_SIZE) != key->id) {
            continue; /* another key of the same name, which nobody asked about */
        }
        imi_view value = {bytes.data + ID_SIZE, bytes.size - ID_SIZE};
        IMI_TRY(verify_value(note->text, key, value, time_s_out, err));
        found = true;
    }
    if (!found) {
        IMI_FAIL(err, IMI_E_LEDGER_LOG, "%s has not signed this note", key->name);
    }
    return IMI_OK;
}

imi_status imi_note_append_signature(const imi_note_signature *signature, imi_buffer *out,
                                     imi_error *err)
{
    return imi_buffer_printf(out, err, IMI_NOTE_DASH "%.*s %.*s\n", (int)signature->name.size,
                             (const char *)signature->name.data, (int)signature->base64.size,
                             (const char *)signature->base64.data);
}

imi_note imi_note_with(imi_view text, const imi_note_signature *signature)
{
    return (imi_note){.text = text, .count = 1, .signatures = {*signature}};
}
