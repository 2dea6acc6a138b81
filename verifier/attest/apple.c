#include "apple.h"

#include "cbor.h"
#include "chain.h"
#include "der.h"
#include "openssl.h"
#include "refusal.h"

/* Source: developer.apple.com, "Validating apps that connect to your server". */
#define NONCE_OID "1.2.840.113635.100.8.2"

enum { NONCE_TAG = 1 };

/* Authenticator data: WebAuthn level 2, section 6.1. */
enum {
    FLAGS_AT = 32,
    COUNTER_AT = 33,
    AAGUID_AT = 37,
    CREDENTIAL_SIZE_AT = 53,
    CREDENTIAL_AT = 55,
    AAGUID_SIZE = 16,
    FLAG_CREDENTIAL_INCLUDED = 0x40
};

/* Of an app in production; "appattestdevelop" would be one under development. */
static const uint8_t production_aaguid[AAGUID_SIZE] = "appattest";

typedef struct attestation_object {
    imi_view format, statement, authenticator; /* statement: from its map's head on */
} attestation_object;

static bool take_member(imi_view *input, attestation_object *out)
{
    imi_view name;
    if (!imi_cbor_take_text(input, &name)) {
        return false;
    }
    if (imi_view_equal(name, imi_view_of_text("fmt"))) {
        return out->format.data == NULL && imi_cbor_take_text(input, &out->format);
    }
    if (imi_view_equal(name, imi_view_of_text("authData"))) {
        return out->authenticator.data == NULL && imi_cbor_take_bytes(input, &out->authenticator);
    }
    if (!imi_view_equal(name, imi_view_of_text("attStmt")) || out->statement.data != NULL) {
        return false;
    }
    out->statement = *input;
    return imi_cbor_skip(input);
}

/* Exactly the three members that the format has, each once. */
static bool read_object(imi_view input, attestation_object *out)
{
    uint64_t members = 0;
    *out = (attestation_object){0};
    if (!imi_cbor_take_map(&input, &members) || members != 3) {
        return false;
    }
    for (uint64_t i = 0; i < members; i++) {
        if (!take_member(&input, out)) {
            return false;
        }
    }
    return input.size == 0 && imi_view_equal(out->format, imi_view_of_text("apple-appattest"));
}

static bool take_chain(imi_view *input, STACK_OF(X509) * chain)
{
    uint64_t count = 0;
    if (sk_X509_num(chain) > 0 || !imi_cbor_take_array(input, &count) || count == 0) {
        return false;
    }
    for (uint64_t i = 0; i < count; i++) {
        imi_view certificate;
        if (!imi_cbor_take_bytes(input, &certificate) || !imi_chain_take(&certificate, chain) ||
            certificate.size != 0) {
            return false;
        }
    }
    return true;
}

/* The receipt is for Apple's own servers; nothing here depends on it. */
static bool read_statement(imi_view input, STACK_OF(X509) * chain)
{
    uint64_t members = 0;
    imi_view receipt = {NULL, 0};
    if (!imi_cbor_take_map(&input, &members) || members != 2) {
        return false;
    }
    for (uint64_t i = 0; i < members; i++) {
        imi_view name;
        if (!imi_cbor_take_text(&input, &name)) {
            return false;
        }
        bool is_chain = imi_view_equal(name, imi_view_of_text("x5c"));
        bool is_receipt = imi_view_equal(name, imi_view_of_text("receipt"));
        if (!(is_chain && take_chain(&input, chain)) &&
            !(is_receipt && receipt.data == NULL && imi_cbor_take_bytes(&input, &receipt))) {
            return false;
        }
    }
    return true;
}

/* The extension holds SEQUENCE { [1] EXPLICIT OCTET STRING }. */
static bool read_nonce(imi_view extension, imi_view *nonce)
{
    imi_view body, field;
    return imi_der_take(&extension, IMI_DER_CONSTRUCTED, IMI_DER_SEQUENCE, &body) &&
           extension.size == 0 && imi_der_take(&body, IMI_DER_CONTEXT, NONCE_TAG, &field) &&
           body.size == 0 && imi_der_take_octets(&field, nonce) && field.size == 0;
}

static bool digest_two(imi_view first, imi_view second, imi_digest *out)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
                EVP_DigestUpdate(context, first.data, first.size) == 1 &&
                EVP_DigestUpdate(context, second.data, second.size) == 1 &&
                EVP_DigestFinal_ex(context, out->bytes, NULL) == 1;
    EVP_MD_CTX_free(context);
    return done;
}

static imi_view view_of(const imi_digest *digest)
{
    return (imi_view){digest->bytes, sizeof digest->bytes};
}

/* nonce = SHA-256(authenticator data, SHA-256(challenge)): covers all that is read below. */
static const char *check_nonce(imi_view extension, imi_view authenticator, imi_view challenge)
{
    imi_view nonce;
    if (!read_nonce(extension, &nonce)) {
        return REFUSED_FORMAT;
    }
    imi_digest client_data, expected;
    bool same = digest_two(challenge, (imi_view){NULL, 0}, &client_data) &&
                digest_two(authenticator, view_of(&client_data), &expected) &&
                imi_view_equal(nonce, view_of(&expected));
    return same ? NULL : REFUSED_CHALLENGE;
}

/* The key's name is the digest of its point, and it is the key that the leaf certifies. */
static const char *check_credential(X509 *leaf, imi_view credential)
{
    const ASN1_BIT_STRING *point = X509_get0_pubkey_bitstr(leaf);
    imi_digest expected;
    bool same =
        point != NULL &&
        digest_two((imi_view){ASN1_STRING_get0_data(point), (size_t)ASN1_STRING_length(point)},
                   (imi_view){NULL, 0}, &expected) &&
        imi_view_equal(credential, view_of(&expected));
    return same ? NULL : REFUSED_KEY;
}

static const char *check_authenticator(const imi_attest_roots *roots, X509 *leaf, imi_view data)
{
    if (data.size < CREDENTIAL_AT + IMI_SHA256_SIZE ||
        (data.data[FLAGS_AT] & FLAG_CREDENTIAL_INCLUDED) == 0 ||
        data.data[CREDENTIAL_SIZE_AT] != 0 ||
        data.data[CREDENTIAL_SIZE_AT + 1] != IMI_SHA256_SIZE) {
        return REFUSED_FORMAT;
    }
    size_t fixed = CREDENTIAL_AT + IMI_SHA256_SIZE;
    /* The public key again; newer systems add a map of extensions. The nonce covers both. */
    imi_view rest = {data.data + fixed, data.size - fixed};
    if (!imi_cbor_skip(&rest) || (rest.size > 0 && !imi_cbor_skip(&rest)) || rest.size != 0) {
        return REFUSED_FORMAT;
    }
    static const uint8_t never_used[4] = {0};
    imi_view counter = {data.data + COUNTER_AT, sizeof never_used};
    imi_view aaguid = {data.data + AAGUID_AT, AAGUID_SIZE};
    if (!imi_roots_know_app_id(roots, (imi_view){data.data, IMI_SHA256_SIZE}) ||
        !imi_view_equal(aaguid, (imi_view){production_aaguid, AAGUID_SIZE})) {
        return REFUSED_APP;
    }
    if (!imi_view_equal(counter, (imi_view){never_used, sizeof never_used})) {
        return REFUSED_KEY;
    }
    return check_credential(leaf, (imi_view){data.data + CREDENTIAL_AT, IMI_SHA256_SIZE});
}

const char *imi_apple_verify(const imi_attest_roots *roots, const imi_attestation *attestation,
                             float *score)
{
    attestation_object object;
    IMI_AUTO_X509_STACK chain = sk_X509_new_null();
    if (chain == NULL || !read_object(attestation->object, &object) ||
        !read_statement(object.statement, chain)) {
        return REFUSED_FORMAT;
    }
    REFUSE_IF(imi_chain_verify(roots->apple, chain, attestation->now_s));
    imi_view extension;
    REFUSE_IF(imi_chain_extension(chain, NONCE_OID, &extension));
    REFUSE_IF(check_nonce(extension, object.authenticator, attestation->challenge));
    REFUSE_IF(check_authenticator(roots, sk_X509_value(chain, 0), object.authenticator));
    *score = 2.0f;
    return NULL;
}
