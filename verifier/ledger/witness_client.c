/* What a log asks of its witnesses: all at once, with one deadline, and none is waited for. */
#include "note.h"

#include "imi/ledger_witness.h"
#include "imi/log.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 2, HTTP_OK = 200, HTTP_CONFLICT = 409, URL_SIZE = 512 };

typedef struct asked_witness {
    char url[URL_SIZE];
    imi_note_key key;
    uint64_t size; /* what it is believed to have seen last */
    bool settled; /* needs no further round */
    bool away; /* did not cosign last time; said once */
    CURL *curl; /* while asked */
    imi_buffer request, answer;
} asked_witness;

struct imi_witness_client {
    CURLM *multi;
    size_t count;
    asked_witness witnesses[IMI_LEDGER_WITNESSES_MAX];
};

static imi_status add_address(imi_witness_client *self, const imi_witness_address *address,
                              imi_error *err)
{
    asked_witness *added = &self->witnesses[self->count];
    bool is_url = address->url != NULL && (strncmp(address->url, "http://", 7) == 0 ||
                                           strncmp(address->url, "https://", 8) == 0);
    int size = is_url ? snprintf(added->url, URL_SIZE, "%s/add-checkpoint", address->url) : -1;
    if (size < 0 || size >= URL_SIZE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the witness %s has no http or https address",
                 address->key.name);
    }
    added->key = address->key;
    self->count++;
    return IMI_OK;
}

imi_status imi_witness_client_new(const imi_witness_address *addresses, size_t count,
                                  imi_witness_client **out, imi_error *err)
{
    *out = NULL;
    if (count > IMI_LEDGER_WITNESSES_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "more than %d witnesses", IMI_LEDGER_WITNESSES_MAX);
    }
    IMI_AUTO(imi_witness_client) self = imi_alloc(sizeof *self);
    if (self == NULL || (self->multi = curl_multi_init()) == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for HTTP requests");
    }
    for (size_t i = 0; i < count; i++) {
        IMI_TRY(add_address(self, &addresses[i], err));
    }
    *out = IMI_STEAL(&self);
    return IMI_OK;
}

void imi_witness_client_destroy(imi_witness_client **client)
{
    imi_witness_client *self = *client;
    if (self == NULL) {
        return;
    }
    for (size_t i = 0; i < self->count; i++) {
        imi_buffer_clean_up(&self->witnesses[i].request);
        imi_buffer_clean_up(&self->witnesses[i].answer);
    }
    if (self->multi != NULL) {
        curl_multi_cleanup(self->multi);
    }
    imi_free(self);
    *client = NULL;
}

/* ---- One round ---- */

/* What all are asked to cosign. */
typedef struct submission {
    imi_ledger_source *source; /* of proofs */
    imi_checkpoint checkpoint;
    imi_view note, text;
    int64_t deadline_ms;
} submission;

static size_t take_part(char *data, size_t size, size_t count, void *user)
{
    imi_buffer *answer = user;
    imi_view part = {(const uint8_t *)data, size * count};
    bool fits = answer->size + part.size <= IMI_NOTE_BYTES_MAX;
    return fits && imi_buffer_append(answer, part, NULL) == IMI_OK ? part.size : 0;
}

static int64_t now_ms(void)
{
    return imi_clock_system()->monotonic_ms(imi_clock_system());
}

static imi_status make_request(asked_witness *witness, const submission *sent, imi_error *err)
{
    imi_witness_request request = {.old_size = witness->size, .checkpoint = sent->note};
    IMI_TRY(imi_ledger_prove_consistency(sent->source, witness->size, sent->checkpoint.size,
                                         &request.proof, err));
    witness->request.size = 0;
    witness->answer.size = 0;
    return imi_witness_request_format(&request, &witness->request, err);
}

static imi_status start_request(imi_witness_client *self, asked_witness *witness, int64_t left_ms,
                                imi_error *err)
{
    CURL *curl = curl_easy_init();
    if (curl == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for an HTTP request");
    }
    curl_easy_setopt(curl, CURLOPT_URL, witness->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, witness->request.data);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)witness->request.size);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)left_ms);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_part);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &witness->answer);
    witness->curl = curl;
    curl_multi_add_handle(self->multi, curl);
    return IMI_OK;
}

static void run_until(imi_witness_client *self, int64_t deadline_ms)
{
    for (int running = 1; running > 0;) {
        int64_t left = deadline_ms - now_ms();
        if (left <= 0 || curl_multi_perform(self->multi, &running) != CURLM_OK ||
            (running > 0 && curl_multi_poll(self->multi, NULL, 0, (int)left, NULL) != CURLM_OK)) {
            return;
        }
    }
}

/* The HTTP code of what came, 0 for nothing. */
static long end_request(imi_witness_client *self, asked_witness *witness)
{
    long code = 0;
    curl_easy_getinfo(witness->curl, CURLINFO_RESPONSE_CODE, &code);
    curl_multi_remove_handle(self->multi, witness->curl);
    curl_easy_cleanup(witness->curl);
    witness->curl = NULL;
    return code;
}

/* Whether the witness told a size from which the log can prove that it has grown. */
static bool take_size(asked_witness *witness, const imi_checkpoint *checkpoint)
{
    imi_view text = imi_buffer_view(&witness->answer), line;
    uint64_t size = 0;
    if (!imi_take_line(&text, &line) || !imi_parse_size(line, &size) || size > checkpoint->size ||
        size == witness->size) {
        return false;
    }
    witness->size = size;
    return true;
}

/* Asked several times a second: only changes are worth a line. */
static void note_presence(asked_witness *witness, bool cosigned, long code)
{
    if (witness->away && cosigned) {
        imi_log(IMI_LOG_INFO, "ledger", "witness %s cosigns again", witness->key.name);
    } else if (!witness->away && !cosigned) {
        imi_log(IMI_LOG_WARNING, "ledger", "witness %s did not cosign: HTTP %ld", witness->key.name,
                code);
    }
    witness->away = !cosigned;
}

/* Its own signature over the checkpoint, and nothing else of what it says. */
static imi_status take_signature(const asked_witness *witness, imi_view text, imi_buffer *lines,
                                 bool *found_out, imi_error *err)
{
    imi_note answer;
    *found_out = false;
    if (imi_note_parse_signatures(imi_buffer_view(&witness->answer), &answer, NULL) != IMI_OK) {
        return IMI_OK;
    }
    for (size_t i = 0; i < answer.count && !*found_out; i++) {
        imi_note line = imi_note_with(text, &answer.signatures[i]);
        *found_out = imi_note_verify(&line, &witness->key, NULL, NULL) == IMI_OK;
        if (*found_out) {
            IMI_TRY(imi_note_append_signature(&answer.signatures[i], lines, err));
        }
    }
    return IMI_OK;
}

static imi_status take_answer(imi_witness_client *self, asked_witness *witness,
                              const submission *sent, imi_buffer *lines, imi_error *err)
{
    long code = end_request(self, witness);
    bool cosigned = false;
    if (code == HTTP_CONFLICT && take_size(witness, &sent->checkpoint)) {
        return IMI_OK; /* next round from there */
    }
    witness->settled = true;
    if (code == HTTP_OK) {
        IMI_TRY(take_signature(witness, sent->text, lines, &cosigned, err));
    }
    witness->size = cosigned ? sent->checkpoint.size : witness->size;
    note_presence(witness, cosigned, code);
    return IMI_OK;
}

static imi_status ask_all(imi_witness_client *self, const submission *sent, imi_buffer *lines,
                          imi_error *err)
{
    imi_status status = IMI_OK;
    for (size_t i = 0; i < self->count && status == IMI_OK; i++) {
        asked_witness *witness = &self->witnesses[i];
        int64_t left_ms = sent->deadline_ms - now_ms();
        if (!witness->settled && left_ms > 0) {
            status = make_request(witness, sent, err);
            if (status == IMI_OK) {
                status = start_request(self, witness, left_ms, err);
            }
        }
    }
    run_until(self, status == IMI_OK ? sent->deadline_ms : 0);
    for (size_t i = 0; i < self->count; i++) {
        asked_witness *witness = &self->witnesses[i];
        if (witness->curl != NULL) {
            imi_status taken = take_answer(self, witness, sent, lines, err);
            status = status == IMI_OK ? taken : status;
        }
    }
    return status;
}

static void begin(imi_witness_client *self, const imi_note *note, uint64_t size)
{
    for (size_t i = 0; i < self->count; i++) {
        asked_witness *witness = &self->witnesses[i];
        witness->settled = imi_note_verify(note, &witness->key, NULL, NULL) == IMI_OK;
        /* A witness whose state was lost says so by a conflict. */
        witness->size = witness->size > size ? 0 : witness->size;
    }
}

imi_status imi_witness_client_collect(imi_witness_client *client, imi_ledger *ledger,
                                      int timeout_ms, size_t *cosigned_out, imi_error *err)
{
    *cosigned_out = 0;
    imi_ledger_trust trust = {.log = imi_ledger_key(ledger)};
    submission sent = {.source = imi_ledger_source_of(ledger),
                       .deadline_ms = now_ms() + timeout_ms};
    IMI_AUTO_BUFFER note = IMI_BUFFER_INIT, lines = IMI_BUFFER_INIT;
    imi_note parsed;
    IMI_TRY(imi_ledger_checkpoint(ledger, &note, err));
    sent.note = imi_buffer_view(&note);
    IMI_TRY(imi_checkpoint_open(sent.note, &trust, &sent.checkpoint, NULL, err));
    IMI_TRY(imi_note_parse(sent.note, &parsed, err));
    sent.text = parsed.text;
    begin(client, &parsed, sent.checkpoint.size);
    for (int round = 0; round < ROUNDS; round++) {
        IMI_TRY(ask_all(client, &sent, &lines, err));
    }
    return imi_ledger_add_cosignatures(ledger, sent.note, imi_buffer_view(&lines), cosigned_out,
                                       err);
}
