/*
 * imid: the server. The composition root, and the only file that knows every concrete part.
 */
#include "compute.h"
#include "imid_options.h"

#include "imi/administration.h"
#include "imi/service.h"
#include "imi/token.h"
#include "rpc/handle_health.h"
#include "rpc/handle_reflection.h"
#include "rpc/handler.h"
#include "rpc/pki.h"
#include "rpc/transport.h"
#include "verifier/session/calibration_job.h"
#include "verifier/session/operating_points.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    EXIT_USAGE = 2,
    EXIT_CANNOT_START = 3,
    REQUEST_THREADS = 4,
    REQUEST_QUEUE = 256,
    DRAIN_MS = 5000,
    SECRET_SIZE = 32,
    OWN_SERVICES = 4,
    SERVICES = OWN_SERVICES + 3, /* health and two versions of reflection */
    MESSAGE_BYTES_MAX = 5 << 20 /* a portrait of 4 MiB and its frame */
};

/* Everything that lives as long as the server; made top to bottom, destroyed bottom up. */
typedef struct imid {
    int data_lock; /* descriptor; -1 = not held */
    imi_pki pki;
    uint8_t subject_secret[SECRET_SIZE];
    imi_policy *policy;
    imi_attest_roots *attest_roots;
    imi_scorer *scorer;
    imi_signer *signer;
    imi_vault *vault;
    imi_store *store;
    imi_compute *compute;
    imi_operating_points *points;
    imi_service *service;
    imi_administration *administration;
    imi_calibration_job *calibration;
    imi_pool *requests;
    imi_handlers handlers;
    imi_health *health;
    imi_reflection *reflection;
    imi_rpc_service services[SERVICES]; /* the server reads them as long as it lives */
    imi_rpc_server *server;
} imid;

static imi_status data_path(const imid_options *options, const char *name, char out[IMID_PATH_SIZE],
                            imi_error *err)
{
    int size = snprintf(out, IMID_PATH_SIZE, "%s/%s", options->data, name);
    if (size < 0 || size >= IMID_PATH_SIZE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the path given with --data is too long");
    }
    return IMI_OK;
}

static imi_status make_data_folder(const imid_options *options, imi_error *err)
{
    if (mkdir(options->data, 0700) != 0 && errno != EEXIST) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot make the data folder %s: %s", options->data,
                         strerror(errno));
    }
    return IMI_OK;
}

/*
 * One server a folder: two would share the database well, but not the captures and watchers that
 * each has in memory. The lock ends with the process, however it ends.
 */
static imi_status lock_data_folder(imid *self, const imid_options *options, imi_error *err)
{
    char path[IMID_PATH_SIZE];
    IMI_TRY(data_path(options, "lock", path, err));
    self->data_lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (self->data_lock < 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot write in the data folder: %s: %s", path,
                         strerror(errno));
    }
    if (flock(self->data_lock, LOCK_EX | LOCK_NB) != 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_CONFLICT, errno,
                         "another imid serves the data folder %s: stop it, or give --data another",
                         options->data);
    }
    return IMI_OK;
}

static imi_status load_rules(imid *self, const imid_options *options, imi_error *err)
{
    IMI_TRY(imi_policy_load(options->policy, &self->policy, err));
    IMI_TRY(
        imi_attest_roots_new(imi_policy_attest_options(self->policy), &self->attest_roots, err));
    IMI_TRY(imi_scorer_load(options->calibration, &self->scorer, err));
    imi_log(IMI_LOG_INFO, "start", "policy %s, calibration %s: %s",
            imi_policy_version(self->policy), imi_scorer_version(self->scorer),
            imi_scorer_measured_on(self->scorer));
    return IMI_OK;
}

static imi_status issue_administrators(const imid *self, imi_error *err)
{
    const char *name = NULL;
    for (size_t i = 0; (name = imi_policy_administrator_at(self->policy, i)) != NULL; i++) {
        IMI_TRY(imi_pki_ensure_client(&self->pki, name, err));
    }
    return IMI_OK;
}

/* The secret is needed no longer than it takes to open the vault. */
static imi_status open_vault(imid *self, const imid_options *options, imi_error *err)
{
    char path[IMID_PATH_SIZE];
    uint8_t secret[IMI_SECRET_SIZE];
    IMI_TRY(data_path(options, "wrapping-secret", path, err));
    IMI_TRY(imi_secret_file_load(path, secret, err));
    imi_status status = data_path(options, "vault.db", path, err);
    if (status == IMI_OK) {
        status = imi_vault_open(path, secret, &self->vault, err);
    }
    imi_wipe(secret, sizeof secret);
    return status;
}

static imi_status open_store(imid *self, const imid_options *options, imi_error *err)
{
    char path[IMID_PATH_SIZE];
    IMI_TRY(open_vault(self, options, err));
    IMI_TRY(data_path(options, "imi.db", path, err));
    return imi_store_sqlite_open(path, self->vault, &self->store, err);
}

static imi_status open_data(imid *self, const imid_options *options, imi_error *err)
{
    char path[IMID_PATH_SIZE];
    IMI_TRY(make_data_folder(options, err));
    IMI_TRY(lock_data_folder(self, options, err));
    IMI_TRY(imi_pki_ensure(options->data, options->names, options->name_count, &self->pki, err));
    IMI_TRY(issue_administrators(self, err));
    IMI_TRY(data_path(options, "token-key.pem", path, err));
    IMI_TRY(imi_signer_file_new(path, &self->signer, err));
    IMI_TRY(data_path(options, "subject-secret", path, err));
    IMI_TRY(imi_secret_file_load(path, self->subject_secret, err));
    return open_store(self, options, err);
}

static imi_status start_points(imid *self, imi_error *err)
{
    imi_operating_points_options points = {
        .policy = self->policy,
        .scorer = self->scorer,
        .model_version = imi_compute_model_version(self->compute),
        .store = self->store,
    };
    IMI_TRY(imi_operating_points_new(&points, &self->points, err));
    imi_administration_options administration = {
        .store = self->store,
        .clock = imi_clock_system(),
        .policy = self->policy,
        .points = self->points,
        .model_version = imi_compute_model_version(self->compute),
    };
    return imi_administration_new(&administration, &self->administration, err);
}

/* It measures with the service's own cohort, so that scores mean what they mean there. */
static imi_status start_calibrations(imid *self, imi_error *err)
{
    imi_calibration_job_parts parts = {
        .store = self->store,
        .clock = imi_clock_system(),
        .scorer = self->scorer,
        .model_version = imi_compute_model_version(self->compute),
        .keeper = imi_service_cohorts(self->service),
    };
    return imi_calibration_job_new(&parts, &self->calibration, err);
}

static imi_status start_service(imid *self, const imid_options *options, imi_error *err)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t workers = options->workers > 0 ? options->workers : (size_t)(cores < 1 ? 1 : cores);
    IMI_TRY(imi_compute_new(options->models, workers, &self->compute, err));
    IMI_TRY(imi_compute_check_scorer(self->compute, self->scorer, err));
    IMI_TRY(start_points(self, err));
    imi_service_options service = {
        .store = self->store,
        .clock = imi_clock_system(),
        .signer = self->signer,
        .policy = self->policy,
        .scorer = self->scorer,
        .compute = imi_compute_pool(self->compute),
        .pad_available = imi_compute_has_pad(self->compute),
        .attest_roots = self->attest_roots,
        .model_version = imi_compute_model_version(self->compute),
        .subject_secret = self->subject_secret,
        .points = self->points,
    };
    IMI_TRY(imi_service_new(&service, &self->service, err));
    IMI_TRY(start_calibrations(self, err));
    imi_log(IMI_LOG_INFO, "start", "%zu workers with models %s", workers,
            imi_compute_model_version(self->compute));
    if (!imi_compute_has_pad(self->compute)) {
        imi_log(IMI_LOG_WARNING, "start",
                "passive attack detection is not installed: assurance is lower");
    }
    return IMI_OK;
}

static imi_status start_serving(imid *self, const imid_options *options, imi_error *err)
{
    imi_pool_options requests = {
        .name = "request", .threads = REQUEST_THREADS, .queue_capacity = REQUEST_QUEUE};
    IMI_TRY(imi_pool_new(&requests, &self->requests, err));
    self->handlers = (imi_handlers){
        .service = self->service,
        .requests = self->requests,
        .administration = self->administration,
        .calibration = self->calibration,
    };
    imi_rpc_service *services = self->services;
    services[0] = imi_handle_subject(&self->handlers);
    services[1] = imi_handle_relying_party(&self->handlers);
    services[2] = imi_handle_enrolment(&self->handlers);
    services[3] = imi_handle_administration(&self->handlers);
    IMI_TRY(imi_health_new(services, OWN_SERVICES, &self->health, err));
    services[OWN_SERVICES] = imi_health_service(self->health);
    IMI_TRY(imi_reflection_new(imi_reflection_embedded(), services, OWN_SERVICES + 1,
                               &self->reflection, err));
    services[OWN_SERVICES + 1] = imi_reflection_service_v1(self->reflection);
    services[OWN_SERVICES + 2] = imi_reflection_service_v1alpha(self->reflection);
    imi_rpc_server_options server = {
        .address = options->listen,
        .cert_file = self->pki.server_cert,
        .key_file = self->pki.server_key,
        .client_ca_file = self->pki.ca_cert,
        .services = services,
        .service_count = SERVICES,
        .max_message_bytes = MESSAGE_BYTES_MAX,
    };
    return imi_rpc_server_new(&server, &self->server, err);
}

static imi_status write_jwks(imid *self, const imid_options *options, imi_error *err)
{
    char path[IMID_PATH_SIZE];
    IMI_AUTO_BUFFER json = IMI_BUFFER_INIT;
    IMI_TRY(data_path(options, "jwks.json", path, err));
    IMI_TRY(imi_service_jwks(self->service, &json, err));
    return imi_file_write(path, imi_buffer_view(&json), 0644, err);
}

static imi_status announce(imid *self, const imid_options *options, imi_error *err)
{
    int port = imi_rpc_server_port(self->server);
    imi_health_set(self->health, NULL, true);
    imi_log(IMI_LOG_INFO, "start", "serving gRPC on %s, port %d", options->listen, port);
    if (options->ready_file[0] == '\0') {
        return IMI_OK;
    }
    char text[16];
    snprintf(text, sizeof text, "%d\n", port);
    return imi_file_write(options->ready_file, imi_view_of_text(text), 0644, err);
}

static imi_status start(imid *self, const imid_options *options, imi_error *err)
{
    IMI_TRY(load_rules(self, options, err));
    IMI_TRY(open_data(self, options, err));
    IMI_TRY(start_service(self, options, err));
    IMI_TRY(write_jwks(self, options, err));
    IMI_TRY(start_serving(self, options, err));
    return announce(self, options, err);
}

static void stop(imid *self)
{
    if (self->server != NULL) {
        imi_health_set(self->health, NULL, false); /* whoever watches goes elsewhere now */
        imi_rpc_server_stop(self->server, DRAIN_MS);
    }
    imi_rpc_server_destroy(&self->server);
    imi_reflection_destroy(&self->reflection);
    imi_health_destroy(&self->health);
    imi_pool_destroy(&self->requests);
    imi_calibration_job_destroy(&self->calibration);
    imi_compute_destroy(&self->compute);
    imi_service_destroy(&self->service);
    imi_administration_destroy(&self->administration);
    imi_operating_points_destroy(&self->points);
    imi_store_destroy(&self->store);
    imi_vault_close(&self->vault);
    imi_signer_destroy(&self->signer);
    imi_scorer_destroy(&self->scorer);
    imi_attest_roots_destroy(&self->attest_roots);
    imi_policy_destroy(&self->policy);
    imi_wipe(self->subject_secret, sizeof self->subject_secret);
    if (self->data_lock >= 0) {
        close(self->data_lock);
    }
}

/* Housekeeping once a second until told to stop. */
static void serve_until(imid *self, const sigset_t *signals)
{
    const struct timespec second = {1, 0};
    for (;;) {
        int signal = sigtimedwait(signals, NULL, &second);
        if (signal > 0) {
            imi_log(IMI_LOG_INFO, "stop", "signal %d: draining %zu calls", signal,
                    imi_rpc_server_live_calls(self->server));
            return;
        }
        imi_service_tick(self->service);
    }
}

int main(int argc, char **argv)
{
    imid_options options;
    imid_parsed parsed = imid_options_parse(argc, argv, &options);
    if (parsed != IMID_RUN) {
        return parsed == IMID_EXIT_OK ? 0 : EXIT_USAGE;
    }
    imi_log_set_level(options.log_level);
    /* Blocked before any thread starts, so that only sigtimedwait takes them. */
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    umask(077);

    static imid self = {.data_lock = -1};
    imi_error error = IMI_ERROR_INIT;
    imi_status status = start(&self, &options, &error);
    if (status == IMI_OK) {
        serve_until(&self, &signals);
    } else {
        imi_log(IMI_LOG_ERROR, "start", "cannot start (%s): %s", imi_status_name(status),
                error.message);
    }
    stop(&self);
    return status == IMI_OK ? 0 : EXIT_CANNOT_START;
}
