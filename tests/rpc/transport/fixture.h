/**
 * A real server on loopback with TLS, and a service of raw bytes to try it with.
 */
#ifndef IMI_TESTS_RPC_FIXTURE_H
#define IMI_TESTS_RPC_FIXTURE_H

#include "rpc/client.h"
#include "rpc/pki.h"
#include "rpc/transport.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/* cmocka wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { WAIT_MS = 20000 }; /* a loaded machine may need long; nothing waits this long in vain */

/**
 * What the handlers of imi.test.Probe saw. The methods:
 *   Echo   unary: gives the message back
 *   Fail   unary: fails with the status that the message's text names
 *   Who    unary: the peer's verified name, "|", the value of metadata "x-note"
 *   Hold   unary: answers when fixture_release_held is called
 *   Count  client stream: number of messages, as text
 *   Chat   bidi: gives each message back, ends when the client does
 *   Pause  bidi: reads one message, then none until fixture_resume
 *   Flood  server stream: sends as many 1 KiB messages as the queue takes, for ever
 *   Tick   server stream: as many 1-byte messages as the request's text says
 *   Await  server stream that ends on drain: gives the message back, then has no more
 */
typedef struct probe {
    pthread_mutex_t mutex; /* guards held and paused */
    imi_rpc_call *held[64];
    size_t held_count;
    imi_rpc_call *paused;
    atomic_int opened, closed, cancelled, messages, half_closed, drained;
    atomic_llong time_left_ms;
    atomic_llong flooded_bytes; /* accepted by the send queue */
    atomic_int exhausted; /* sends refused for a full queue */
    atomic_int thread_changes; /* callbacks of one Chat call on another thread than its open */
} probe;

typedef struct fixture {
    char folder[64];
    imi_pki pki;
    probe probe;
    imi_rpc_service service;
    imi_rpc_server_options options;
    imi_rpc_server *server;
    char target[64];
    imi_rpc_channel *channel; /* without a client certificate */
    int64_t blocks_before;
} fixture;

/** Make folder and PKI; options are set to their defaults, the server is not started. */
void fixture_init(fixture *f);
/** Start the server with f->options and make the channel. */
void fixture_start(fixture *f);
/** Stop all; fails the test when a block of memory or a call was left. */
void fixture_clean_up(fixture *f);

/** A channel to the fixture's server; cert and key may be NULL. */
imi_rpc_channel *fixture_channel(const fixture *f, const char *ca, const char *cert,
                                 const char *key);
void fixture_release_held(fixture *f);
void fixture_resume(fixture *f);

/** Request for /imi.test.Probe/<method>; valid until the next call on the thread. */
imi_rpc_request probe_request(const char *method, int64_t deadline_ms);
/** Unary call of a probe method with a text, on f->channel. */
imi_status probe_call(fixture *f, const char *method, const char *text, imi_buffer *response,
                      imi_error *err);
/** Wait until no call is left in the server; false after WAIT_MS. */
bool wait_for_no_calls(const fixture *f);
/** Wait until *value is at least wanted; false after WAIT_MS. */
bool wait_for(atomic_int *value, int wanted);
/** Wait until *value has not changed for 300 ms, and give it; gives up after 10 s. */
long long wait_until_still(atomic_llong *value);
void sleep_ms(int ms);
/** Current resident memory of this process in KiB. */
long resident_kib(void);
/** Run a program and give its exit status; its output goes to the test's. posix_spawn, never fork.
 */
int run_program(const char *const argv[]);

/** A test with a fixture whose server is running; or one that starts it itself. */
int setup_started(void **state);
int setup_only(void **state);
int teardown_fixture(void **state);
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_started, teardown_fixture)
#define TEST_NOT_STARTED(name) cmocka_unit_test_setup_teardown(name, setup_only, teardown_fixture)

#define assert_ok(expression)                                                                      \
    do {                                                                                           \
        imi_error assert_error_ = IMI_ERROR_INIT;                                                  \
        imi_error *err = &assert_error_;                                                           \
        if ((expression) != IMI_OK) {                                                              \
            fail_msg("%s: %s", imi_status_name(err->status), err->message);                        \
        }                                                                                          \
    } while (0)

#endif
