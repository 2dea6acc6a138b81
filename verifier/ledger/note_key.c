#include "base64.h"
#include "note.h"

#include "imi/crypto.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Our keys have plain names: no space of any script, no sign that separates fields. */
static bool is_plain_name(imi_view name)
{
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] <= ' ' || name.data[i] > '~' || name.data[i] == '+') {
            return false;
        }
    }
    return name.size > 0 && name.size < IMI_NOTE_NAME_SIZE;
}

/* The first four bytes of SHA-256(name || newline || algorithm || public key). */
static imi_status reckon_id(imi_note_key *key, imi_error *err)
{
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    uint8_t algorithm = (uint8_t)key->algorithm, digest[IMI_SHA256_SIZE];
    IMI_TRY(imi_buffer_printf(&text, err, "%s\n", key->name));
    IMI_TRY(imi_buffer_append(&text, (imi_view){&algorithm, 1}, err));
    IMI_TRY(imi_buffer_append(&text, (imi_view){key->public_key, sizeof key->public_key}, err));
    IMI_TRY(imi_sha256(imi_buffer_view(&text), digest, err));
    key->id = (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 | (uint32_t)digest[2] << 8 |
              digest[3];
    return IMI_OK;
}

imi_status imi_note_key_init(const char *name, imi_note_algorithm algorithm,
                             const uint8_t public_key[32], imi_note_key *out, imi_error *err)
{
    *out = (imi_note_key){.algorithm = IMI_NOTE_NONE};
    if (name == NULL || !is_plain_name(imi_view_of_text(name))) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "a key's name has 1 to %d visible ASCII characters and no plus sign",
                 IMI_NOTE_NAME_SIZE - 1);
    }
    if (algorithm != IMI_NOTE_ED25519 && algorithm != IMI_NOTE_COSIGNATURE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "keys are Ed25519, for notes or for cosignatures");
    }
    imi_note_key key = {.algorithm = algorithm};
    imi_copy_text(key.name, sizeof key.name, name);
    imi_copy(key.public_key, public_key, sizeof key.public_key);
    IMI_TRY(reckon_id(&key, err));
    *out = key;
    return IMI_OK;
}

static bool parse_id(imi_view hex, uint32_t *out)
{
    *out = 0;
    for (size_t i = 0; i < hex.size; i++) {
        if (!isxdigit(hex.data[i])) {
            return false;
        }
        int base = isdigit(hex.data[i]) ? '0' : 'a' - 10;
        uint32_t digit = (uint32_t)(tolower(hex.data[i]) - base);
        *out = *out << 4 | digit;
    }
    return hex.size == 8;
}

/* The part before the next plus sign; moves text behind it. */
static bool take_field(imi_view *text, imi_view *out)
{
    const uint8_t *plus = text->size == 0 ? NULL : memchr(text->data, '+', text->size);
    if (plus == NULL) {
        return false;
    }
    *out = (imi_view){text->data, (size_t)(plus - text->data)};
    *text = (imi_view){plus + 1, text->size - out->size - 1};
    return true;
}

imi_status imi_note_key_parse(imi_view text, imi_note_key *out, imi_error *err)
{
    *out = (imi_note_key){.algorithm = IMI_NOTE_NONE};
    imi_view name, hex, rest = text;
    uint32_t id = 0;
    if (!take_field(&rest, &name) || !take_field(&rest, &hex) || !is_plain_name(name) ||
        !parse_id(hex, &id)) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a verifier key reads name+hash+base64");
    }
    uint8_t bytes[1 + 32];
    IMI_TRY(imi_note_base64_decode_exactly(rest, bytes, sizeof bytes, err));
    char plain[IMI_NOTE_NAME_SIZE];
    snprintf(plain, sizeof plain, "%.*s", (int)name.size, (const char *)name.data);
    imi_note_key key;
    if (imi_note_key_init(plain, (imi_note_algorithm)bytes[0], bytes + 1, &key, err) != IMI_OK) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "the verifier key of %s is of an unknown kind", plain);
    }
    if (key.id != id) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "the verifier key of %s has another key's hash", plain);
    }
    *out = key;
    return IMI_OK;
}

imi_status imi_note_key_format(const imi_note_key *key, char out[IMI_NOTE_KEY_TEXT_SIZE],
                               imi_error *err)
{
    out[0] = '\0';
    uint8_t bytes[1 + 32] = {(uint8_t)key->algorithm};
    imi_copy(bytes + 1, key->public_key, sizeof key->public_key);
    IMI_AUTO_BUFFER base64 = IMI_BUFFER_INIT;
    IMI_TRY(imi_base64_encode((imi_view){bytes, sizeof bytes}, &base64, err));
    snprintf(out, IMI_NOTE_KEY_TEXT_SIZE, "%s+%08x+%.*s", key->name, key->id, (int)base64.size,
             (const char *)base64.data);
    return IMI_OK;
}
