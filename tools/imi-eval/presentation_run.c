#include "presentation_run.h"

#include "acting.h"

#include "imi/place.h"
#include "imi/policy.h"
#include "imi/pool.h"
#include "portrait/portrait.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

typedef struct run {
    const eval_presentation_rules *rules;
    eval_presentation_looker looker;
    pthread_mutex_t mutex; /* guards all below */
    size_t done, count;
    imi_error failure; /* the first one; status IMI_OK while there is none */
} run;

typedef struct job {
    run *run;
    eval_presentation *item;
} job;

static imi_status worker_new(void *user, void **state_out, imi_error *err)
{
    const run *self = user;
    imi_tool_engine *engine = NULL;
    IMI_TRY(imi_tool_engine_new(self->rules->options->common.models, &engine, err));
    *state_out = engine;
    return IMI_OK;
}

static void worker_destroy(void *user, void *state)
{
    (void)user;
    imi_tool_engine *engine = state;
    imi_tool_engine_destroy(&engine);
}

static void do_job(void *state, void *argument)
{
    job *self = argument;
    run *r = self->run;
    eval_presentation *item = self->item;
    imi_error error = IMI_ERROR_INIT;
    imi_status status = r->looker(r->rules, imi_tool_engine_view(state), item, &error);
    /* Without a script the layers that need one cannot have measured. */
    item->weighed = imi_weigh(&r->rules->weighing, &item->findings, item->challenge.count == 0);
    pthread_mutex_lock(&r->mutex);
    r->done++;
    if (status != IMI_OK && r->failure.status == IMI_OK) {
        r->failure = error;
        r->failure.status = status;
    }
    fprintf(stderr, "%s%zu of %zu%s", isatty(STDERR_FILENO) ? "\r" : "", r->done, r->count,
            isatty(STDERR_FILENO) && r->done < r->count ? "" : "\n");
    pthread_mutex_unlock(&r->mutex);
}

static imi_status run_jobs(run *r, job *jobs, imi_error *err)
{
    IMI_AUTO(imi_pool) pool = NULL;
    imi_pool_options options = {
        .name = "eval",
        .threads = r->rules->options->common.jobs,
        .queue_capacity = r->count,
        .worker_new = worker_new,
        .worker_destroy = worker_destroy,
        .user = r,
    };
    IMI_TRY(imi_pool_new(&options, &pool, err));
    for (size_t i = 0; i < r->count; i++) {
        IMI_TRY(imi_pool_submit(pool, do_job, &jobs[i], err));
    }
    /* Leaving the scope runs every job that is queued. */
    return IMI_OK;
}

static imi_status look_at_all(const eval_presentation_rules *rules, eval_presentation_looker looker,
                              eval_presentations *all, imi_error *err)
{
    run r = {
        .rules = rules, .looker = looker, .mutex = PTHREAD_MUTEX_INITIALIZER, .count = all->count};
    job *jobs = imi_alloc_array(all->count, sizeof *jobs);
    if (jobs == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu jobs", all->count);
    }
    for (size_t i = 0; i < all->count; i++) {
        jobs[i] = (job){&r, &all->items[i]};
    }
    imi_status status = run_jobs(&r, jobs, err);
    imi_free(jobs);
    if (status == IMI_OK && r.failure.status != IMI_OK) {
        status = r.failure.status;
        if (err != NULL) {
            *err = r.failure;
        }
    }
    return status;
}

/* Copied, so that the policy need not stay. */
static imi_status load_policy(const eval_presentation_options *options,
                              eval_presentation_rules *out, imi_error *err)
{
    char shipped[IMI_PLACE_SIZE];
    IMI_AUTO(imi_policy) policy = NULL;
    IMI_TRY(imi_place_shared("policy.yaml", shipped, err));
    IMI_TRY(imi_policy_load(options->policy == NULL ? shipped : options->policy, &policy, err));
    out->weighing = *imi_policy_weighing(policy);
    if (options->segments != NULL) {
        const imi_purpose *purpose = imi_policy_purpose(policy, options->purpose);
        if (purpose == NULL) {
            IMI_FAIL(err, IMI_E_POLICY_UNKNOWN_PURPOSE, "no purpose %s", options->purpose);
        }
        out->challenge = purpose->challenge;
    }
    return IMI_OK;
}

static imi_status load_rules(const eval_presentation_options *options, eval_presentation_rules *out,
                             imi_error *err)
{
    char table[IMI_PLACE_SIZE];
    *out = (eval_presentation_rules){.options = options};
    IMI_TRY(load_policy(options, out, err));
    IMI_TRY(imi_place_shared("calibration.json", table, err));
    return imi_scorer_load(table, &out->scorer, err);
}

static imi_status write_all(const eval_presentation_options *options, const eval_presentations *all,
                            imi_error *err)
{
    eval_presentation_rates rates;
    IMI_TRY(eval_presentations_write(all, options->out, err));
    if (options->findings != NULL) {
        IMI_TRY(eval_findings_write(all, options->images, options->findings, err));
    }
    IMI_TRY(eval_presentations_rate(all, &rates, err));
    return eval_presentation_rates_print(&rates, options->common.json, err);
}

static imi_status prepare(const eval_presentation_options *options, eval_presentations *all,
                          eval_presentation_rules *rules, imi_error *err)
{
    IMI_TRY(load_rules(options, rules, err));
    eval_acting acting = {options->segments, &rules->challenge, options->scripts};
    return options->segments == NULL ? IMI_OK : eval_acting_prepare(&acting, all, err);
}

static imi_status measure(const eval_presentation_options *options, eval_presentation_looker looker,
                          imi_error *err)
{
    AUTO_EVAL_PRESENTATIONS all = {.text = IMI_BUFFER_INIT};
    eval_presentation_rules rules;
    IMI_TRY(eval_presentations_load(options->list, &all, err));
    imi_status status = prepare(options, &all, &rules, err);
    if (status == IMI_OK) {
        status = look_at_all(&rules, looker, &all, err);
    }
    imi_scorer_destroy(&rules.scorer);
    IMI_TRY(status);
    return write_all(options, &all, err);
}

int eval_presentations_main(const imi_cli_spec *spec, eval_presentation_options *options,
                            eval_presentation_looker looker, int count, char **arguments)
{
    int code = eval_arguments_read(spec, count, arguments, &options->common);
    if (code != IMI_EXIT_SUCCESS || options->common.help) {
        return code;
    }
    long rate = 10;
    if (!imi_cli_number(options->rate_text, 1, 60, &rate)) {
        return imi_cli_misuse(spec, "--fps is 1 to 60, not %s", options->rate_text);
    }
    long scripts = 10;
    if (!imi_cli_number(options->scripts_text, 1, 1000, &scripts)) {
        return imi_cli_misuse(spec, "--scripts is 1 to 1000, not %s", options->scripts_text);
    }
    options->frames_per_s = (double)rate;
    options->scripts = (size_t)scripts;
    imi_error error = IMI_ERROR_INIT;
    imi_status status = measure(options, looker, &error);
    return status == IMI_OK ? IMI_EXIT_SUCCESS : imi_cli_fail(spec, &error);
}
