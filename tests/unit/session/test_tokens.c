/*
 * What a relying party does with a token after it was issued: redemption, status, public files,
 * receipts.
 */
#include "imi/status_list.h"
#include "log_keeper.h"
#include "phone.h"
#include "public_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REQUEST "request-1"

/* A verified session and its token. */
static imi_session_record verified(fixture *f, imi_buffer *token)
{
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    (void)phone_run(p, &created);
    phone_destroy(&p);
    imi_session_record record;
    assert_int_equal(imi_service_get_session(f->service, FIXTURE_PARTY, created.session_id, &record,
                                             token, NULL),
                     IMI_OK);
    assert_true(token->size > 0);
    return record;
}

static imi_redeemed redeem(fixture *f, const char *party, const imi_buffer *token,
                           const char *request_id)
{
    imi_redeemed redeemed;
    assert_int_equal(imi_service_redeem_token(f->service, party, imi_buffer_view(token), request_id,
                                              &redeemed, NULL),
                     IMI_OK);
    return redeemed;
}

static void set_status(fixture *f, const char *session_id, imi_token_status status)
{
    assert_int_equal(
        imi_service_set_token_status(f->service, FIXTURE_PARTY, session_id, status, "test", NULL),
        IMI_OK);
}

static void assert_refused(const imi_redeemed *redeemed, const char *reason)
{
    assert_false(redeemed->redeemed);
    assert_string_equal(redeemed->reason, reason);
}

/* ---- What a token says of how it came about ---- */

static void token_says_what_was_verified_and_where_its_status_is(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    imi_session_record record = verified(f, &token);
    imi_token_claims claims = fixture_checked_token(f, record.session_id);
    const imi_verification *verification = &claims.verification;
    assert_string_equal(verification->trust_framework, "imi");
    assert_string_equal(verification->assurance_level, claims.assurance);
    assert_int_equal(verification->verified_at_s, claims.issued_at_s);
    assert_int_equal(verification->evidence_count, 2);
    assert_int_equal(verification->evidence[0].kind, IMI_TOKEN_EVIDENCE_FACE);
    assert_int_equal(verification->evidence[1].kind, IMI_TOKEN_EVIDENCE_LIVENESS);
    imi_status_record place;
    assert_int_equal(f->sqlite->get_status(f->sqlite, record.token_id, &place, NULL), IMI_OK);
    assert_string_equal(claims.status_uri, FIXTURE_ISSUER "/status/1");
    assert_int_equal(claims.status_index, place.index);
}

/* ---- Redemption ---- */

static void token_is_redeemed_once(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    imi_session_record record = verified(f, &token);
    imi_redeemed first = redeem(f, FIXTURE_PARTY, &token, REQUEST);
    assert_true(first.redeemed);
    assert_string_equal(first.reason, "");
    assert_string_equal(first.session_id, record.session_id);
    assert_int_equal(first.redeemed_at_ms, f->clock.now_ms);
    imi_clock_manual_advance(&f->clock, 1000);
    imi_redeemed other = redeem(f, FIXTURE_PARTY, &token, "request-2");
    assert_refused(&other, "already_redeemed");
    assert_int_equal(other.redeemed_at_ms, first.redeemed_at_ms);
}

static void repeated_request_is_told_again(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    imi_session_record record = verified(f, &token);
    imi_redeemed first = redeem(f, FIXTURE_PARTY, &token, REQUEST);
    imi_clock_manual_advance(&f->clock, 1000);
    set_status(f, record.session_id, IMI_TOKEN_INVALID); /* changes nothing of what was done */
    imi_redeemed again = redeem(f, FIXTURE_PARTY, &token, REQUEST);
    assert_memory_equal(&again, &first, sizeof first);
}

static void token_of_another_party_is_not_redeemed(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    (void)verified(f, &token);
    imi_redeemed redeemed = redeem(f, FIXTURE_OTHER_PARTY, &token, REQUEST);
    assert_refused(&redeemed, "token_claim");
    assert_string_equal(redeemed.session_id, "");
    assert_true(redeem(f, FIXTURE_PARTY, &token, REQUEST).redeemed);
}

static void expired_token_is_not_redeemed(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    (void)verified(f, &token);
    imi_clock_manual_advance(&f->clock, 301 * 1000);
    imi_redeemed redeemed = redeem(f, FIXTURE_PARTY, &token, REQUEST);
    assert_refused(&redeemed, "token_expired");
}

static void request_id_out_of_bounds_redeems_nothing(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    (void)verified(f, &token);
    char long_id[102] = "";
    memset(long_id, 'x', 101);
    const char *const ids[] = {"", "short", long_id, "not utf8\xFF", NULL};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        imi_redeemed redeemed;
        assert_int_equal(imi_service_redeem_token(f->service, FIXTURE_PARTY,
                                                  imi_buffer_view(&token), ids[i], &redeemed, NULL),
                         IMI_E_INVALID_ARGUMENT);
        assert_false(redeemed.redeemed);
    }
    assert_true(redeem(f, FIXTURE_PARTY, &token, REQUEST).redeemed);
}

static void redemption_behind_a_failure_of_the_store_is_told_when_repeated(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    (void)verified(f, &token);
    imi_redeemed redeemed;
    bool failed = true;
    for (int n = 1; failed; n++) {
        faulty_store_fail(&f->store, n, IMI_E_STORE_IO, true);
        imi_status status = imi_service_redeem_token(
            f->service, FIXTURE_PARTY, imi_buffer_view(&token), REQUEST, &redeemed, NULL);
        failed = faulty_store_has_failed(&f->store);
        faulty_store_heal(&f->store);
        assert_int_equal(redeemed.redeemed, status == IMI_OK);
    }
    assert_true(redeemed.redeemed);
    imi_redeemed other = redeem(f, FIXTURE_PARTY, &token, "request-2");
    assert_refused(&other, "already_redeemed");
}

/* ---- Status ---- */

static void token_that_does_not_stand_is_neither_active_nor_redeemed(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    imi_session_record record = verified(f, &token);
    const struct {
        imi_token_status status;
        imi_status reason;
    } rows[] = {{IMI_TOKEN_SUSPENDED, IMI_E_TOKEN_SUSPENDED},
                {IMI_TOKEN_VALID, IMI_OK},
                {IMI_TOKEN_INVALID, IMI_E_TOKEN_REVOKED}};
    for (size_t i = 0; i < 3; i++) {
        imi_introspection answer;
        set_status(f, record.session_id, rows[i].status);
        assert_int_equal(imi_service_introspect(f->service, FIXTURE_PARTY, imi_buffer_view(&token),
                                                &answer, NULL),
                         IMI_OK);
        assert_int_equal(answer.active, rows[i].reason == IMI_OK);
        assert_int_equal(answer.reason, rows[i].reason);
        if (rows[i].reason != IMI_OK) {
            imi_redeemed redeemed = redeem(f, FIXTURE_PARTY, &token, REQUEST);
            assert_refused(&redeemed, imi_status_name(rows[i].reason));
            assert_int_equal(redeemed.redeemed_at_ms, 0);
        }
    }
}

static void revoked_token_is_revoked_for_good(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    imi_session_record record = verified(f, &token);
    set_status(f, record.session_id, IMI_TOKEN_INVALID);
    assert_int_equal(imi_service_set_token_status(f->service, FIXTURE_PARTY, record.session_id,
                                                  IMI_TOKEN_VALID, "test", NULL),
                     IMI_E_CONFLICT);
}

static void status_is_set_by_the_sessions_party_alone_and_with_a_code(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    imi_session_record record = verified(f, &token);
    imi_created_session undecided = fixture_create(f, PURPOSE_PLAIN);
    const struct {
        const char *party, *session_id, *reason;
        imi_token_status status;
        imi_status expected;
    } rows[] = {
        {FIXTURE_OTHER_PARTY, record.session_id, "test", IMI_TOKEN_INVALID, IMI_E_NOT_FOUND},
        {FIXTURE_PARTY, undecided.session_id, "test", IMI_TOKEN_INVALID, IMI_E_NOT_FOUND},
        {FIXTURE_PARTY, "ses_none", "test", IMI_TOKEN_INVALID, IMI_E_NOT_FOUND},
        {FIXTURE_PARTY, record.session_id, "", IMI_TOKEN_INVALID, IMI_E_INVALID_ARGUMENT},
        {FIXTURE_PARTY, record.session_id, "Mr. Who", IMI_TOKEN_INVALID, IMI_E_INVALID_ARGUMENT},
        {FIXTURE_PARTY, record.session_id, "test", (imi_token_status)3, IMI_E_INVALID_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(imi_service_set_token_status(f->service, rows[i].party, rows[i].session_id,
                                                      rows[i].status, rows[i].reason, NULL),
                         rows[i].expected);
    }
    assert_true(redeem(f, FIXTURE_PARTY, &token, REQUEST).redeemed);
}

/* ---- Public files ---- */

static void path_of(const fixture *f, const char *name, char out[192])
{
    snprintf(out, 192, "%s/%s", f->folder, name);
}

static void read_public(const fixture *f, const char *name, imi_buffer *out)
{
    char path[192];
    path_of(f, name, path);
    assert_int_equal(imi_file_read(path, 1 << 20, out, NULL), IMI_OK);
}

static imi_public_files *publish(fixture *f)
{
    char folder[192];
    imi_public_files *files = NULL;
    path_of(f, "public", folder);
    imi_public_files_options options = {f->sqlite, &f->clock.base, f->keyring, f->policy, folder};
    assert_int_equal(imi_public_files_new(&options, &files, NULL), IMI_OK);
    assert_int_equal(imi_public_files_refresh(files, NULL), IMI_OK);
    return files;
}

static imi_token_status listed_status(fixture *f, uint32_t index)
{
    IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT, compact = IMI_BUFFER_INIT;
    IMI_AUTO(imi_key_set) keys = NULL;
    IMI_AUTO(imi_status_list) list = NULL;
    read_public(f, "public/jwks.json", &jwks);
    read_public(f, "public/status/1", &compact);
    assert_int_equal(imi_key_set_parse(imi_buffer_view(&jwks), &keys, NULL), IMI_OK);
    imi_status_list_expectation expectation = {"ES256", FIXTURE_ISSUER "/status/1",
                                               f->clock.now_ms / 1000, 0};
    assert_int_equal(
        imi_status_list_open(imi_buffer_view(&compact), keys, &expectation, &list, NULL), IMI_OK);
    imi_token_status status;
    assert_int_equal(imi_status_list_get(list, index, f->clock.now_ms / 1000, &status, NULL),
                     IMI_OK);
    return status;
}

static void remove_public(const fixture *f)
{
    char command[256];
    snprintf(command, sizeof command, "rm -rf '%s/public' '%s/log-key.pem'", f->folder, f->folder);
    assert_int_equal(system(command), 0);
}

static void published_list_follows_the_status(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    imi_session_record record = verified(f, &token);
    imi_token_claims claims = fixture_checked_token(f, record.session_id);
    IMI_AUTO(imi_public_files) files = publish(f);
    assert_int_equal(listed_status(f, claims.status_index), IMI_TOKEN_VALID);
    set_status(f, record.session_id, IMI_TOKEN_SUSPENDED);
    assert_int_equal(imi_public_files_refresh(files, NULL), IMI_OK);
    assert_int_equal(listed_status(f, claims.status_index), IMI_TOKEN_SUSPENDED);
    remove_public(f);
}

/* Whoever checks the first token of a list at once finds the list. */
static void a_list_is_there_before_a_token_names_it(void **state)
{
    fixture *f = *state;
    IMI_AUTO(imi_public_files) files = publish(f);
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    imi_session_record record = verified(f, &token);
    imi_token_claims claims = fixture_checked_token(f, record.session_id);
    assert_int_equal(listed_status(f, claims.status_index), IMI_TOKEN_VALID);
    assert_int_equal(imi_public_files_refresh(files, NULL), IMI_OK);
    set_status(f, record.session_id, IMI_TOKEN_INVALID);
    assert_int_equal(imi_public_files_refresh(files, NULL), IMI_OK);
    assert_int_equal(listed_status(f, claims.status_index), IMI_TOKEN_INVALID);
    remove_public(f);
}

static void list_is_signed_anew_once_in_its_ttl(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER first = IMI_BUFFER_INIT, same = IMI_BUFFER_INIT, later = IMI_BUFFER_INIT;
    (void)verified(f, &token);
    IMI_AUTO(imi_public_files) files = publish(f);
    read_public(f, "public/status/1", &first);
    imi_clock_manual_advance(&f->clock, (IMI_STATUS_LIST_TTL_S - 1) * 1000);
    assert_int_equal(imi_public_files_refresh(files, NULL), IMI_OK);
    read_public(f, "public/status/1", &same);
    assert_true(imi_view_equal(imi_buffer_view(&first), imi_buffer_view(&same)));
    imi_clock_manual_advance(&f->clock, 1000);
    assert_int_equal(imi_public_files_refresh(files, NULL), IMI_OK);
    read_public(f, "public/status/1", &later);
    assert_false(imi_view_equal(imi_buffer_view(&first), imi_buffer_view(&later)));
    remove_public(f);
}

static size_t count_leaves(fixture *f)
{
    uint8_t entries[32][IMI_STORE_HASH_SIZE];
    size_t count = 0;
    assert_int_equal(f->sqlite->list_leaves(f->sqlite, 0, entries, 32, &count, NULL), IMI_OK);
    return count;
}

/* Each key is logged when it comes and when it goes, and never twice. */
static void key_set_and_log_follow_the_keyring(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER before = IMI_BUFFER_INIT, after = IMI_BUFFER_INIT;
    IMI_AUTO(imi_public_files) files = publish(f);
    assert_int_equal(count_leaves(f), 1);
    read_public(f, "public/jwks.json", &before);
    imi_keyring_entry keys[IMI_KEYRING_MAX];
    size_t count = 0;
    int64_t now_s = f->clock.now_ms / 1000;
    assert_int_equal(imi_keyring_rotate(f->keyring, "ES256", NULL, now_s, NULL, NULL), IMI_OK);
    assert_int_equal(imi_public_files_refresh(files, NULL), IMI_OK);
    assert_int_equal(count_leaves(f), 2);
    assert_int_equal(imi_keyring_list(f->keyring, keys, &count, NULL), IMI_OK);
    assert_int_equal(imi_keyring_drop(f->keyring, keys[0].key_id, now_s, NULL), IMI_OK);
    assert_int_equal(imi_public_files_refresh(files, NULL), IMI_OK);
    assert_int_equal(count_leaves(f), 3);
    read_public(f, "public/jwks.json", &after);
    assert_false(imi_view_equal(imi_buffer_view(&before), imi_buffer_view(&after)));
    imi_public_files_destroy(&files);
    files = publish(f);
    assert_int_equal(count_leaves(f), 3);
    remove_public(f);
}

/* ---- The public log ---- */

static imi_log_keeper *keep_log(fixture *f)
{
    char folder[192], key[192];
    imi_log_keeper *keeper = NULL;
    path_of(f, "public", folder);
    assert_int_equal(mkdir(folder, 0700) == 0 || errno == EEXIST, true);
    path_of(f, "public/log", folder);
    path_of(f, "log-key.pem", key);
    imi_log_keeper_options options = {f->sqlite, f->policy, folder, key};
    assert_int_equal(imi_log_keeper_new(&options, &keeper, NULL), IMI_OK);
    return keeper;
}

static void wait_for_health(imi_log_keeper *keeper, imi_log_health health)
{
    for (int i = 0; i < 3000 && imi_log_keeper_health(keeper) != health; i++) {
        usleep(10000);
    }
    assert_int_equal(imi_log_keeper_health(keeper), health);
}

/* The receipt, once the log has taken the leaf in. */
static void wait_for_receipt(imi_log_keeper *keeper, fixture *f, const char *session_id,
                             imi_buffer *out)
{
    imi_leaf_record leaf;
    IMI_AUTO_BUFFER event = IMI_BUFFER_INIT;
    assert_int_equal(f->sqlite->find_leaf(f->sqlite, session_id, "decision", &leaf, &event, NULL),
                     IMI_OK);
    imi_status status = IMI_E_NOT_FOUND;
    for (int i = 0; i < 3000 && status == IMI_E_NOT_FOUND; i++) {
        status = imi_log_keeper_receipt(keeper, &leaf, imi_buffer_view(&event), out, NULL);
        usleep(status == IMI_OK ? 0 : 10000);
    }
    assert_int_equal(status, IMI_OK);
}

static void decision_gets_a_receipt_that_verifies(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT, receipt = IMI_BUFFER_INIT;
    imi_session_record record = verified(f, &token);
    IMI_AUTO(imi_log_keeper) keeper = keep_log(f);
    wait_for_receipt(keeper, f, record.session_id, &receipt);
    imi_ledger_trust trust = {.log = imi_log_keeper_key(keeper)};
    IMI_AUTO_RECEIPT_FACTS facts = {.event = IMI_BUFFER_INIT};
    assert_int_equal(imi_receipt_verify(imi_buffer_view(&receipt), &trust, &facts, NULL), IMI_OK);
    assert_string_equal(facts.checkpoint.origin, "imi.test/log");
    assert_int_equal(imi_buffer_terminate(&facts.event, NULL), IMI_OK);
    assert_non_null(strstr((const char *)facts.event.data, record.session_id));
    imi_log_keeper_destroy(&keeper);
    remove_public(f);
}

static void second_keeper_stands_by_and_takes_over(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT, first = IMI_BUFFER_INIT, second = IMI_BUFFER_INIT;
    imi_session_record record = verified(f, &token);
    imi_log_keeper *writer = keep_log(f);
    wait_for_health(writer, IMI_LOG_WRITING);
    IMI_AUTO(imi_log_keeper) other = keep_log(f);
    wait_for_health(other, IMI_LOG_STANDING_BY);
    wait_for_receipt(other, f, record.session_id, &first);
    imi_log_keeper_destroy(&writer);
    wait_for_health(other, IMI_LOG_WRITING);
    IMI_AUTO_BUFFER another = IMI_BUFFER_INIT;
    imi_session_record later = verified(f, &another);
    wait_for_receipt(other, f, later.session_id, &second);
    imi_log_keeper_destroy(&other);
    remove_public(f);
}

/* Another database behind the same log: its history is not the one that was published. */
static void keeper_refuses_to_rewrite_history(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT, receipt = IMI_BUFFER_INIT, other = IMI_BUFFER_INIT;
    imi_session_record record = verified(f, &token);
    imi_log_keeper *keeper = keep_log(f);
    wait_for_receipt(keeper, f, record.session_id, &receipt);
    imi_log_keeper_destroy(&keeper);
    fixture *stranger = fixture_new(NULL);
    (void)verified(stranger, &other);
    char folder[192], key[192];
    path_of(f, "public/log", folder);
    path_of(f, "log-key.pem", key);
    imi_log_keeper_options options = {stranger->sqlite, stranger->policy, folder, key};
    assert_int_equal(imi_log_keeper_new(&options, &keeper, NULL), IMI_OK);
    wait_for_health(keeper, IMI_LOG_REWRITTEN);
    imi_log_keeper_destroy(&keeper);
    fixture_destroy(&stranger);
    keeper = keep_log(f);
    wait_for_health(keeper, IMI_LOG_WRITING);
    imi_log_keeper_destroy(&keeper);
    remove_public(f);
}

static void keeper_notices_a_database_that_was_set_back(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT, receipt = IMI_BUFFER_INIT;
    imi_session_record record = verified(f, &token);
    imi_log_keeper *keeper = keep_log(f);
    wait_for_receipt(keeper, f, record.session_id, &receipt);
    imi_log_keeper_destroy(&keeper);
    fixture *empty = fixture_new(NULL); /* knows no leaf at all */
    char folder[192], key[192];
    path_of(f, "public/log", folder);
    path_of(f, "log-key.pem", key);
    imi_log_keeper_options options = {empty->sqlite, empty->policy, folder, key};
    assert_int_equal(imi_log_keeper_new(&options, &keeper, NULL), IMI_OK);
    wait_for_health(keeper, IMI_LOG_REWRITTEN);
    imi_log_keeper_destroy(&keeper);
    fixture_destroy(&empty);
    remove_public(f);
}

static void receipt_without_a_log_is_unsupported(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT, receipt = IMI_BUFFER_INIT;
    imi_session_record record = verified(f, &token);
    assert_int_equal(imi_service_receipt(f->service, FIXTURE_PARTY, record.session_id,
                                         IMI_RECEIPT_DECISION, &receipt, NULL),
                     IMI_E_UNSUPPORTED);
    assert_int_equal(receipt.size, 0);
}

static void origin_is_the_issuers_host(void **state)
{
    (void)state;
    const char *const rows[][2] = {{"https://imi.example", "imi.example/log"},
                                   {"https://imi.example:7480/x?y", "imi.example:7480/log"},
                                   {"imi.example", "imi.example/log"}};
    char origin[IMI_NOTE_NAME_SIZE];
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(imi_log_origin(rows[i][0], origin, NULL), IMI_OK);
        assert_string_equal(origin, rows[i][1]);
    }
    char text[300];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(imi_log_origin(text, origin, NULL), IMI_E_POLICY);
}

#define TOKEN_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TOKEN_TEST(token_says_what_was_verified_and_where_its_status_is),
        TOKEN_TEST(token_is_redeemed_once),
        TOKEN_TEST(repeated_request_is_told_again),
        TOKEN_TEST(token_of_another_party_is_not_redeemed),
        TOKEN_TEST(expired_token_is_not_redeemed),
        TOKEN_TEST(request_id_out_of_bounds_redeems_nothing),
        TOKEN_TEST(redemption_behind_a_failure_of_the_store_is_told_when_repeated),
        TOKEN_TEST(token_that_does_not_stand_is_neither_active_nor_redeemed),
        TOKEN_TEST(revoked_token_is_revoked_for_good),
        TOKEN_TEST(status_is_set_by_the_sessions_party_alone_and_with_a_code),
        TOKEN_TEST(published_list_follows_the_status),
        TOKEN_TEST(a_list_is_there_before_a_token_names_it),
        TOKEN_TEST(list_is_signed_anew_once_in_its_ttl),
        TOKEN_TEST(key_set_and_log_follow_the_keyring),
        TOKEN_TEST(decision_gets_a_receipt_that_verifies),
        TOKEN_TEST(second_keeper_stands_by_and_takes_over),
        TOKEN_TEST(keeper_refuses_to_rewrite_history),
        TOKEN_TEST(keeper_notices_a_database_that_was_set_back),
        TOKEN_TEST(receipt_without_a_log_is_unsupported),
        cmocka_unit_test(origin_is_the_issuers_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
