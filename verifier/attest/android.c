#include "android.h"

#include "chain.h"
#include "der.h"
#include "openssl.h"
#include "refusal.h"
#include "status_list.h"

/* Schema: source.android.com, "Key and ID attestation", KeyDescription. */
#define KEY_DESCRIPTION_OID "1.3.6.1.4.1.11129.2.1.17"

enum { LEVEL_SOFTWARE = 0, LEVEL_TRUSTED_ENVIRONMENT = 1, LEVEL_STRONG_BOX = 2 };
enum { ORIGIN_GENERATED = 0 };
enum { BOOT_VERIFIED = 0 };

/* Fields of an AuthorizationList that count here. */
enum {
    TAG_ALL_APPLICATIONS = 600,
    TAG_ORIGIN = 702,
    TAG_ROOT_OF_TRUST = 704,
    TAG_APPLICATION_ID = 709
};

/* Contents of the EXPLICIT tags; NULL data where the field is absent. */
typedef struct authorizations {
    imi_view all_applications, origin, root_of_trust, application_id;
} authorizations;

typedef struct key_description {
    uint32_t attestation_level, key_level;
    imi_view challenge;
    authorizations software, hardware;
} key_description;

static imi_view *field_of(authorizations *list, uint32_t number)
{
    switch (number) {
    case TAG_ALL_APPLICATIONS:
        return &list->all_applications;
    case TAG_ORIGIN:
        return &list->origin;
    case TAG_ROOT_OF_TRUST:
        return &list->root_of_trust;
    case TAG_APPLICATION_ID:
        return &list->application_id;
    default:
        return NULL;
    }
}

/* Fields of other numbers are passed over: each version of Android adds some. */
static bool read_authorizations(imi_view *input, authorizations *out)
{
    imi_view fields;
    if (!imi_der_take(input, IMI_DER_CONSTRUCTED, IMI_DER_SEQUENCE, &fields)) {
        return false;
    }
    while (fields.size > 0) {
        imi_der_element element;
        if (!imi_der_take_any(&fields, &element) || element.form != IMI_DER_CONTEXT) {
            return false;
        }
        imi_view *field = field_of(out, element.number);
        if (field != NULL && field->data != NULL) {
            return false;
        }
        if (field != NULL) {
            *field = element.content;
        }
    }
    return true;
}

static bool read_key_description(imi_view extension, key_description *out)
{
    *out = (key_description){0};
    imi_view body, unique_id;
    uint32_t version = 0, key_version = 0;
    return imi_der_take(&extension, IMI_DER_CONSTRUCTED, IMI_DER_SEQUENCE, &body) &&
           extension.size == 0 && imi_der_take_number(&body, IMI_DER_INTEGER, &version) &&
           version >= 1 &&
           imi_der_take_number(&body, IMI_DER_ENUMERATED, &out->attestation_level) &&
           imi_der_take_number(&body, IMI_DER_INTEGER, &key_version) &&
           imi_der_take_number(&body, IMI_DER_ENUMERATED, &out->key_level) &&
           imi_der_take_octets(&body, &out->challenge) && imi_der_take_octets(&body, &unique_id) &&
           read_authorizations(&body, &out->software) &&
           read_authorizations(&body, &out->hardware) && body.size == 0;
}

static bool is_hardware(uint32_t level)
{
    return level == LEVEL_TRUSTED_ENVIRONMENT || level == LEVEL_STRONG_BOX;
}

/* An imported key is known to whoever imported it. */
static const char *check_origin(const authorizations *hardware)
{
    imi_view input = hardware->origin;
    uint32_t origin = 0;
    bool generated = imi_der_take_number(&input, IMI_DER_INTEGER, &origin) && input.size == 0 &&
                     origin == ORIGIN_GENERATED;
    return generated ? NULL : REFUSED_KEY;
}

/* Only the boot loader knows this; a list that Android itself wrote proves nothing. */
static const char *check_boot(const authorizations *hardware)
{
    imi_view input = hardware->root_of_trust, body, key;
    bool locked = false;
    uint32_t state = 0;
    bool good = imi_der_take(&input, IMI_DER_CONSTRUCTED, IMI_DER_SEQUENCE, &body) &&
                input.size == 0 && imi_der_take_octets(&body, &key) &&
                imi_der_take_boolean(&body, &locked) && locked &&
                imi_der_take_number(&body, IMI_DER_ENUMERATED, &state) && state == BOOT_VERIFIED;
    /* The hash of what was booted follows from version 3 on. */
    imi_view hash;
    good = good && (body.size == 0 || (imi_der_take_octets(&body, &hash) && body.size == 0));
    return good ? NULL : REFUSED_BOOT;
}

/* Every package that shares the app's user id must be known, and there must be one. */
static bool are_packages_known(const imi_attest_roots *roots, imi_view packages)
{
    if (packages.size == 0) {
        return false;
    }
    while (packages.size > 0) {
        imi_view record, name, version;
        if (!imi_der_take(&packages, IMI_DER_CONSTRUCTED, IMI_DER_SEQUENCE, &record) ||
            !imi_der_take_octets(&record, &name) ||
            !imi_der_take(&record, IMI_DER_PRIMITIVE, IMI_DER_INTEGER, &version) ||
            record.size != 0 || !imi_roots_know_package(roots, name)) {
            return false;
        }
    }
    return true;
}

static bool are_signers_known(const imi_attest_roots *roots, imi_view digests)
{
    if (digests.size == 0) {
        return false;
    }
    while (digests.size > 0) {
        imi_view digest;
        if (!imi_der_take_octets(&digests, &digest) || !imi_roots_know_signer(roots, digest)) {
            return false;
        }
    }
    return true;
}

/* Android's key store, not the secure hardware, knows who asked: the field is in its list. That
 * the system which wrote it is genuine is what check_boot shows. */
static const char *check_application(const imi_attest_roots *roots, const key_description *key)
{
    bool bound = key->software.all_applications.data == NULL &&
                 key->hardware.all_applications.data == NULL &&
                 key->hardware.application_id.data == NULL;
    imi_view input = key->software.application_id, id, body, packages, digests;
    bool known = bound && imi_der_take_octets(&input, &id) && input.size == 0 &&
                 imi_der_take(&id, IMI_DER_CONSTRUCTED, IMI_DER_SEQUENCE, &body) && id.size == 0 &&
                 imi_der_take(&body, IMI_DER_CONSTRUCTED, IMI_DER_SET, &packages) &&
                 imi_der_take(&body, IMI_DER_CONSTRUCTED, IMI_DER_SET, &digests) &&
                 body.size == 0 && are_packages_known(roots, packages) &&
                 are_signers_known(roots, digests);
    return known ? NULL : REFUSED_APP;
}

static const char *check_description(const imi_attest_roots *roots,
                                     const imi_attestation *attestation, imi_view extension,
                                     float *score)
{
    key_description key;
    if (!read_key_description(extension, &key)) {
        return REFUSED_FORMAT;
    }
    if (!is_hardware(key.attestation_level) || !is_hardware(key.key_level)) {
        return REFUSED_SOFTWARE;
    }
    if (!imi_view_equal(key.challenge, attestation->challenge)) {
        return REFUSED_CHALLENGE;
    }
    REFUSE_IF(check_origin(&key.hardware));
    REFUSE_IF(check_boot(&key.hardware));
    REFUSE_IF(check_application(roots, &key));
    bool strong = key.attestation_level == LEVEL_STRONG_BOX && key.key_level == LEVEL_STRONG_BOX;
    *score = strong ? 2.0f : 1.0f;
    return NULL;
}

/* The key that the leaf certifies is the one that signs the session's frames. */
static const char *check_device_key(X509 *leaf, imi_view spki)
{
    const uint8_t *at = spki.data;
    IMI_AUTO_PKEY key = d2i_PUBKEY(NULL, &at, (long)spki.size);
    EVP_PKEY *attested = X509_get0_pubkey(leaf);
    bool same = key != NULL && attested != NULL && at == spki.data + spki.size &&
                EVP_PKEY_eq(attested, key) == 1;
    return same ? NULL : REFUSED_KEY;
}

static bool read_chain(imi_view object, STACK_OF(X509) * chain)
{
    while (object.size > 0) {
        if (!imi_chain_take(&object, chain)) {
            return false;
        }
    }
    return sk_X509_num(chain) > 0;
}

const char *imi_android_verify(const imi_attest_roots *roots, const imi_attestation *attestation,
                               float *score)
{
    IMI_AUTO_X509_STACK chain = sk_X509_new_null();
    if (chain == NULL || !read_chain(attestation->object, chain)) {
        return REFUSED_FORMAT;
    }
    REFUSE_IF(imi_chain_verify(roots->android, chain, attestation->now_s));
    REFUSE_IF(imi_status_list_check(roots, chain));
    imi_view extension;
    REFUSE_IF(imi_chain_extension(chain, KEY_DESCRIPTION_OID, &extension));
    REFUSE_IF(check_device_key(sk_X509_value(chain, 0), attestation->device_key_spki));
    return check_description(roots, attestation, extension, score);
}
