#include "fixture.h"

#include "imi/log.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int64_t START_MS = 1790000000000;

static const char calibration[] =
    "{\"version\": \"scene.1\", \"measured_on\": \"scenes\", \"made_at\": \"2026-01-01\","
    " \"models\": [{\"id\": \"" SCENE_MODEL_ID "\", "
    "\"weights\": {\"raw\": 1, \"normalised\": 1}}],"
    " \"tables\": {\"raw\": {\"comparisons\": 1000000, \"fmr_floor\": 1e-5,"
    " \"groups\": {\"all\": {\"comparisons\": 1000000}},"
    " \"knots\": [[-1, 1], [0, 0.5], [0.3, 1e-2], [0.6, 1e-4], [0.9, 1e-5]]}}}";

static void path_in(const fixture *f, const char *name, char out[128])
{
    snprintf(out, 128, "%s/%s", f->folder, name);
}

static imi_status worker_new(void *user, void **state_out, imi_error *err)
{
    fixture *f = user;
    return scene_engine_new(&f->models, !f->options.without_pad, (imi_engine **)state_out, err);
}

static void worker_destroy(void *user, void *state)
{
    (void)user;
    imi_engine *engine = state;
    imi_engine_destroy(&engine);
}

imi_service_options fixture_service_options(fixture *f)
{
    return (imi_service_options){
        .store = &f->store.base,
        .clock = &f->clock.base,
        .keyring = f->keyring,
        .policy = f->policy,
        .attest_roots = f->options.attest_roots,
        .scorer = f->scorer,
        .compute = f->pool,
        .pad_available = !f->options.without_pad,
        .model_version = FIXTURE_MODEL_VERSION,
        .subject_secret = f->subject_secret,
        .live_captures_max = f->options.captures_max,
        .captures_at_once = f->options.captures_at_once,
    };
}

static void start_service(fixture *f)
{
    imi_pool_options pool = {
        .name = "test",
        .threads = f->options.threads == 0 ? 2 : f->options.threads,
        .queue_capacity = f->options.queue == 0 ? 64 : f->options.queue,
        .worker_new = worker_new,
        .worker_destroy = worker_destroy,
        .user = f,
    };
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(imi_pool_new(&pool, &f->pool, NULL), IMI_OK);
    imi_service_options options = fixture_service_options(f);
    if (imi_service_new(&options, &f->service, &err) != IMI_OK) {
        fail_msg("no service: %s", err.message);
    }
}

static void stop_service(fixture *f)
{
    imi_pool_destroy(&f->pool);
    imi_service_destroy(&f->service);
}

void fixture_prefer_memory(void)
{
    if (access("/dev/shm", W_OK) == 0) {
        setenv("TMPDIR", "/dev/shm", 0);
    }
}

void fixture_restart(fixture *f)
{
    stop_service(f);
    start_service(f);
}

static void open_parts(fixture *f)
{
    char path[128];
    path_in(f, "vault.db", path);
    assert_int_equal(imi_vault_open(path, (const uint8_t[IMI_SECRET_SIZE]){1}, &f->vault, NULL),
                     IMI_OK);
    path_in(f, "imi.db", path);
    assert_int_equal(imi_store_sqlite_open(path, f->vault, &f->sqlite, NULL), IMI_OK);
    faulty_store_init(&f->store, f->sqlite);
    const char *const algorithms[] = {"ES256"};
    path_in(f, "keys", path);
    imi_keyring_options keys = {.folder = path, .algorithms = algorithms, .algorithm_count = 1};
    assert_int_equal(imi_keyring_open(&keys, f->clock.now_ms / 1000, &f->keyring, NULL), IMI_OK);
    path_in(f, "calibration.json", path);
    assert_int_equal(imi_file_write(path, imi_view_of_text(calibration), 0600, NULL), IMI_OK);
    imi_error err = IMI_ERROR_INIT;
    if (imi_scorer_load(path, &f->scorer, &err) != IMI_OK) {
        fail_msg("no scorer: %s", err.message);
    }
    path_in(f, "policy.yaml", path);
    fixture_write_policy(path, 1e-4);
    if (imi_policy_load(path, &f->policy, &err) != IMI_OK) {
        fail_msg("no policy: %s", err.message);
    }
    assert_int_equal(imi_random(f->subject_secret, sizeof f->subject_secret, NULL), IMI_OK);
}

fixture *fixture_new(const fixture_options *options)
{
    imi_log_set_level(IMI_LOG_OFF);
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->options = options == NULL ? (fixture_options){0} : *options;
    const char *base = getenv("TMPDIR");
    snprintf(f->folder, sizeof f->folder, "%.40s/imi-session-XXXXXX", base == NULL ? "/tmp" : base);
    assert_non_null(mkdtemp(f->folder));
    imi_clock_manual_init(&f->clock, f->options.start_ms == 0 ? START_MS : f->options.start_ms);
    scene_models_init(&f->models);
    if (f->options.without_reader) {
        f->models.reader.read = NULL;
    }
    open_parts(f);
    start_service(f);
    scene portrait = scene_neutral(FIXTURE_PERSON);
    imi_enrolment enrolled;
    assert_int_equal(fixture_enrol(f, FIXTURE_PARTY, "citizen-1", &portrait, &enrolled), IMI_OK);
    assert_true(enrolled.accepted);
    imi_copy_text(f->reference_id, sizeof f->reference_id, enrolled.reference_id);
    fixture_settle(f); /* the job frees its memory behind the answer */
    return f;
}

static void remove_keys(const fixture *f)
{
    char folder[128], path[512];
    path_in(f, "keys", folder);
    DIR *keys = opendir(folder);
    assert_non_null(keys);
    for (struct dirent *entry = NULL; (entry = readdir(keys)) != NULL;) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        unlink(path);
    }
    closedir(keys);
    rmdir(folder);
}

static void remove_folder(const fixture *f)
{
    static const char *const names[] = {"imi.db",   "imi.db-wal",       "imi.db-shm",
                                        "vault.db", "calibration.json", "policy.yaml"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        path_in(f, names[i], path);
        unlink(path);
    }
    remove_keys(f);
    rmdir(f->folder);
}

void fixture_destroy(fixture **f_pointer)
{
    fixture *f = *f_pointer;
    stop_service(f);
    imi_scorer_destroy(&f->scorer);
    imi_policy_destroy(&f->policy);
    imi_keyring_destroy(&f->keyring);
    imi_store_destroy(&f->sqlite);
    imi_vault_close(&f->vault);
    remove_folder(f);
    free(f);
    *f_pointer = NULL;
}

int fixture_set_up(void **state)
{
    *state = fixture_new(NULL);
    return 0;
}

int fixture_tear_down(void **state)
{
    fixture *f = *state;
    fixture_destroy(&f);
    return 0;
}

typedef struct enrol_answer {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool done;
    imi_status status;
    imi_enrolment enrolment;
} enrol_answer;

static void enrol_reply(void *user, imi_status status, const imi_error *error,
                        const imi_enrolment *enrolment)
{
    (void)error;
    enrol_answer *answer = user;
    pthread_mutex_lock(&answer->mutex);
    answer->status = status;
    answer->enrolment = *enrolment;
    answer->done = true;
    pthread_cond_signal(&answer->changed);
    pthread_mutex_unlock(&answer->mutex);
}

imi_status fixture_enrol_jpeg(fixture *f, const char *party, const char *subject_id, imi_view jpeg,
                              imi_enrolment *out)
{
    imi_enrol_request request = {.subject_id = subject_id, .portrait_jpeg = jpeg};
    return fixture_enrol_request(f, party, &request, out);
}

imi_status fixture_enrol_request(fixture *f, const char *party, const imi_enrol_request *request,
                                 imi_enrolment *out)
{
    *out = (imi_enrolment){0};
    enrol_answer answer = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    IMI_TRY(imi_service_enrol(f->service, party, request, enrol_reply, &answer, NULL));
    pthread_mutex_lock(&answer.mutex);
    while (!answer.done) {
        pthread_cond_wait(&answer.changed, &answer.mutex);
    }
    pthread_mutex_unlock(&answer.mutex);
    *out = answer.enrolment;
    return answer.status;
}

imi_status fixture_enrol(fixture *f, const char *party, const char *subject_id, const scene *what,
                         imi_enrolment *out)
{
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    scene_draw_jpeg(what, &jpeg);
    return fixture_enrol_jpeg(f, party, subject_id, imi_buffer_view(&jpeg), out);
}

imi_created_session fixture_create(fixture *f, const char *purpose)
{
    imi_create_session request = {.purpose = purpose,
                                  .reference_id = f->reference_id,
                                  .nonce = "nonce-of-the-bureau",
                                  .request_id = ""};
    imi_created_session created;
    imi_error err = IMI_ERROR_INIT;
    if (imi_service_create_session(f->service, FIXTURE_PARTY, &request, &created, &err) != IMI_OK) {
        fail_msg("no session: %s", err.message);
    }
    return created;
}

imi_session_record fixture_session(fixture *f, const char *session_id)
{
    imi_session_record record;
    assert_int_equal(f->sqlite->get_session(f->sqlite, session_id, &record, NULL), IMI_OK);
    return record;
}

void fixture_events(fixture *f, const char *session_id, char *out, size_t capacity)
{
    imi_event_record events[64];
    size_t count = 0;
    assert_int_equal(f->sqlite->list_events(f->sqlite, session_id, 0, events, 64, &count, NULL),
                     IMI_OK);
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(events[i].sequence, i + 1);
        at += (size_t)snprintf(out + at, capacity - at, "%s%s", i == 0 ? "" : " ", events[i].kind);
        assert_true(at < capacity);
    }
}

imi_token_claims fixture_checked_token(fixture *f, const char *session_id)
{
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT;
    imi_session_record record;
    assert_int_equal(
        imi_service_get_session(f->service, FIXTURE_PARTY, session_id, &record, &token, NULL),
        IMI_OK);
    assert_int_equal(imi_service_jwks(f->service, &jwks, NULL), IMI_OK);
    imi_token_expectation expectation = {
        .algorithm = "ES256",
        .issuer = FIXTURE_ISSUER,
        .audience = FIXTURE_AUDIENCE,
        .nonce = record.nonce,
        .now_s = f->clock.now_ms / 1000,
    };
    imi_token_claims claims;
    imi_error err = IMI_ERROR_INIT;
    if (imi_token_verify(imi_buffer_view(&token), imi_buffer_view(&jwks), &expectation, &claims,
                         &err) != IMI_OK) {
        fail_msg("the token does not verify: %s", err.message);
    }
    return claims;
}

void fixture_gate_job(void *engine, void *job)
{
    (void)engine;
    fixture_gate *gate = job;
    pthread_mutex_lock(&gate->mutex);
    gate->inside++;
    pthread_cond_broadcast(&gate->changed);
    while (!gate->open) {
        pthread_cond_wait(&gate->changed, &gate->mutex);
    }
    gate->inside--;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->mutex);
}

/* Workers that have not come round yet leave no room in a queue of one. */
static void submit_patiently(fixture *f, fixture_gate *gate)
{
    imi_status status = IMI_E_EXHAUSTED;
    while (status == IMI_E_EXHAUSTED) {
        status = imi_pool_submit(f->pool, fixture_gate_job, gate, NULL);
        usleep(status == IMI_E_EXHAUSTED ? 1000 : 0);
    }
    assert_int_equal(status, IMI_OK);
}

void fixture_gate_close(fixture *f, fixture_gate *gate)
{
    *gate = (fixture_gate){.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    size_t threads = f->options.threads == 0 ? 2 : f->options.threads;
    for (size_t i = 0; i < threads; i++) {
        submit_patiently(f, gate);
    }
    pthread_mutex_lock(&gate->mutex);
    while (gate->inside < threads) {
        pthread_cond_wait(&gate->changed, &gate->mutex);
    }
    pthread_mutex_unlock(&gate->mutex);
}

void fixture_gate_open(fixture_gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    gate->open = true;
    pthread_cond_broadcast(&gate->changed);
    while (gate->inside > 0) {
        pthread_cond_wait(&gate->changed, &gate->mutex);
    }
    pthread_mutex_unlock(&gate->mutex);
}

void fixture_settle(fixture *f)
{
    fixture_gate gate;
    fixture_gate_close(f, &gate);
    fixture_gate_open(&gate);
}
