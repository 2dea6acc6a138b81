/* The sender with a real store and real receivers. */
#include "imi/webhook.h"
#include "imi/webhook_signature.h"
#include "receiver.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { SOON_MS = 10000, LATER_MS = 1500, MOST = 16, LANE_WIDTH = 4 };

#define OK_ANSWER "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
#define BUSY_ANSWER "HTTP/1.1 503 Busy\r\nretry-after: 600\r\ncontent-length: 0\r\n\r\n"
#define GONE_ANSWER "HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n"

typedef struct place {
    char folder[64], path[128], secret[128];
    imi_vault *vault;
    imi_store *store;
    imi_policy *policy;
    imi_webhook_sender *sender;
    receiver *receivers[2];
} place;

static void remove_folder(const char *folder)
{
    DIR *list = opendir(folder);
    for (struct dirent *entry; list != NULL && (entry = readdir(list)) != NULL;) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        unlink(path);
    }
    closedir(list);
    rmdir(folder);
}

static int set_up(void **state)
{
    static const uint8_t secret[IMI_SECRET_SIZE] = "a secret of thirty-two bytes...";
    place *p = imi_alloc(sizeof *p);
    assert_non_null(p);
    snprintf(p->folder, sizeof p->folder, "/tmp/imi-sender.XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->path, sizeof p->path, "%s/vault.db", p->folder);
    assert_int_equal(imi_vault_open(p->path, secret, &p->vault, NULL), IMI_OK);
    snprintf(p->path, sizeof p->path, "%s/imi.db", p->folder);
    assert_int_equal(imi_store_sqlite_open(p->path, p->vault, &p->store, NULL), IMI_OK);
    snprintf(p->secret, sizeof p->secret, "%s/secret-0", p->folder);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    place *p = *state;
    imi_webhook_sender_destroy(&p->sender);
    for (int i = 0; i < 2; i++) {
        if (p->receivers[i] != NULL) {
            receiver_destroy(&p->receivers[i]);
        }
    }
    imi_policy_destroy(&p->policy);
    imi_store_destroy(&p->store);
    imi_vault_close(&p->vault);
    remove_folder(p->folder);
    imi_free(p);
    return 0;
}

/* The shipped policy, with so many parties "party-N" whose webhooks are the receivers. */
static void load_policy(place *p, int parties)
{
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    char path[128];
    assert_int_equal(imi_file_read(TEST_DEFAULT_POLICY, 1 << 16, &text, NULL), IMI_OK);
    assert_int_equal(imi_buffer_terminate(&text, NULL), IMI_OK);
    char *entry = strstr((char *)text.data, "\nrelying_parties:\n");
    assert_non_null(entry);
    text.size = (size_t)(entry - (char *)text.data);
    assert_int_equal(imi_buffer_append_text(&text, "\nrelying_parties:\n", NULL), IMI_OK);
    for (int i = 0; i < parties; i++) {
        assert_int_equal(imi_buffer_printf(&text, NULL,
                                           "  - name: party-%d\n    audience: https://%d.example\n"
                                           "    purposes: [demo]\n    may_enrol: true\n"
                                           "    webhook: {url: 'http://127.0.0.1:%d/hook', "
                                           "secret_file: secret-%d}\n",
                                           i, i, receiver_port(p->receivers[i]), i),
                         IMI_OK);
    }
    snprintf(path, sizeof path, "%s/policy.yaml", p->folder);
    assert_int_equal(imi_file_write(path, imi_buffer_view(&text), 0600, NULL), IMI_OK);
    imi_error error = IMI_ERROR_INIT;
    if (imi_policy_load(path, &p->policy, &error) != IMI_OK) {
        fail_msg("%s", error.message);
    }
}

static imi_status start(place *p, imi_error *err)
{
    imi_webhook_options options = {
        .store = p->store, .clock = imi_clock_system(), .policy = p->policy, .folder = p->folder};
    return imi_webhook_sender_new(&options, &p->sender, err);
}

static void begin(place *p, const char *answer)
{
    p->receivers[0] = receiver_new(answer);
    load_policy(p, 1);
    assert_int_equal(start(p, NULL), IMI_OK);
}

/* A decided session of party-N whose event is to be delivered. */
static void decide(place *p, int party)
{
    imi_session_record record = {.state = IMI_SESSION_DECIDED, .decision = IMI_DECISION_REJECTED};
    imi_event_record event = {
        .at_ms = 1795406400123, .kind = "decided", .detail = "no_match", .deliver = true};
    snprintf(record.relying_party, sizeof record.relying_party, "party-%d", party);
    assert_int_equal(imi_id_new("ses", record.session_id, NULL), IMI_OK);
    assert_int_equal(p->store->create_session(p->store, &record, &event, NULL), IMI_OK);
}

static size_t list(place *p, imi_delivery_state state, imi_delivery_record out[MOST])
{
    size_t count = 0;
    assert_int_equal(
        p->store->list_deliveries(p->store, "party-0", state, 0, out, MOST, &count, NULL), IMI_OK);
    return count;
}

/* Until there is one in this state with this error. */
static imi_delivery_record wait_for(place *p, imi_delivery_state state, const char *last_error)
{
    const struct timespec step = {0, 10000000};
    imi_delivery_record got[MOST];
    for (int waited = 0; waited < SOON_MS; waited += 10) {
        if (list(p, state, got) == 1 && strcmp(got[0].last_error, last_error) == 0) {
            return got[0];
        }
        nanosleep(&step, NULL);
    }
    fail_msg("no delivery ended with %s", last_error);
    return got[0];
}

static void a_call_is_signed_and_says_what_happened(void **state)
{
    place *p = *state;
    begin(p, OK_ANSWER);
    decide(p, 0);
    imi_webhook_sender_wake(p->sender);
    assert_int_equal(receiver_wait(p->receivers[0], 1, SOON_MS), 1);
    char id[128], timestamp[64], signature[256], body[2048];
    imi_copy_text(id, sizeof id, receiver_header(p->receivers[0], 0, "webhook-id"));
    imi_copy_text(timestamp, sizeof timestamp,
                  receiver_header(p->receivers[0], 0, "webhook-timestamp"));
    imi_copy_text(signature, sizeof signature,
                  receiver_header(p->receivers[0], 0, "webhook-signature"));
    imi_copy_text(body, sizeof body, receiver_header(p->receivers[0], 0, ""));
    imi_webhook_secrets secrets;
    assert_int_equal(imi_webhook_secrets_read(p->secret, &secrets, NULL), IMI_OK);
    imi_webhook_call call = {id, timestamp, signature, imi_view_of_text(body)};
    int64_t now_s = imi_clock_system()->unix_ms(imi_clock_system()) / 1000;
    assert_int_equal(imi_webhook_verify(&secrets, &call, now_s, NULL), IMI_OK);
    assert_non_null(strstr(body, "\"decision\":\"REJECTED\""));
    assert_non_null(strstr(body, "\"detail\":\"no_match\""));
    assert_string_equal(wait_for(p, IMI_DELIVERY_DONE, "").delivery_id, id);
}

static void what_is_due_at_the_start_is_sent_without_a_wake(void **state)
{
    place *p = *state;
    for (int i = 0; i < 3 * LANE_WIDTH; i++) {
        decide(p, 0);
    }
    begin(p, OK_ANSWER);
    assert_int_equal(receiver_wait(p->receivers[0], 3 * LANE_WIDTH, SOON_MS), 3 * LANE_WIDTH);
    assert_int_equal(receiver_wait(p->receivers[0], 3 * LANE_WIDTH + 1, LATER_MS), 3 * LANE_WIDTH);
}

static void a_refused_call_waits_as_long_as_it_was_asked_to(void **state)
{
    place *p = *state;
    begin(p, BUSY_ANSWER);
    decide(p, 0);
    int64_t before_ms = imi_clock_system()->unix_ms(imi_clock_system());
    imi_delivery_record record = wait_for(p, IMI_DELIVERY_PENDING, "http_503");
    assert_int_equal(record.attempts, 1);
    assert_in_range(record.next_ms, before_ms + 600000, before_ms + 720000 + SOON_MS);
}

static void a_receiver_that_is_gone_gets_no_second_call(void **state)
{
    place *p = *state;
    begin(p, GONE_ANSWER);
    decide(p, 0);
    (void)wait_for(p, IMI_DELIVERY_DEAD, "http_410");
    assert_int_equal(receiver_wait(p->receivers[0], 2, LATER_MS), 1);
}

static void an_answer_that_is_no_http_is_a_failure(void **state)
{
    place *p = *state;
    begin(p, "220 mail.example ESMTP\r\n");
    decide(p, 0);
    (void)wait_for(p, IMI_DELIVERY_PENDING, "connection_lost");
}

static void a_receiver_that_hangs_holds_up_neither_another_nor_the_end(void **state)
{
    place *p = *state;
    p->receivers[0] = receiver_new(NULL);
    p->receivers[1] = receiver_new(OK_ANSWER);
    load_policy(p, 2);
    assert_int_equal(start(p, NULL), IMI_OK);
    for (int i = 0; i < 2 * LANE_WIDTH; i++) {
        decide(p, 0);
    }
    assert_int_equal(receiver_wait(p->receivers[0], LANE_WIDTH, SOON_MS), LANE_WIDTH);
    decide(p, 1);
    imi_webhook_sender_wake(p->sender);
    assert_int_equal(receiver_wait(p->receivers[1], 1, 5000), 1);
    assert_int_equal(receiver_wait(p->receivers[0], LANE_WIDTH + 1, 0), LANE_WIDTH);
    imi_clock *clock = imi_clock_system();
    int64_t began_ms = clock->monotonic_ms(clock);
    imi_webhook_sender_destroy(&p->sender);
    assert_in_range(clock->monotonic_ms(clock) - began_ms, 0, 3000);
    imi_delivery_record got[MOST];
    assert_int_equal(list(p, IMI_DELIVERY_PENDING, got), 2 * LANE_WIDTH);
}

static void without_webhooks_nothing_runs(void **state)
{
    place *p = *state;
    assert_int_equal(imi_policy_load(TEST_DEFAULT_POLICY, &p->policy, NULL), IMI_OK);
    assert_int_equal(start(p, NULL), IMI_OK);
    imi_webhook_sender_wake(p->sender);
}

static void a_damaged_secret_is_named(void **state)
{
    place *p = *state;
    imi_error error = IMI_ERROR_INIT;
    p->receivers[0] = receiver_new(OK_ANSWER);
    load_policy(p, 1);
    assert_int_equal(imi_file_write(p->secret, imi_view_of_text("whsec_\n"), 0600, NULL), IMI_OK);
    assert_int_equal(start(p, &error), IMI_E_KEY);
    assert_non_null(strstr(error.message, "secret-0"));
    assert_null(p->sender);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_call_is_signed_and_says_what_happened),
        TEST(what_is_due_at_the_start_is_sent_without_a_wake),
        TEST(a_refused_call_waits_as_long_as_it_was_asked_to),
        TEST(a_receiver_that_is_gone_gets_no_second_call),
        TEST(an_answer_that_is_no_http_is_a_failure),
        TEST(a_receiver_that_hangs_holds_up_neither_another_nor_the_end),
        TEST(without_webhooks_nothing_runs),
        TEST(a_damaged_secret_is_named),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
