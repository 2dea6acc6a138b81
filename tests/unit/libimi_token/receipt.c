/* Receipts against the token that they are about. */
#include "../ledger/land.h"
#include "desk.h"

#include "imi/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ENTRIES = 9, INDEX = 4 };

#define DECISION                                                                                   \
    "{\"at_ms\":1700000000123,\"decision\":\"VERIFIED\",\"kind\":\"decision\",\"model\":\"m\","    \
    "\"point\":\"\",\"policy\":\"p\",\"purpose\":\"demo\",\"reason\":\"\",\"sid\":\"ses_1\","      \
    "\"tok\":\"tok_1\"}"
#define CONSENT                                                                                    \
    "{\"at_ms\":1700000000100,\"claims\":[],\"kind\":\"consent\",\"party\":\"r\","                 \
    "\"purpose\":\"demo\",\"sid\":\"ses_1\",\"state\":\"given\",\"text_sha256\":\"00\"}"

static const uint8_t salt[IMI_LEAF_SALT_SIZE] = {7};
static char g_log_key[IMI_NOTE_KEY_TEXT_SIZE], g_witness_key[IMI_NOTE_KEY_TEXT_SIZE];
static imitoken_keys *g_keys;

static int set_up(void **state)
{
    imitoken_keys_options options = IMITOKEN_KEYS_OPTIONS_INIT;
    options.jwks_json = "{\"keys\":[]}";
    options.jwks_size = strlen(options.jwks_json);
    return land_set_up(state) == 0 && imitoken_keys_new(&options, &g_keys, NULL) == IMITOKEN_OK
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    imitoken_keys_destroy(&g_keys);
    return land_tear_down(state);
}

/* The receipt of an event, in a log of the name's own. */
static void make_receipt(const char *name, const char *event, imi_buffer *out)
{
    imi_ledger *log = land_open(name);
    imi_ledger_entry entries[ENTRIES];
    for (uint64_t i = 0; i < ENTRIES; i++) {
        entries[i] = land_entry(LAND_TRUE, i);
    }
    assert_int_equal(imi_leaf_entry(salt, land_text(event), entries[INDEX].bytes, NULL), IMI_OK);
    assert_int_equal(imi_ledger_integrate(log, 0, entries, ENTRIES, NULL), IMI_OK);
    assert_int_equal(imi_ledger_receipt(log, INDEX, land_text(event), salt, out, NULL), IMI_OK);
    assert_int_equal(imi_note_key_format(imi_ledger_key(log), g_log_key, NULL), IMI_OK);
    imi_ledger_close(&log);
}

static imitoken_claims claims_of(const char *session, const char *token)
{
    static imitoken_claims claims;
    memset(&claims, 0, sizeof claims);
    IMITOKEN_CLAIMS_INIT(&claims);
    imi_copy_text(claims.session_id, sizeof claims.session_id, session);
    imi_copy_text(claims.token_id, sizeof claims.token_id, token);
    imi_copy_text(claims.purpose, sizeof claims.purpose, "demo");
    return claims;
}

static imitoken_code check_by(const imitoken_checker_options *options, const imi_buffer *receipt,
                              const imitoken_claims *claims, imitoken_receipt *out)
{
    imitoken_checker *checker = desk_checker(options);
    imitoken_receipt ignored = IMITOKEN_RECEIPT_INIT;
    imitoken_code code = imitoken_check_receipt(checker, (const char *)receipt->data, receipt->size,
                                                claims, out == NULL ? &ignored : out, NULL);
    imitoken_checker_destroy(&checker);
    return code;
}

static imitoken_code check(const imi_buffer *receipt, const imitoken_claims *claims,
                           imitoken_receipt *out)
{
    imitoken_checker_options options = desk_options(g_keys);
    options.log_key = g_log_key;
    return check_by(&options, receipt, claims, out);
}

static void the_receipt_of_a_decision_is_proved(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER receipt = IMI_BUFFER_INIT;
    make_receipt("decision", DECISION, &receipt);
    imitoken_claims claims = claims_of("ses_1", "tok_1");
    imitoken_receipt facts = IMITOKEN_RECEIPT_INIT;
    assert_int_equal(check(&receipt, &claims, &facts), IMITOKEN_OK);
    assert_string_equal(facts.kind, "decision");
    assert_string_equal(facts.outcome, "VERIFIED");
    assert_int_equal(facts.at_ms, 1700000000123);
    assert_int_equal(facts.index, INDEX);
    assert_int_equal(facts.log_size, ENTRIES);
    assert_int_equal(facts.witnesses, 0);
}

static void the_receipt_of_a_consent_is_proved(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER receipt = IMI_BUFFER_INIT;
    make_receipt("consent", CONSENT, &receipt);
    imitoken_claims claims = claims_of("ses_1", "tok_1");
    imitoken_receipt facts = IMITOKEN_RECEIPT_INIT;
    assert_int_equal(check(&receipt, &claims, &facts), IMITOKEN_OK);
    assert_string_equal(facts.kind, "consent");
    assert_string_equal(facts.outcome, "given");
}

static void assert_other(const char *log, const char *event)
{
    IMI_AUTO_BUFFER receipt = IMI_BUFFER_INIT;
    make_receipt(log, event, &receipt);
    imitoken_claims claims = claims_of("ses_1", "tok_1");
    imitoken_receipt facts = IMITOKEN_RECEIPT_INIT;
    assert_int_equal(check(&receipt, &claims, &facts), IMITOKEN_E_RECEIPT_OTHER);
    assert_string_equal(facts.kind, "");
    assert_int_equal(facts.log_size, 0);
}

static void a_receipt_of_something_else_is_refused(void **state)
{
    (void)state;
    assert_other("o1", "{\"kind\":\"decision\",\"sid\":\"ses_1\",\"purpose\":\"demo\","
                       "\"tok\":\"tok_1\",\"decision\":\"REJECTED\",\"at_ms\":1}");
    assert_other("o2", "{\"kind\":\"decision\",\"sid\":\"ses_1\",\"purpose\":\"demo\","
                       "\"tok\":\"tok_2\",\"decision\":\"VERIFIED\",\"at_ms\":1}");
    assert_other("o3", "{\"kind\":\"decision\",\"sid\":\"ses_2\",\"purpose\":\"demo\","
                       "\"tok\":\"tok_1\",\"decision\":\"VERIFIED\",\"at_ms\":1}");
    assert_other("o4", "{\"kind\":\"decision\",\"sid\":\"ses_1\",\"purpose\":\"pension\","
                       "\"tok\":\"tok_1\",\"decision\":\"VERIFIED\",\"at_ms\":1}");
    assert_other("o5", "{\"kind\":\"redemption\",\"sid\":\"ses_1\",\"purpose\":\"demo\"}");
    assert_other("o6", "{}");
}

static void a_changed_receipt_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER receipt = IMI_BUFFER_INIT;
    make_receipt("changed", DECISION, &receipt);
    imitoken_claims claims = claims_of("ses_1", "tok_1");
    for (size_t i = 0; i < receipt.size; i += 3) {
        uint8_t kept = receipt.data[i];
        receipt.data[i] = kept ^ 1;
        assert_int_not_equal(check(&receipt, &claims, NULL), IMITOKEN_OK);
        receipt.data[i] = kept;
    }
}

static void a_receipt_of_another_log_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER receipt = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER ignored = IMI_BUFFER_INIT;
    make_receipt("first", DECISION, &receipt);
    make_receipt("second", DECISION, &ignored); /* whose key is then expected */
    imitoken_claims claims = claims_of("ses_1", "tok_1");
    assert_int_equal(check(&receipt, &claims, NULL), IMITOKEN_E_RECEIPT_LOG);
}

static void too_few_witnesses_are_told(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER receipt = IMI_BUFFER_INIT;
    make_receipt("alone", DECISION, &receipt);
    uint8_t key[32] = {0};
    imi_note_key witness;
    assert_int_equal(imi_note_key_init("w.example", IMI_NOTE_COSIGNATURE, key, &witness, NULL),
                     IMI_OK);
    assert_int_equal(imi_note_key_format(&witness, g_witness_key, NULL), IMI_OK);
    const char *const witnesses[] = {g_witness_key};
    imitoken_checker_options options = desk_options(g_keys);
    options.log_key = g_log_key;
    options.witness_keys = witnesses;
    options.witness_count = options.witnesses_needed = 1;
    imitoken_claims claims = claims_of("ses_1", "tok_1");
    assert_int_equal(check_by(&options, &receipt, &claims, NULL), IMITOKEN_E_RECEIPT_WITNESSES);
}

static void without_a_log_key_no_receipt_is_checked(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER receipt = IMI_BUFFER_INIT;
    make_receipt("keyless", DECISION, &receipt);
    imitoken_claims claims = claims_of("ses_1", "tok_1");
    imitoken_checker_options options = desk_options(g_keys);
    assert_int_equal(check_by(&options, &receipt, &claims, NULL), IMITOKEN_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_receipt_of_a_decision_is_proved),
        cmocka_unit_test(the_receipt_of_a_consent_is_proved),
        cmocka_unit_test(a_receipt_of_something_else_is_refused),
        cmocka_unit_test(a_changed_receipt_is_refused),
        cmocka_unit_test(a_receipt_of_another_log_is_refused),
        cmocka_unit_test(too_few_witnesses_are_told),
        cmocka_unit_test(without_a_log_key_no_receipt_is_checked),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
