#include "forge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#define ANDROID_OID "1.3.6.1.4.1.11129.2.1.17"
#define APPLE_OID "1.2.840.113635.100.8.2"

forge g_forge;

/* ---- Certificates ---- */

static void add_extension(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_nconf_nid(NULL, NULL, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void add_raw_extension(X509 *certificate, const char *oid, imi_view value)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
    assert_int_equal(ASN1_OCTET_STRING_set(octets, value.data, (int)value.size), 1);
    X509_EXTENSION *extension = X509_EXTENSION_create_by_OBJ(NULL, object, 0, octets);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(octets);
    ASN1_OBJECT_free(object);
}

static void add_authority(X509 *certificate, int path_length)
{
    char text[48] = "critical,CA:TRUE";
    if (path_length >= 0) {
        snprintf(text, sizeof text, "critical,CA:TRUE,pathlen:%d", path_length);
    }
    add_extension(certificate, NID_basic_constraints, text);
    add_extension(certificate, NID_key_usage, "critical,keyCertSign");
}

X509 *forge_certificate(const certificate_plan *plan)
{
    X509 *made = X509_new();
    X509_set_version(made, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made), plan->serial);
    int64_t from_s = plan->not_before_s != 0 ? plan->not_before_s : TEST_NOW_S - TEST_DAY_S;
    int64_t to_s = plan->not_after_s != 0 ? plan->not_after_s : TEST_NOW_S + TEST_DAY_S;
    ASN1_TIME_set(X509_getm_notBefore(made), from_s);
    ASN1_TIME_set(X509_getm_notAfter(made), to_s);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                               (const uint8_t *)plan->subject, -1, -1, 0);
    X509_set_issuer_name(made, X509_get_subject_name(plan->issuer != NULL ? plan->issuer : made));
    X509_set_pubkey(made, plan->key);
    if (plan->is_authority) {
        add_authority(made, plan->path_length);
    } else {
        add_extension(made, NID_key_usage, "critical,digitalSignature");
    }
    for (int i = 0; plan->extension_oid != NULL && i < (plan->extension_twice ? 2 : 1); i++) {
        add_raw_extension(made, plan->extension_oid, plan->extension);
    }
    assert_true(X509_sign(made, plan->issuer_key, EVP_sha256()) > 0);
    return made;
}

void forge_append(X509 *certificate, imi_buffer *out)
{
    uint8_t *der = NULL;
    int size = i2d_X509(certificate, &der);
    assert_true(size > 0);
    assert_int_equal(imi_buffer_append(out, (imi_view){der, (size_t)size}, NULL), IMI_OK);
    OPENSSL_free(der);
}

/* ---- DER, written ---- */

static void put_bytes(imi_buffer *out, const void *bytes, size_t size)
{
    assert_int_equal(imi_buffer_append(out, (imi_view){bytes, size}, NULL), IMI_OK);
}

static void put_byte(imi_buffer *out, unsigned byte)
{
    uint8_t value = (uint8_t)byte;
    put_bytes(out, &value, 1);
}

static void put_length(imi_buffer *out, size_t size)
{
    if (size >= 0x100) {
        put_byte(out, 0x82);
        put_byte(out, (unsigned)(size >> 8));
    } else if (size >= 0x80) {
        put_byte(out, 0x81);
    }
    put_byte(out, (unsigned)(size & 0xFF));
}

static void put_element(imi_buffer *out, unsigned leading, const imi_buffer *content)
{
    put_byte(out, leading);
    put_length(out, content->size);
    put_bytes(out, content->data, content->size);
}

/* A field of an AuthorizationList: [number] EXPLICIT. */
static void put_field(imi_buffer *out, unsigned number, const imi_buffer *content)
{
    if (number > 30) {
        put_byte(out, 0xBF);
        put_byte(out, 0x80 | number >> 7);
        put_byte(out, number & 0x7F);
    } else {
        put_byte(out, 0xA0 | number);
    }
    put_length(out, content->size);
    put_bytes(out, content->data, content->size);
}

static void put_number(imi_buffer *out, unsigned leading, uint32_t value)
{
    put_byte(out, leading);
    put_byte(out, value < 0x80 ? 1 : 2);
    if (value >= 0x80) {
        put_byte(out, value >> 8);
    }
    put_byte(out, value & 0xFF);
}

static void put_octets(imi_buffer *out, imi_view octets)
{
    put_byte(out, 0x04);
    put_length(out, octets.size);
    put_bytes(out, octets.data, octets.size);
}

/* ---- Android ---- */

key_statement forge_good_statement(void)
{
    return (key_statement){
        .version = 200,
        .attestation_level = 1,
        .key_level = 1,
        .challenge = {g_forge.challenge, sizeof g_forge.challenge},
        .has_origin = true,
        .has_boot = true,
        .locked = true,
        .packages = {TEST_PACKAGE},
        .signers = {0xA5},
        .has_application = true,
    };
}

static void put_application(imi_buffer *list, const key_statement *statement)
{
    IMI_AUTO_BUFFER packages = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER signers = IMI_BUFFER_INIT;
    for (int i = 0; i < 2 && statement->packages[i] != NULL; i++) {
        IMI_AUTO_BUFFER record = IMI_BUFFER_INIT;
        put_octets(&record, imi_view_of_text(statement->packages[i]));
        put_number(&record, 0x02, 7);
        put_element(&packages, 0x30, &record);
    }
    for (int i = 0; i < 2 && statement->signers[i] != 0; i++) {
        uint8_t digest[32];
        memset(digest, statement->signers[i], sizeof digest);
        put_octets(&signers, (imi_view){digest, sizeof digest});
    }
    IMI_AUTO_BUFFER body = IMI_BUFFER_INIT;
    put_element(&body, 0x31, &packages);
    put_element(&body, 0x31, &signers);
    IMI_AUTO_BUFFER id = IMI_BUFFER_INIT;
    put_element(&id, 0x30, &body);
    IMI_AUTO_BUFFER field = IMI_BUFFER_INIT;
    put_octets(&field, imi_buffer_view(&id));
    put_field(list, 709, &field);
}

static void put_boot(imi_buffer *list, const key_statement *statement)
{
    static const uint8_t key[32] = {1}, hash[32] = {2};
    IMI_AUTO_BUFFER body = IMI_BUFFER_INIT;
    put_octets(&body, (imi_view){key, sizeof key});
    put_byte(&body, 0x01);
    put_byte(&body, 1);
    put_byte(&body, statement->locked ? 0xFF : 0x00);
    put_number(&body, 0x0A, statement->boot_state);
    if (statement->version >= 3) {
        put_octets(&body, (imi_view){hash, sizeof hash});
    }
    IMI_AUTO_BUFFER field = IMI_BUFFER_INIT;
    put_element(&field, 0x30, &body);
    put_field(list, 704, &field);
}

static void put_hardware_list(imi_buffer *out, const key_statement *statement)
{
    IMI_AUTO_BUFFER list = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER algorithm = IMI_BUFFER_INIT;
    put_number(&algorithm, 0x02, 3);
    put_field(&list, 2, &algorithm);
    IMI_AUTO_BUFFER origin = IMI_BUFFER_INIT;
    put_number(&origin, 0x02, statement->origin);
    for (int i = 0; i < (statement->repeats_origin ? 2 : 1) && statement->has_origin; i++) {
        put_field(&list, 702, &origin);
    }
    if (statement->has_boot && !statement->boot_in_software) {
        put_boot(&list, statement);
    }
    if (statement->has_application && statement->application_in_hardware) {
        put_application(&list, statement);
    }
    put_element(out, 0x30, &list);
}

static void put_software_list(imi_buffer *out, const key_statement *statement)
{
    IMI_AUTO_BUFFER list = IMI_BUFFER_INIT;
    if (statement->all_applications) {
        IMI_AUTO_BUFFER nothing = IMI_BUFFER_INIT;
        put_bytes(&nothing, "\x05\x00", 2);
        put_field(&list, 600, &nothing);
    }
    if (statement->has_boot && statement->boot_in_software) {
        put_boot(&list, statement);
    }
    if (statement->has_application && !statement->application_in_hardware) {
        put_application(&list, statement);
    }
    put_element(out, 0x30, &list);
}

void forge_key_description(const key_statement *statement, imi_buffer *out)
{
    IMI_AUTO_BUFFER body = IMI_BUFFER_INIT;
    put_number(&body, 0x02, statement->version);
    put_number(&body, 0x0A, statement->attestation_level);
    put_number(&body, 0x02, statement->version);
    put_number(&body, 0x0A, statement->key_level);
    put_octets(&body, statement->challenge);
    put_octets(&body, (imi_view){NULL, 0});
    put_software_list(&body, statement);
    put_hardware_list(&body, statement);
    put_element(out, 0x30, &body);
    if (statement->trailing_byte) {
        put_byte(out, 0);
    }
}

certificate_plan forge_android_leaf(imi_view description)
{
    return (certificate_plan){
        .subject = "Android Keystore Key",
        .issuer = g_forge.intermediate,
        .issuer_key = g_forge.intermediate_key,
        .key = g_forge.device_key,
        .serial = 1,
        .extension_oid = ANDROID_OID,
        .extension = description,
    };
}

void forge_android(const key_statement *statement, imi_buffer *out)
{
    IMI_AUTO_BUFFER description = IMI_BUFFER_INIT;
    forge_key_description(statement, &description);
    certificate_plan plan = forge_android_leaf(imi_buffer_view(&description));
    X509 *leaf = forge_certificate(&plan);
    forge_append(leaf, out);
    forge_append(g_forge.intermediate, out);
    forge_append(g_forge.root, out);
    X509_free(leaf);
}

/* ---- Apple ---- */

app_statement forge_good_app(void)
{
    return (app_statement){
        .format = "apple-appattest",
        .app_id = TEST_APP_ID,
        .aaguid = "appattest\0\0\0\0\0\0",
        .challenge = {g_forge.challenge, sizeof g_forge.challenge},
        .flags = 0x40,
    };
}

static void put_cbor_head(imi_buffer *out, unsigned major, size_t value, bool long_form)
{
    if (value < 24 && !long_form) {
        put_byte(out, major << 5 | (unsigned)value);
    } else if (value < 0x100 && !long_form) {
        put_byte(out, major << 5 | 24);
        put_byte(out, (unsigned)value);
    } else {
        put_byte(out, major << 5 | 25);
        put_byte(out, (unsigned)(value >> 8));
        put_byte(out, (unsigned)(value & 0xFF));
    }
}

static void put_cbor_text(imi_buffer *out, const char *text, bool long_form)
{
    put_cbor_head(out, 3, strlen(text), long_form);
    put_bytes(out, text, strlen(text));
}

static void put_cbor_bytes(imi_buffer *out, imi_view bytes)
{
    put_cbor_head(out, 2, bytes.size, false);
    put_bytes(out, bytes.data, bytes.size);
}

/* COSE_Key of a P-256 point. */
static void put_public_key(imi_buffer *out, const uint8_t point[65])
{
    put_bytes(out, "\xA5\x01\x02\x03\x26\x20\x01\x21", 8);
    put_cbor_bytes(out, (imi_view){point + 1, 32});
    put_byte(out, 0x22);
    put_cbor_bytes(out, (imi_view){point + 33, 32});
}

static void put_authenticator(imi_buffer *out, const app_statement *statement)
{
    const uint8_t *point = g_forge.spki + 26;
    uint8_t digest[32];
    SHA256((const uint8_t *)statement->app_id, strlen(statement->app_id), digest);
    put_bytes(out, digest, sizeof digest);
    put_byte(out, statement->flags);
    put_bytes(out, "\0\0\0", 3);
    put_byte(out, statement->counter);
    put_bytes(out, statement->aaguid, 16);
    put_bytes(out, "\0\x20", 2);
    SHA256(point, statement->wrong_credential ? 64 : 65, digest);
    put_bytes(out, digest, sizeof digest);
    if (!statement->no_public_key) {
        put_public_key(out, point);
    }
    for (int i = 0; i < statement->extensions; i++) {
        put_bytes(out,
                  "\xA1\x61v\x61"
                  "1",
                  5);
    }
}

static void put_nonce_extension(imi_buffer *out, imi_view authenticator, imi_view challenge)
{
    uint8_t digest[32];
    SHA256(challenge.data, challenge.size, digest);
    IMI_AUTO_BUFFER covered = IMI_BUFFER_INIT;
    put_bytes(&covered, authenticator.data, authenticator.size);
    put_bytes(&covered, digest, sizeof digest);
    SHA256(covered.data, covered.size, digest);
    put_bytes(out, "\x30\x24\xA1\x22", 4);
    put_octets(out, (imi_view){digest, sizeof digest});
}

static X509 *app_leaf(const app_statement *statement, imi_view authenticator)
{
    IMI_AUTO_BUFFER extension = IMI_BUFFER_INIT;
    put_nonce_extension(&extension, authenticator, statement->challenge);
    if (statement->wrong_nonce) {
        extension.data[extension.size - 1] ^= 1;
    }
    certificate_plan plan = {
        .subject = "credential",
        .issuer = g_forge.intermediate,
        .issuer_key = g_forge.intermediate_key,
        .key = g_forge.device_key,
        .serial = 1,
        .extension_oid = APPLE_OID,
        .extension = imi_buffer_view(&extension),
        .not_after_s = statement->leaf_not_after_s,
    };
    return forge_certificate(&plan);
}

static void put_certificate(imi_buffer *out, X509 *certificate)
{
    IMI_AUTO_BUFFER der = IMI_BUFFER_INIT;
    forge_append(certificate, &der);
    put_cbor_bytes(out, imi_buffer_view(&der));
}

/* The intermediate, or another that has the leaf's extension. */
static void put_intermediate(imi_buffer *out, bool with_extension)
{
    certificate_plan plan = {
        .subject = "intermediate",
        .issuer = g_forge.root,
        .issuer_key = g_forge.root_key,
        .key = g_forge.intermediate_key,
        .is_authority = true,
        .serial = 2,
        .extension_oid = APPLE_OID,
        .extension = imi_view_of_text("x"),
    };
    X509 *other = forge_certificate(&plan);
    put_certificate(out, with_extension ? other : g_forge.intermediate);
    X509_free(other);
}

void forge_apple(const app_statement *statement, imi_buffer *out)
{
    IMI_AUTO_BUFFER authenticator = IMI_BUFFER_INIT;
    put_authenticator(&authenticator, statement);
    X509 *leaf = app_leaf(statement, imi_buffer_view(&authenticator));
    put_cbor_head(out, 5, statement->extra_member ? 4 : 3, false);
    put_cbor_text(out, "fmt", statement->long_form_length);
    put_cbor_text(out, statement->format, false);
    put_cbor_text(out, "attStmt", false);
    put_cbor_head(out, 5, 2, false);
    put_cbor_text(out, "x5c", false);
    put_cbor_head(out, 4, 2, false);
    put_certificate(out, leaf);
    put_intermediate(out, statement->in_intermediate);
    put_cbor_text(out, "receipt", false);
    put_cbor_bytes(out, imi_view_of_text("r"));
    put_cbor_text(out, "authData", false);
    put_cbor_bytes(out, imi_buffer_view(&authenticator));
    if (statement->extra_member) {
        put_cbor_text(out, "more", false);
        put_byte(out, 0x01);
    }
    X509_free(leaf);
}

/* ---- The configured world ---- */

const char *forge_path(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", g_forge.folder, name);
    return path;
}

void forge_write_pem(const char *name, X509 *certificate)
{
    FILE *file = fopen(forge_path(name), "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, certificate), 1);
    assert_int_equal(fclose(file), 0);
}

static void make_authorities(void)
{
    certificate_plan root = {.subject = "root",
                             .issuer_key = g_forge.root_key,
                             .key = g_forge.root_key,
                             .is_authority = true,
                             .path_length = -1,
                             .serial = 3};
    g_forge.root = forge_certificate(&root);
    certificate_plan intermediate = {.subject = "intermediate",
                                     .issuer = g_forge.root,
                                     .issuer_key = g_forge.root_key,
                                     .key = g_forge.intermediate_key,
                                     .is_authority = true,
                                     .serial = 0xBEEF};
    g_forge.intermediate = forge_certificate(&intermediate);
}

static void configure(void)
{
    static const char *const packages[] = {"org.example.other", TEST_PACKAGE};
    static const char *const signers[] = {TEST_SIGNER};
    static const char *const app_ids[] = {TEST_APP_ID};
    forge_write_pem("roots.pem", g_forge.root);
    imi_attest_options options = {
        .android_roots_pem = forge_path("roots.pem"),
        .apple_roots_pem = forge_path("roots.pem"),
        .android_packages = packages,
        .android_package_count = 2,
        .android_signers = signers,
        .android_signer_count = 1,
        .apple_app_ids = app_ids,
        .apple_app_id_count = 1,
    };
    assert_int_equal(imi_attest_roots_new(&options, &g_forge.roots, NULL), IMI_OK);
}

int forge_set_up(void **state)
{
    (void)state;
    g_forge = (forge){.root_key = EVP_EC_gen("P-256"),
                      .intermediate_key = EVP_EC_gen("P-256"),
                      .device_key = EVP_EC_gen("P-256"),
                      .other_key = EVP_EC_gen("P-256"),
                      .folder = "/tmp/imi-attest-XXXXXX"};
    assert_non_null(mkdtemp(g_forge.folder));
    uint8_t *at = g_forge.spki;
    assert_int_equal(i2d_PUBKEY(g_forge.device_key, &at), sizeof g_forge.spki);
    imi_view spki = {g_forge.spki, sizeof g_forge.spki};
    assert_int_equal(imi_attest_challenge(TEST_SESSION, spki, g_forge.challenge, NULL), IMI_OK);
    make_authorities();
    configure();
    return 0;
}

int forge_tear_down(void **state)
{
    (void)state;
    imi_attest_roots_destroy(&g_forge.roots);
    X509_free(g_forge.root);
    X509_free(g_forge.intermediate);
    EVP_PKEY_free(g_forge.root_key);
    EVP_PKEY_free(g_forge.intermediate_key);
    EVP_PKEY_free(g_forge.device_key);
    EVP_PKEY_free(g_forge.other_key);
    static const char *const names[] = {"roots.pem", "other.pem", "revoked.json"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        unlink(forge_path(names[i]));
    }
    return rmdir(g_forge.folder);
}

imi_finding forge_verify(imi_attestation_kind kind, imi_view object)
{
    imi_attestation attestation = {
        .kind = kind,
        .object = object,
        .device_key_spki = {g_forge.spki, sizeof g_forge.spki},
        .challenge = {g_forge.challenge, sizeof g_forge.challenge},
        .now_s = TEST_NOW_S,
    };
    imi_findings findings = {0};
    assert_int_equal(imi_attest_verify(g_forge.roots, &attestation, &findings, NULL), IMI_OK);
    return findings.layer[IMI_LAYER_ATTESTATION];
}

void assert_accepted(imi_attestation_kind kind, imi_view object, float score)
{
    imi_finding finding = forge_verify(kind, object);
    assert_null(finding.code);
    assert_false(finding.veto);
    assert_true(finding.measured);
    assert_true(finding.score == score);
}

void assert_refused(imi_attestation_kind kind, imi_view object, const char *code)
{
    imi_finding finding = forge_verify(kind, object);
    assert_true(finding.veto);
    assert_true(finding.measured);
    assert_true(finding.score == 0.0f);
    assert_non_null(finding.code);
    assert_string_equal(finding.code, code);
}
