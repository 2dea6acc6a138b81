/* imictl calibration: measure non-mated scores among the enrolled references. */
#include "administrator.h"

#include "plain_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static const char *state_name(Imi__V1__CalibrationState state)
{
    static const char *const names[] = {"none was started since the server's start",
                                        "reading",
                                        "comparing",
                                        "done",
                                        "failed",
                                        "cancelled"};
    size_t number = (size_t)state;
    return number < sizeof names / sizeof names[0] ? names[number] : "unknown";
}

static bool is_running(Imi__V1__CalibrationState state)
{
    return state == IMI__V1__CALIBRATION_STATE__CALIBRATION_STATE_READING ||
           state == IMI__V1__CALIBRATION_STATE__CALIBRATION_STATE_COMPARING;
}

/* One line on standard error whenever the share has changed. */
static void tell_progress(const Imi__V1__GetCalibrationResponse *answer, uint64_t *told)
{
    uint64_t percent = answer->total == 0 ? 0 : answer->done * 100 / answer->total;
    uint64_t state_and_percent = (uint64_t)answer->state * 1000 + percent;
    if (state_and_percent != *told) {
        fprintf(stderr, "%s: %3" PRIu64 " %% of %s\n", state_name(answer->state), percent,
                plain_count(answer->total).text);
        *told = state_and_percent;
    }
}

static void print_newest(const Imi__V1__Calibration *newest)
{
    if (newest == NULL) {
        printf("newest      none: the shipped calibration is all there is\n");
        return;
    }
    printf("newest      %s, %s, by %s\n", newest->calibration_id,
           plain_time(newest->made_at_ms).text, newest->made_by);
    printf("            %s comparisons of %s photos of different people; %s\n",
           plain_count((uint64_t)newest->comparisons).text,
           plain_count((uint64_t)newest->references).text,
           newest->cohort_id[0] == '\0' ? "raw scores only, as there is no cohort yet"
                                        : "raw and normalised scores");
}

static void print_status(const void *message)
{
    const Imi__V1__GetCalibrationResponse *answer = message;
    printf("calibration %s", state_name(answer->state));
    if (is_running(answer->state)) {
        printf(": %s of %s", plain_count(answer->done).text, plain_count(answer->total).text);
    }
    if (answer->duplicates > 0) {
        printf(", %s likely duplicates found (imictl duplicates list)",
               plain_count(answer->duplicates).text);
    }
    printf("%s%s\n", answer->failure[0] == '\0' ? "" : ": ", answer->failure);
    print_newest(answer->newest);
}

static int calibration_status(int argc, char **argv)
{
    imictl_administrator who = IMICTL_ADMINISTRATOR_INIT;
    const imi_cli_option rows[] = {IMICTL_ADMINISTRATOR_ROWS(who)};
    const imi_cli_spec spec = {"imictl calibration status", "", 0, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    Imi__V1__GetCalibrationRequest request = IMI__V1__GET_CALIBRATION_REQUEST__INIT;
    return imictl_administrate_and_print(&spec, &who, "GetCalibration", &request,
                                         &imi__v1__get_calibration_response__descriptor,
                                         print_status);
}

/* Follow the job until it ends; progress goes to standard error. */
static imi_status follow(const imictl_administrator *who, Imi__V1__CalibrationState *state_out,
                         imi_error *err)
{
    Imi__V1__GetCalibrationRequest request = IMI__V1__GET_CALIBRATION_REQUEST__INIT;
    *state_out = IMI__V1__CALIBRATION_STATE__CALIBRATION_STATE_READING;
    uint64_t told = UINT64_MAX;
    while (is_running(*state_out)) {
        void *message = NULL;
        IMI_TRY(imictl_administrate(who, "GetCalibration", &request,
                                    &imi__v1__get_calibration_response__descriptor, &message, err));
        const Imi__V1__GetCalibrationResponse *answer = message;
        *state_out = answer->state;
        if (is_running(answer->state)) {
            tell_progress(answer, &told);
            nanosleep(&(struct timespec){0, 500000000}, NULL);
        }
        protobuf_c_message_free_unpacked(message, NULL);
    }
    return IMI_OK;
}

static int follow_and_print(const imi_cli_spec *spec, const imictl_administrator *who)
{
    imi_error error = IMI_ERROR_INIT;
    Imi__V1__CalibrationState state = IMI__V1__CALIBRATION_STATE__CALIBRATION_STATE_UNSPECIFIED;
    if (follow(who, &state, &error) != IMI_OK) {
        return imictl_fail(spec, who->json, &error);
    }
    Imi__V1__GetCalibrationRequest request = IMI__V1__GET_CALIBRATION_REQUEST__INIT;
    int code =
        imictl_administrate_and_print(spec, who, "GetCalibration", &request,
                                      &imi__v1__get_calibration_response__descriptor, print_status);
    bool failed = state != IMI__V1__CALIBRATION_STATE__CALIBRATION_STATE_DONE;
    return code == IMI_EXIT_SUCCESS && failed ? IMI_EXIT_NEGATIVE : code;
}

static int calibration_watch(int argc, char **argv)
{
    imictl_administrator who = IMICTL_ADMINISTRATOR_INIT;
    const imi_cli_option rows[] = {IMICTL_ADMINISTRATOR_ROWS(who)};
    const imi_cli_spec spec = {"imictl calibration watch", "", 0, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    return follow_and_print(&spec, &who);
}

static int calibration_start(int argc, char **argv)
{
    imictl_administrator who = IMICTL_ADMINISTRATOR_INIT;
    bool wait = false;
    const imi_cli_option rows[] = {
        {"--wait", NULL, &wait, false, NULL, "until it has ended; 1 if it failed"},
        IMICTL_ADMINISTRATOR_ROWS(who),
    };
    const imi_cli_spec spec = {"imictl calibration start", "", 0, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    Imi__V1__StartCalibrationRequest request = IMI__V1__START_CALIBRATION_REQUEST__INIT;
    void *message = NULL;
    imi_error error = IMI_ERROR_INIT;
    if (imictl_administrate(&who, "StartCalibration", &request,
                            &imi__v1__start_calibration_response__descriptor, &message,
                            &error) != IMI_OK) {
        return imictl_fail(&spec, who.json, &error);
    }
    protobuf_c_message_free_unpacked(message, NULL);
    if (wait) {
        return follow_and_print(&spec, &who);
    }
    if (who.json) {
        imictl_print_json(json_pack("{s:b}", "started", 1));
    } else {
        printf("started; 'imictl calibration watch' follows it\n");
    }
    return IMI_EXIT_SUCCESS;
}

static void print_cohort(const void *message)
{
    const Imi__V1__GetCohortResponse *answer = message;
    if (answer->cohort_id[0] == '\0') {
        printf("no cohort yet: %s of %s people are enrolled; raw scores decide\n",
               plain_count((uint64_t)answer->enrolled).text, plain_count(answer->needed).text);
        return;
    }
    printf("cohort %s: %s people, drawn %s from %s; %s are enrolled now\n", answer->cohort_id,
           plain_count(answer->size).text, plain_time(answer->created_at_ms).text,
           plain_count((uint64_t)answer->population).text,
           plain_count((uint64_t)answer->enrolled).text);
}

static int calibration_cohort(int argc, char **argv)
{
    imictl_administrator who = IMICTL_ADMINISTRATOR_INIT;
    const imi_cli_option rows[] = {IMICTL_ADMINISTRATOR_ROWS(who)};
    const imi_cli_spec spec = {"imictl calibration cohort", "", 0, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    Imi__V1__GetCohortRequest request = IMI__V1__GET_COHORT_REQUEST__INIT;
    return imictl_administrate_and_print(&spec, &who, "GetCohort", &request,
                                         &imi__v1__get_cohort_response__descriptor, print_cohort);
}

int imictl_calibration(int argc, char **argv)
{
    static const imictl_subcommand commands[] = {
        {"start", calibration_start, "measure the enrolled references, in the background"},
        {"status", calibration_status, "how far it is, and the newest result"},
        {"watch", calibration_watch, "follow it to its end"},
        {"cohort", calibration_cohort, "the sample that scores are normalised with"},
    };
    return imictl_dispatch("imictl calibration", commands, sizeof commands / sizeof commands[0],
                           argc, argv);
}
