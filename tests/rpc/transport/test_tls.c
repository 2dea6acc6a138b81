/* Who may connect: TLS only, client certificates verified when given, names only from them. */
#include "fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* Ask the server who it thinks we are. */
static imi_status who_am_i(fixture *f, const char *ca, const char *cert, const char *key,
                           imi_buffer *answer)
{
    IMI_AUTO(imi_rpc_channel) channel = fixture_channel(f, ca, cert, key);
    imi_rpc_request request = probe_request("Who", WAIT_MS);
    imi_status status = imi_rpc_channel_call(channel, &request, imi_view_of_text(""), answer, NULL);
    assert_ok(imi_buffer_terminate(answer, err));
    return status;
}

static void path_in(const fixture *f, const char *name, char out[128])
{
    assert_true(snprintf(out, 128, "%s/%s", f->folder, name) < 128);
}

static void client_without_certificate_has_no_name(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER answer = IMI_BUFFER_INIT;
    assert_int_equal(who_am_i(f, f->pki.ca_cert, NULL, NULL, &answer), IMI_OK);
    assert_string_equal((char *)answer.data, "|");
}

static void name_of_a_verified_certificate_reaches_the_handler(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER answer = IMI_BUFFER_INIT;
    assert_int_equal(who_am_i(f, f->pki.ca_cert, f->pki.client_cert, f->pki.client_key, &answer),
                     IMI_OK);
    assert_string_equal((char *)answer.data, "relying-party|");
}

static void issued_client_connects_under_its_own_name(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER answer = IMI_BUFFER_INIT;
    char cert[128];
    char key[128];
    path_in(f, "pension.crt", cert);
    path_in(f, "pension.key", key);
    assert_ok(imi_pki_issue_client(&f->pki, "Pension Office \xe5\x85\xbb", cert, key, err));
    assert_int_equal(who_am_i(f, f->pki.ca_cert, cert, key, &answer), IMI_OK);
    assert_string_equal((char *)answer.data, "Pension Office \xe5\x85\xbb|");
}

/* A second PKI, of somebody else. */
static void make_foreign_pki(const fixture *f, imi_pki *foreign)
{
    char folder[128];
    path_in(f, "foreign", folder);
    assert_ok(imi_pki_ensure(folder, NULL, 0, foreign, err));
}

static void client_certificate_of_another_ca_is_refused(void **state)
{
    fixture *f = *state;
    imi_pki foreign;
    IMI_AUTO_BUFFER answer = IMI_BUFFER_INIT;
    make_foreign_pki(f, &foreign);
    assert_int_equal(who_am_i(f, f->pki.ca_cert, foreign.client_cert, foreign.client_key, &answer),
                     IMI_E_RPC_UNAVAILABLE);
    assert_int_equal(f->probe.opened, 0);
}

static void certificate_for_servers_is_no_client_identity(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER answer = IMI_BUFFER_INIT;
    assert_int_equal(who_am_i(f, f->pki.ca_cert, f->pki.server_cert, f->pki.server_key, &answer),
                     IMI_E_RPC_UNAVAILABLE);
    assert_int_equal(f->probe.opened, 0);
}

static void server_of_another_ca_is_not_trusted(void **state)
{
    fixture *f = *state;
    imi_pki foreign;
    IMI_AUTO_BUFFER answer = IMI_BUFFER_INIT;
    make_foreign_pki(f, &foreign);
    assert_int_equal(who_am_i(f, foreign.ca_cert, NULL, NULL, &answer), IMI_E_RPC_UNAVAILABLE);
    assert_int_equal(f->probe.opened, 0);
}

static void server_under_a_name_that_it_has_not_is_not_trusted(void **state)
{
    fixture *f = *state;
    f->options.address = "0.0.0.0:0";
    fixture_start(f);
    IMI_AUTO_BUFFER answer = IMI_BUFFER_INIT;
    snprintf(f->target, sizeof f->target, "127.0.0.2:%d", imi_rpc_server_port(f->server));
    assert_int_equal(who_am_i(f, f->pki.ca_cert, NULL, NULL, &answer), IMI_E_RPC_UNAVAILABLE);
    snprintf(f->target, sizeof f->target, "localhost:%d", imi_rpc_server_port(f->server));
    answer.size = 0;
    assert_int_equal(who_am_i(f, f->pki.ca_cert, NULL, NULL, &answer), IMI_OK);
}

static void without_a_client_ca_no_name_is_believed(void **state)
{
    fixture *f = *state;
    f->options.client_ca_file = NULL;
    fixture_start(f);
    IMI_AUTO_BUFFER answer = IMI_BUFFER_INIT;
    assert_int_equal(who_am_i(f, f->pki.ca_cert, f->pki.client_cert, f->pki.client_key, &answer),
                     IMI_OK);
    assert_string_equal((char *)answer.data, "|");
}

static int connect_to(const fixture *f)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)imi_rpc_server_port(f->server)),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct timeval patience = {WAIT_MS / 1000, 0};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

static void plaintext_http2_is_refused(void **state)
{
    fixture *f = *state;
    /* Connection preface and an empty SETTINGS frame, as a client without TLS begins. */
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    char answer[256];
    int fd = connect_to(f);
    assert_int_equal(send(fd, preface, sizeof preface - 1, MSG_NOSIGNAL), sizeof preface - 1);
    ssize_t size = recv(fd, answer, sizeof answer, 0);
    if (size > 0) {
        assert_int_equal(answer[0], 0x15); /* a TLS alert, and no HTTP/2 frame */
        size = recv(fd, answer, sizeof answer, 0);
    }
    assert_true(size <= 0);
    close(fd);
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    assert_ok(probe_call(f, "Echo", "x", &response, err)); /* others are still served */
}

static void garbage_and_hang_ups_leave_the_server_well(void **state)
{
    fixture *f = *state;
    uint8_t garbage[512];
    for (int i = 0; i < 50; i++) {
        assert_ok(imi_random(garbage, sizeof garbage, err));
        if (i % 2 == 0) {
            garbage[0] = 0x16; /* begins like a handshake */
        }
        int fd = connect_to(f);
        ssize_t sent = send(fd, garbage, (size_t)(i * 10), MSG_NOSIGNAL);
        (void)sent;
        close(fd);
    }
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    assert_ok(probe_call(f, "Echo", "x", &response, err));
    assert_int_equal(f->probe.opened, 1);
}

static void channel_with_half_an_identity_is_refused(void **state)
{
    fixture *f = *state;
    imi_rpc_channel *channel = NULL;
    imi_rpc_channel_options options = {
        .target = "localhost:1", .ca_file = f->pki.ca_cert, .cert_file = f->pki.client_cert};
    assert_int_equal(imi_rpc_channel_new(&options, &channel, NULL), IMI_E_INVALID_ARGUMENT);
    options.key_file = f->pki.server_key; /* of another certificate */
    assert_int_equal(imi_rpc_channel_new(&options, &channel, NULL), IMI_E_KEY);
    options = (imi_rpc_channel_options){.target = "localhost:1"};
    assert_int_equal(imi_rpc_channel_new(&options, &channel, NULL), IMI_E_INVALID_ARGUMENT);
    assert_null(channel);
}

static void server_with_a_key_of_another_certificate_is_refused(void **state)
{
    fixture *f = *state;
    imi_error error = IMI_ERROR_INIT;
    f->options.key_file = f->pki.client_key;
    assert_int_equal(imi_rpc_server_new(&f->options, &f->server, &error), IMI_E_KEY);
    assert_non_null(strstr(error.message, "does not belong"));
    assert_null(f->server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(client_without_certificate_has_no_name),
        TEST(name_of_a_verified_certificate_reaches_the_handler),
        TEST(issued_client_connects_under_its_own_name),
        TEST(client_certificate_of_another_ca_is_refused),
        TEST(certificate_for_servers_is_no_client_identity),
        TEST(server_of_another_ca_is_not_trusted),
        TEST_NOT_STARTED(server_under_a_name_that_it_has_not_is_not_trusted),
        TEST_NOT_STARTED(without_a_client_ca_no_name_is_believed),
        TEST(plaintext_http2_is_refused),
        TEST(garbage_and_hang_ups_leave_the_server_well),
        TEST_NOT_STARTED(channel_with_half_an_identity_is_refused),
        TEST_NOT_STARTED(server_with_a_key_of_another_certificate_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
