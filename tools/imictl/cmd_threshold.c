/* imictl threshold: what decides, and what shall. The report has a file of its own. */
#include "administrator.h"

#include "message_json.h"
#include "plain_words.h"
#include "point_view.h"
#include "threshold_report.h"

#include <math.h>
#include <stdio.h>

enum { DAYS_MOST = 36500 };

/* ---- show, history ---- */

static void print_purpose(const Imi__V1__PurposeThreshold *purpose)
{
    printf("%s: %s strangers may pass; the policy file allows at most %s\n", purpose->purpose,
           plain_one_in(purpose->target_fmr).text, plain_one_in(purpose->target_fmr_max).text);
    printf("  decides     %s score of %.4f or more is a match, by %s %s\n",
           imictl_kind_name(purpose->score_kind), purpose->threshold,
           purpose->active != NULL && purpose->problem[0] == '\0' ? "point"
                                                                  : "the shipped calibration",
           purpose->active != NULL && purpose->problem[0] == '\0' ? purpose->active->point_id
                                                                  : purpose->calibration);
    if (purpose->problem[0] != '\0') {
        printf("  PROBLEM     the active point %s is not in use: %s\n",
               purpose->active == NULL ? "" : purpose->active->point_id, purpose->problem);
    }
    for (size_t i = 0; i < purpose->n_waiting; i++) {
        imictl_point_print_line(purpose->waiting[i]);
    }
}

static void print_thresholds(const void *message)
{
    const Imi__V1__GetThresholdsResponse *answer = message;
    for (size_t i = 0; i < answer->n_purposes; i++) {
        print_purpose(answer->purposes[i]);
    }
}

static int threshold_show(int argc, char **argv)
{
    imictl_administrator who = IMICTL_ADMINISTRATOR_INIT;
    const char *purpose = "";
    const imi_cli_option rows[] = {
        {"--purpose", &purpose, NULL, false, "NAME", "one purpose [all]"},
        IMICTL_ADMINISTRATOR_ROWS(who),
    };
    const imi_cli_spec spec = {"imictl threshold show", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    Imi__V1__GetThresholdsRequest request = IMI__V1__GET_THRESHOLDS_REQUEST__INIT;
    request.purpose = (char *)purpose;
    return imictl_administrate_and_print(&spec, &who, "GetThresholds", &request,
                                         &imi__v1__get_thresholds_response__descriptor,
                                         print_thresholds);
}

static void print_history(const void *message)
{
    const Imi__V1__ListThresholdsResponse *answer = message;
    if (answer->n_points == 0) {
        printf("no points yet: the shipped calibration has decided from the start\n");
    }
    for (size_t i = 0; i < answer->n_points; i++) {
        imictl_point_print(answer->points[i]);
    }
}

static int threshold_history(int argc, char **argv)
{
    imictl_administrator who = IMICTL_ADMINISTRATOR_INIT;
    const char *purpose = NULL;
    const imi_cli_option rows[] = {
        {"--purpose", &purpose, NULL, true, "NAME", "purpose of the policy"},
        IMICTL_ADMINISTRATOR_ROWS(who),
    };
    const imi_cli_spec spec = {"imictl threshold history", "", 0, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    Imi__V1__ListThresholdsRequest request = IMI__V1__LIST_THRESHOLDS_REQUEST__INIT;
    request.purpose = (char *)purpose;
    return imictl_administrate_and_print(&spec, &who, "ListThresholds", &request,
                                         &imi__v1__list_thresholds_response__descriptor,
                                         print_history);
}

/* ---- propose ---- */

typedef struct propose_options {
    imictl_administrator who;
    const char *purpose, *target_fmr, *score, *calibration, *days;
} propose_options;

static void print_proposal(const Imi__V1__ProposeThresholdResponse *answer)
{
    if (answer->point == NULL) {
        printf("not proposed: %s\n", answer->refusal);
        return;
    }
    imictl_point_print(answer->point);
    imictl_groups_print(answer->groups, answer->n_groups);
    imictl_replay_print(answer->scores);
    printf("  next        another administrator: imictl threshold approve %s --as NAME\n",
           answer->point->point_id);
}

static int propose(const imi_cli_spec *spec, const propose_options *options,
                   const Imi__V1__ProposeThresholdRequest *request)
{
    void *message = NULL;
    imi_error error = IMI_ERROR_INIT;
    if (imictl_administrate(&options->who, "ProposeThreshold", request,
                            &imi__v1__propose_threshold_response__descriptor, &message,
                            &error) != IMI_OK) {
        return imictl_fail(spec, options->who.json, &error);
    }
    const Imi__V1__ProposeThresholdResponse *answer = message;
    int code = answer->point == NULL ? IMI_EXIT_NEGATIVE : IMI_EXIT_SUCCESS;
    if (options->who.json) {
        imictl_print_json(imictl_message_json(message));
    } else {
        print_proposal(answer);
    }
    protobuf_c_message_free_unpacked(message, NULL);
    return code;
}

static int threshold_propose(int argc, char **argv)
{
    propose_options options = {.who = IMICTL_ADMINISTRATOR_INIT, .calibration = "", .days = "0"};
    const imi_cli_option rows[] = {
        {"--purpose", &options.purpose, NULL, true, "NAME", "purpose of the policy"},
        {"--target-fmr", &options.target_fmr, NULL, true, "RATE",
         "share of strangers that may pass, such as 1e-4"},
        {"--score", &options.score, NULL, false, "KIND",
         "raw or normalised [normalised where it was measured]"},
        {"--calibration", &options.calibration, NULL, false, "ID", "[the newest]"},
        {"--days", &options.days, NULL, false, "N", "of stored scores to look at [365]"},
        IMICTL_ADMINISTRATOR_ROWS(options.who),
    };
    const imi_cli_spec spec = {"imictl threshold propose", "", 0, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    Imi__V1__ProposeThresholdRequest request = IMI__V1__PROPOSE_THRESHOLD_REQUEST__INIT;
    long days = 0;
    if (!imictl_parse_rate(options.target_fmr, &request.target_fmr)) {
        return imi_cli_misuse(&spec, "--target-fmr takes a rate between 0 and 1, such as 1e-4");
    }
    if (!imictl_parse_kind(options.score, &request.score_kind)) {
        return imi_cli_misuse(&spec, "--score takes raw or normalised");
    }
    if (!imi_cli_number(options.days, 0, DAYS_MOST, &days)) {
        return imi_cli_misuse(&spec, "--days takes a whole number");
    }
    request.purpose = (char *)options.purpose;
    request.calibration_id = (char *)options.calibration;
    request.days = (uint32_t)days;
    return propose(&spec, &options, &request);
}

/* ---- simulate ---- */

static void print_simulation(const void *message)
{
    const Imi__V1__SimulateThresholdResponse *answer = message;
    printf("a %s score of %.4f or more would have been a match:\n",
           imictl_kind_name(answer->score_kind), answer->threshold);
    printf("  refused     %s people who were verified\n", plain_count(answer->to_non_match).text);
    printf("  verified    %s people who were refused\n", plain_count(answer->to_match).text);
    imictl_replay_print(answer->scores);
    for (size_t i = 0; i < answer->n_changes; i++) {
        const Imi__V1__ChangedDecision *change = answer->changes[i];
        printf("    %s  %s  score %.4f  would be %s\n", change->session_id,
               plain_time(change->at_ms).text, change->similarity,
               change->match ? "verified" : "refused");
    }
    if (answer->n_changes < answer->to_match + answer->to_non_match) {
        printf("    (the newest %zu of %s)\n", answer->n_changes,
               plain_count(answer->to_match + answer->to_non_match).text);
    }
}

typedef struct simulate_options {
    imictl_administrator who;
    const char *purpose, *point, *target_fmr, *threshold, *score, *days;
} simulate_options;

static int set_rule(const imi_cli_spec *spec, const simulate_options *options,
                    Imi__V1__SimulateThresholdRequest *request)
{
    int given =
        (options->point != NULL) + (options->target_fmr != NULL) + (options->threshold != NULL);
    if (given != 1) {
        return imi_cli_misuse(spec, "give one of --point, --target-fmr and --threshold");
    }
    if (options->point != NULL) {
        request->rule_case = IMI__V1__SIMULATE_THRESHOLD_REQUEST__RULE_POINT_ID;
        request->point_id = (char *)options->point;
    } else if (options->target_fmr != NULL) {
        request->rule_case = IMI__V1__SIMULATE_THRESHOLD_REQUEST__RULE_TARGET_FMR;
        if (!imictl_parse_rate(options->target_fmr, &request->target_fmr)) {
            return imi_cli_misuse(spec, "--target-fmr takes a rate between 0 and 1");
        }
    } else {
        char end = '\0';
        request->rule_case = IMI__V1__SIMULATE_THRESHOLD_REQUEST__RULE_THRESHOLD;
        if (sscanf(options->threshold, "%lf%c", &request->threshold, &end) != 1 ||
            !isfinite(request->threshold)) {
            return imi_cli_misuse(spec, "--threshold takes a number");
        }
    }
    return IMI_EXIT_SUCCESS;
}

static int threshold_simulate(int argc, char **argv)
{
    simulate_options options = {.who = IMICTL_ADMINISTRATOR_INIT, .days = "30"};
    const imi_cli_option rows[] = {
        {"--purpose", &options.purpose, NULL, true, "NAME", "purpose of the policy"},
        {"--point", &options.point, NULL, false, "ID", "judge by this point"},
        {"--target-fmr", &options.target_fmr, NULL, false, "RATE",
         "judge by the threshold that the newest calibration gives for it"},
        {"--threshold", &options.threshold, NULL, false, "SCORE", "judge by this score"},
        {"--score", &options.score, NULL, false, "KIND", "raw or normalised"},
        {"--days", &options.days, NULL, false, "N", "of stored scores [30]"},
        IMICTL_ADMINISTRATOR_ROWS(options.who),
    };
    const imi_cli_spec spec = {"imictl threshold simulate", "", 0, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    Imi__V1__SimulateThresholdRequest request = IMI__V1__SIMULATE_THRESHOLD_REQUEST__INIT;
    long days = 0;
    if (!imictl_parse_kind(options.score, &request.score_kind)) {
        return imi_cli_misuse(&spec, "--score takes raw or normalised");
    }
    if (!imi_cli_number(options.days, 1, DAYS_MOST, &days)) {
        return imi_cli_misuse(&spec, "--days takes a whole number");
    }
    code = set_rule(&spec, &options, &request);
    if (code != IMI_EXIT_SUCCESS) {
        return code;
    }
    request.purpose = (char *)options.purpose;
    request.days = (uint32_t)days;
    return imictl_administrate_and_print(&spec, &options.who, "SimulateThreshold", &request,
                                         &imi__v1__simulate_threshold_response__descriptor,
                                         print_simulation);
}

/* ---- steps ---- */

static void print_shadowed(const void *message)
{
    imictl_point_print(((const Imi__V1__SetShadowResponse *)message)->point);
}

static void print_shadow(const void *message)
{
    const Imi__V1__GetShadowResponse *answer = message;
    imictl_point_print(answer->point);
    printf("  shadow      judged %s comparisons, %s as the active point did\n",
           plain_count(answer->compared).text, plain_count(answer->agreed).text);
    printf("              would have verified %s that were refused, and refused %s that were "
           "verified\n",
           plain_count(answer->would_verify).text, plain_count(answer->would_refuse).text);
}

static int threshold_shadow(int argc, char **argv)
{
    imictl_administrator who = IMICTL_ADMINISTRATOR_INIT;
    bool off = false, show = false;
    const imi_cli_option rows[] = {
        {"--off", NULL, &off, false, NULL, "stop it"},
        {"--show", NULL, &show, false, NULL, "tell how it decided, change nothing"},
        IMICTL_ADMINISTRATOR_ROWS(who),
    };
    const imi_cli_spec spec = {"imictl threshold shadow", "POINT_ID", 1, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    const char *point_id = NULL;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, &point_id, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    if (show) {
        Imi__V1__GetShadowRequest request = IMI__V1__GET_SHADOW_REQUEST__INIT;
        request.point_id = (char *)point_id;
        return imictl_administrate_and_print(&spec, &who, "GetShadow", &request,
                                             &imi__v1__get_shadow_response__descriptor,
                                             print_shadow);
    }
    Imi__V1__SetShadowRequest request = IMI__V1__SET_SHADOW_REQUEST__INIT;
    request.point_id = (char *)point_id;
    request.on = !off;
    return imictl_administrate_and_print(&spec, &who, "SetShadow", &request,
                                         &imi__v1__set_shadow_response__descriptor, print_shadowed);
}

/* A command that takes a point and nothing else. */
static int parse_point(const imi_cli_spec *spec, int argc, char **argv, const char **point_id,
                       bool *done)
{
    bool help = false;
    int code = imi_cli_parse(spec, argc - 1, argv + 1, point_id, &help);
    *done = code != IMI_EXIT_SUCCESS || help;
    return code;
}

static void print_approved(const void *message)
{
    const Imi__V1__ApproveThresholdResponse *answer = message;
    imictl_point_print(answer->point);
    printf("  next        imictl threshold activate %s\n", answer->point->point_id);
}

static int threshold_approve(int argc, char **argv)
{
    imictl_administrator who = IMICTL_ADMINISTRATOR_INIT;
    const imi_cli_option rows[] = {IMICTL_ADMINISTRATOR_ROWS(who)};
    const imi_cli_spec spec = {"imictl threshold approve", "POINT_ID", 1, rows,
                               sizeof rows / sizeof rows[0]};
    const char *point_id = NULL;
    bool done = false;
    int code = parse_point(&spec, argc, argv, &point_id, &done);
    if (done) {
        return code;
    }
    Imi__V1__ApproveThresholdRequest request = IMI__V1__APPROVE_THRESHOLD_REQUEST__INIT;
    request.point_id = (char *)point_id;
    return imictl_administrate_and_print(&spec, &who, "ApproveThreshold", &request,
                                         &imi__v1__approve_threshold_response__descriptor,
                                         print_approved);
}

static void print_withdrawn(const void *message)
{
    imictl_point_print(((const Imi__V1__WithdrawThresholdResponse *)message)->point);
}

static int threshold_withdraw(int argc, char **argv)
{
    imictl_administrator who = IMICTL_ADMINISTRATOR_INIT;
    const imi_cli_option rows[] = {IMICTL_ADMINISTRATOR_ROWS(who)};
    const imi_cli_spec spec = {"imictl threshold withdraw", "POINT_ID", 1, rows,
                               sizeof rows / sizeof rows[0]};
    const char *point_id = NULL;
    bool done = false;
    int code = parse_point(&spec, argc, argv, &point_id, &done);
    if (done) {
        return code;
    }
    Imi__V1__WithdrawThresholdRequest request = IMI__V1__WITHDRAW_THRESHOLD_REQUEST__INIT;
    request.point_id = (char *)point_id;
    return imictl_administrate_and_print(&spec, &who, "WithdrawThreshold", &request,
                                         &imi__v1__withdraw_threshold_response__descriptor,
                                         print_withdrawn);
}

static void print_activated(const void *message)
{
    const Imi__V1__ActivateThresholdResponse *answer = message;
    imictl_point_print(answer->point);
    printf("  before      %s\n",
           answer->retired == NULL ? "the shipped calibration" : answer->retired->point_id);
}

static int threshold_activate(int argc, char **argv)
{
    imictl_administrator who = IMICTL_ADMINISTRATOR_INIT;
    const imi_cli_option rows[] = {IMICTL_ADMINISTRATOR_ROWS(who)};
    const imi_cli_spec spec = {"imictl threshold activate", "POINT_ID", 1, rows,
                               sizeof rows / sizeof rows[0]};
    const char *point_id = NULL;
    bool done = false;
    int code = parse_point(&spec, argc, argv, &point_id, &done);
    if (done) {
        return code;
    }
    Imi__V1__ActivateThresholdRequest request = IMI__V1__ACTIVATE_THRESHOLD_REQUEST__INIT;
    request.point_id = (char *)point_id;
    return imictl_administrate_and_print(&spec, &who, "ActivateThreshold", &request,
                                         &imi__v1__activate_threshold_response__descriptor,
                                         print_activated);
}

static void print_rollback(const void *message)
{
    const Imi__V1__RollbackThresholdResponse *answer = message;
    printf("taken back: %s\n", answer->withdrawn->point_id);
    if (answer->active == NULL) {
        printf("the shipped calibration decides now\n");
    } else {
        imictl_point_print(answer->active);
    }
}

static int threshold_rollback(int argc, char **argv)
{
    imictl_administrator who = IMICTL_ADMINISTRATOR_INIT;
    const char *purpose = NULL;
    const imi_cli_option rows[] = {
        {"--purpose", &purpose, NULL, true, "NAME", "purpose of the policy"},
        IMICTL_ADMINISTRATOR_ROWS(who),
    };
    const imi_cli_spec spec = {"imictl threshold rollback", "", 0, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    Imi__V1__RollbackThresholdRequest request = IMI__V1__ROLLBACK_THRESHOLD_REQUEST__INIT;
    request.purpose = (char *)purpose;
    return imictl_administrate_and_print(&spec, &who, "RollbackThreshold", &request,
                                         &imi__v1__rollback_threshold_response__descriptor,
                                         print_rollback);
}

int imictl_threshold(int argc, char **argv)
{
    static const imictl_subcommand commands[] = {
        {"show", threshold_show, "what decides now, and what waits"},
        {"propose", threshold_propose, "find the threshold of a target false match rate"},
        {"simulate", threshold_simulate, "judge stored scores by another threshold"},
        {"shadow", threshold_shadow, "let a point judge without effect, or stop that"},
        {"approve", threshold_approve, "approve another administrator's proposal"},
        {"activate", threshold_activate, "let an approved point decide"},
        {"rollback", threshold_rollback, "take the active point back"},
        {"withdraw", threshold_withdraw, "take back a point that is not active"},
        {"history", threshold_history, "all points of a purpose"},
        {"report", imictl_threshold_report, "plots and a page"},
    };
    return imictl_dispatch("imictl threshold", commands, sizeof commands / sizeof commands[0], argc,
                           argv);
}
