/*
 * imid: the server. The composition root, and the only file that knows every concrete part.
 */
#include "compute.h"
#include "imid_data.h"
#include "imid_options.h"

#include "imi/administration.h"
#include "imi/daemon.h"
#include "imi/service.h"
#include "imi/token.h"
#include "imi/webhook.h"
#include "rpc/frame_order.h"
#include "rpc/handle_health.h"
#include "rpc/handle_reflection.h"
#include "rpc/handle_submit_frame.h"
#include "rpc/handler.h"
#include "rpc/transport.h"
#include "verifier/session/calibration_job.h"
#include "verifier/session/log_keeper.h"
#include "verifier/session/operating_points.h"
#include "verifier/session/public_files.h"

#include <sys/stat.h>
#include <unistd.h>

enum {
    EXIT_USAGE = 2,
    EXIT_CANNOT_START = 3,
    REQUEST_THREADS = 4,
    REQUEST_QUEUE = 256,
    DRAIN_MS = 5000,
    TICK_MS = 1000,
    OWN_SERVICES = 7,
    SERVICES = OWN_SERVICES + 3, /* health and two versions of reflection */
    MESSAGE_BYTES_MAX = 5 << 20 /* a portrait of 4 MiB and its frame */
};

/* Under this name the health service tells whether the public log is kept. */
#define LOG_HEALTH_NAME "imi.log"

/* Everything that lives as long as the server; made top to bottom, destroyed bottom up. */
typedef struct imid {
    imi_policy *policy;
    imi_attest_roots *attest_roots;
    imi_scorer *scorer;
    imid_data data;
    imi_log_keeper *log;
    imi_public_files *public_files;
    imi_compute *compute;
    imi_operating_points *points;
    imi_service *service;
    imi_administration *administration;
    imi_calibration_job *calibration;
    imi_webhook_sender *webhooks;
    imi_watch *news; /* wakes webhooks */
    imi_pool *requests;
    imi_frame_order *frames;
    imi_handlers handlers;
    imi_health *health;
    imi_reflection *reflection;
    imi_rpc_service services[SERVICES]; /* the server reads them as long as it lives */
    imi_rpc_server *server;
} imid;

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

/* What anybody may read: DATA/public. */
static imi_status start_publishing(imid *self, const imid_options *options, imi_error *err)
{
    char folder[IMID_PATH_SIZE], log[IMID_PATH_SIZE], key[IMID_PATH_SIZE];
    char public_key[IMID_PATH_SIZE], text[IMI_NOTE_KEY_TEXT_SIZE];
    IMI_TRY(imid_data_path(options, "public", folder, err));
    IMI_TRY(imid_data_path(options, "public/log", log, err));
    IMI_TRY(imid_data_path(options, "log-key.pem", key, err));
    IMI_TRY(imid_data_path(options, "log-key.pub", public_key, err));
    imi_public_files_options files = {
        .store = self->data.store,
        .clock = imi_clock_system(),
        .keyring = self->data.keyring,
        .policy = self->policy,
        .folder = folder,
    };
    IMI_TRY(imi_public_files_new(&files, &self->public_files, err));
    IMI_TRY(imi_public_files_refresh(self->public_files, err));
    imi_log_keeper_options keeper = {self->data.store, self->policy, log, key};
    IMI_TRY(imi_log_keeper_new(&keeper, &self->log, err));
    IMI_TRY(imi_note_key_format(imi_log_keeper_key(self->log), text, err));
    imi_log(IMI_LOG_INFO, "start", "public log %s", text);
    return imi_file_write(public_key, imi_view_of_text(text), 0644, err);
}

static imi_status start_points(imid *self, imi_error *err)
{
    imi_operating_points_options points = {
        .policy = self->policy,
        .scorer = self->scorer,
        .model_version = imi_compute_model_version(self->compute),
        .store = self->data.store,
    };
    IMI_TRY(imi_operating_points_new(&points, &self->points, err));
    imi_administration_options administration = {
        .store = self->data.store,
        .clock = imi_clock_system(),
        .policy = self->policy,
        .points = self->points,
        .model_version = imi_compute_model_version(self->compute),
        .keyring = self->data.keyring,
    };
    return imi_administration_new(&administration, &self->administration, err);
}

/* It measures with the service's own cohort, so that scores mean what they mean there. */
static imi_status start_calibrations(imid *self, imi_error *err)
{
    imi_calibration_job_parts parts = {
        .store = self->data.store,
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
        .store = self->data.store,
        .clock = imi_clock_system(),
        .keyring = self->data.keyring,
        .policy = self->policy,
        .scorer = self->scorer,
        .compute = imi_compute_pool(self->compute),
        .pad_available = imi_compute_has_pad(self->compute),
        .attest_roots = self->attest_roots,
        .model_version = imi_compute_model_version(self->compute),
        .subject_secret = self->data.subject_secret,
        .points = self->points,
        .captures_at_once = options->captures_at_once,
        .log = self->log,
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

static void on_news(void *webhooks, const char *session_id)
{
    (void)session_id;
    imi_webhook_sender_wake(webhooks);
}

static imi_status start_webhooks(imid *self, const imid_options *options, imi_error *err)
{
    imi_webhook_options webhooks = {
        .store = self->data.store,
        .clock = imi_clock_system(),
        .policy = self->policy,
        .folder = options->data,
        .ca_file = imid_option_or_null(options->webhook_ca),
    };
    IMI_TRY(imi_webhook_sender_new(&webhooks, &self->webhooks, err));
    return imi_service_watch_party(self->service, "", on_news, self->webhooks, &self->news, err);
}

static imi_status start_serving(imid *self, const imid_options *options, imi_error *err)
{
    imi_pool_options requests = {
        .name = "request", .threads = REQUEST_THREADS, .queue_capacity = REQUEST_QUEUE};
    IMI_TRY(imi_pool_new(&requests, &self->requests, err));
    IMI_TRY(imi_frame_order_new(imi_clock_system(), &self->frames, err));
    self->handlers = (imi_handlers){
        .service = self->service,
        .requests = self->requests,
        .administration = self->administration,
        .calibration = self->calibration,
        .frames = self->frames,
    };
    imi_rpc_service *services = self->services;
    services[0] = imi_handle_subject(&self->handlers);
    services[1] = imi_handle_relying_party(&self->handlers);
    services[2] = imi_handle_enrolment(&self->handlers);
    services[3] = imi_handle_administration(&self->handlers);
    services[4] = imi_handle_token(&self->handlers);
    services[5] = imi_handle_holder(&self->handlers);
    services[6] = imi_handle_event(&self->handlers);
    services[OWN_SERVICES] = (imi_rpc_service){.name = LOG_HEALTH_NAME};
    IMI_TRY(imi_health_new(services, OWN_SERVICES + 1, &self->health, err));
    services[OWN_SERVICES] = imi_health_service(self->health);
    IMI_TRY(imi_reflection_new(imi_reflection_embedded(), services, OWN_SERVICES + 1,
                               &self->reflection, err));
    services[OWN_SERVICES + 1] = imi_reflection_service_v1(self->reflection);
    services[OWN_SERVICES + 2] = imi_reflection_service_v1alpha(self->reflection);
    imi_rpc_server_options server = {
        .address = options->listen,
        .cert_file = self->data.pki.server_cert,
        .key_file = self->data.pki.server_key,
        .client_ca_file = self->data.pki.ca_cert,
        .services = services,
        .service_count = SERVICES,
        .max_message_bytes = MESSAGE_BYTES_MAX,
    };
    return imi_rpc_server_new(&server, &self->server, err);
}

static imi_status announce(imid *self, const imid_options *options, imi_error *err)
{
    int port = imi_rpc_server_port(self->server);
    imi_health_set(self->health, NULL, true);
    imi_log(IMI_LOG_INFO, "start", "serving gRPC on %s, port %d", options->listen, port);
    return imi_daemon_write_ready_file(options->ready_file, (unsigned)port, err);
}

static imi_status start(imid *self, const imid_options *options, imi_error *err)
{
    IMI_TRY(load_rules(self, options, err));
    IMI_TRY(imid_data_open(options, self->policy, &self->data, err));
    IMI_TRY(start_publishing(self, options, err));
    IMI_TRY(start_service(self, options, err));
    IMI_TRY(start_webhooks(self, options, err));
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
    imi_frame_order_destroy(&self->frames);
    imi_pool_destroy(&self->requests);
    imi_watch_destroy(&self->news);
    imi_webhook_sender_destroy(&self->webhooks);
    imi_calibration_job_destroy(&self->calibration);
    imi_compute_destroy(&self->compute);
    imi_service_destroy(&self->service);
    imi_administration_destroy(&self->administration);
    imi_operating_points_destroy(&self->points);
    imi_log_keeper_destroy(&self->log);
    imi_public_files_destroy(&self->public_files);
    imid_data_close(&self->data);
    imi_scorer_destroy(&self->scorer);
    imi_attest_roots_destroy(&self->attest_roots);
    imi_policy_destroy(&self->policy);
}

/* Once a second. What fails is tried again; decisions do not wait for it. */
static void keep_house(imid *self, const imid_options *options)
{
    imi_error error = IMI_ERROR_INIT;
    imi_service_tick(self->service);
    imi_frames_tick(&self->handlers);
    if (imi_public_files_refresh(self->public_files, &error) != IMI_OK) {
        imi_log(IMI_LOG_ERROR, "public", "the public files are not up to date: %s", error.message);
    }
    imi_log_health log = imi_log_keeper_health(self->log);
    imi_health_set(self->health, LOG_HEALTH_NAME,
                   log == IMI_LOG_WRITING || log == IMI_LOG_STANDING_BY);
    if (options->shared) {
        imi_service_follow_others(self->service);
        imi_administration_follow_others(self->administration);
    }
}

static void serve_until_stopped(imid *self, const imid_options *options)
{
    for (;;) {
        int signal = imi_daemon_wait_for_stop(TICK_MS);
        if (signal > 0) {
            imi_log(IMI_LOG_INFO, "stop", "signal %d: draining %zu calls", signal,
                    imi_rpc_server_live_calls(self->server));
            return;
        }
        keep_house(self, options);
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
    imi_daemon_hold_stop_signals();
    umask(077);

    static imid self = {.data = {.lock = -1}};
    imi_error error = IMI_ERROR_INIT;
    imi_status status = start(&self, &options, &error);
    if (status == IMI_OK) {
        serve_until_stopped(&self, &options);
    } else {
        imi_log(IMI_LOG_ERROR, "start", "cannot start (%s): %s", imi_status_name(status),
                error.message);
    }
    stop(&self);
    return status == IMI_OK ? 0 : EXIT_CANNOT_START;
}
