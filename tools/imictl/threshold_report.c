/*
 * imictl threshold report: a deployment's counts as plots and a page.
 */
#include "threshold_report.h"

#include "administrator.h"
#include "imi/memory.h"
#include "plain_words.h"
#include "report/report.h"

#include <math.h>
#include <stdio.h>

/* Curves end where no count of comparisons stands behind them. */
static const double FMR_DRAWN_MIN = 1e-7;

enum { NOTE_SIZE = 512, DAYS_MOST = 36500, DISTRIBUTIONS = 2, DET_CURVES = 2 };

typedef struct report_options {
    imictl_administrator who;
    const char *purpose, *out, *point, *calibration, *score, *days;
} report_options;

/* A page in the making: what the report borrows. */
typedef struct page {
    const Imi__V1__GetCalibrationReportResponse *answer;
    imi_report_distribution distributions[DISTRIBUTIONS];
    imi_report_point *fmr, *least, *most; /* as many as the answer has */
    imi_report_curve fmr_curve, det_curves[DET_CURVES];
    imi_report_group *groups;
    char title[NOTE_SIZE], data_note[NOTE_SIZE];
    plain_words made_at;
} page;

static void page_clean_up(page *self)
{
    imi_free(self->fmr);
    imi_free(self->least);
    imi_free(self->most);
    imi_free(self->groups);
}

static imi_report_histogram histogram_of(const Imi__V1__ScoreHistogram *message)
{
    imi_report_histogram histogram = {.bins = 0};
    if (message != NULL && message->n_counts > 0) {
        histogram = (imi_report_histogram){
            .low = message->low,
            .high = message->high,
            .counts = message->counts,
            .bins = message->n_counts,
        };
    }
    return histogram;
}

static bool has_scores(const Imi__V1__ScoreHistogram *message)
{
    for (size_t i = 0; message != NULL && i < message->n_counts; i++) {
        if (message->counts[i] > 0) {
            return true;
        }
    }
    return false;
}

static imi_report_rate rate_of(const Imi__V1__Rate *rate, uint64_t trials)
{
    if (rate == NULL) {
        return (imi_report_rate){NAN, NAN, NAN, 0, 0};
    }
    return (imi_report_rate){rate->rate, rate->low, rate->high, rate->events, trials};
}

static size_t fill_distributions(page *self)
{
    const Imi__V1__GetCalibrationReportResponse *answer = self->answer;
    imi_report_histogram non_mated = histogram_of(answer->non_mated);
    self->distributions[0] = (imi_report_distribution){"all", {.bins = 0}, non_mated};
    if (has_scores(answer->presumed_mated)) {
        self->distributions[0].mated = histogram_of(answer->presumed_mated);
    }
    if (!has_scores(answer->unknown)) {
        return 1;
    }
    self->distributions[1] = (imi_report_distribution){"sessions that did not end verified",
                                                       histogram_of(answer->unknown), non_mated};
    return 2;
}

/* Curves by rising x: FMR falls with the threshold, so DET curves are filled from the end. */
static void fill_curves(page *self)
{
    const Imi__V1__GetCalibrationReportResponse *answer = self->answer;
    size_t count = 0, least = 0, most = 0;
    for (size_t i = 0; i < answer->n_curve; i++) {
        const Imi__V1__FmrPoint *at = answer->curve[i];
        if (at->fmr->rate >= FMR_DRAWN_MIN) {
            self->fmr[count++] =
                (imi_report_point){at->threshold, at->fmr->rate, at->fmr->low, at->fmr->high};
        }
    }
    for (size_t i = answer->n_curve; i-- > 0;) {
        const Imi__V1__FmrPoint *at = answer->curve[i];
        bool drawn = at->fmr->rate >= FMR_DRAWN_MIN;
        if (drawn && isfinite(at->fnmr_least->rate)) {
            self->least[least++] = (imi_report_point){at->fmr->rate, at->fnmr_least->rate,
                                                      at->fnmr_least->low, at->fnmr_least->high};
        }
        if (drawn && isfinite(at->fnmr_most->rate)) {
            self->most[most++] = (imi_report_point){at->fmr->rate, at->fnmr_most->rate,
                                                    at->fnmr_most->low, at->fnmr_most->high};
        }
    }
    self->fmr_curve = (imi_report_curve){"all", self->fmr, count};
    self->det_curves[0] = (imi_report_curve){"sessions that ended verified", self->least, least};
    self->det_curves[1] = (imi_report_curve){"every decisive comparison", self->most, most};
}

static void fill_groups(page *self)
{
    const Imi__V1__GetCalibrationReportResponse *answer = self->answer;
    for (size_t i = 0; i < answer->n_groups; i++) {
        const Imi__V1__GroupRate *group = answer->groups[i];
        self->groups[i] = (imi_report_group){
            .name = group->name,
            .subjects = group->references,
            .fmr = rate_of(group->fmr, group->comparisons),
            .fnmr = {NAN, NAN, NAN, 0, 0},
        };
    }
}

static void fill_texts(page *self, const report_options *options)
{
    const Imi__V1__Calibration *calibration = self->answer->calibration;
    snprintf(self->title, sizeof self->title, "Threshold of %s", options->purpose);
    snprintf(self->data_note, sizeof self->data_note,
             "Scores of different people: calibration %s of %s, %s comparisons of %s enrolled "
             "references, by %s. Scores of sessions: %s comparisons that alone decided, %s of "
             "them in sessions that ended verified.",
             calibration->calibration_id, plain_time(calibration->made_at_ms).text,
             plain_count((uint64_t)calibration->comparisons).text,
             plain_count((uint64_t)calibration->references).text, calibration->model_version,
             plain_count(self->answer->scores->judged).text,
             plain_count(self->answer->scores->verified).text);
    self->made_at = plain_time(calibration->made_at_ms);
}

static imi_report_operating_point operating_point_of(const page *self)
{
    const Imi__V1__GetCalibrationReportResponse *answer = self->answer;
    imi_report_operating_point point = {
        .threshold = answer->threshold,
        .target_fmr = answer->target_fmr,
        .fmr = {NAN, NAN, NAN, 0, 0},
        .fnmr = rate_of(answer->scores->fnmr_least, answer->scores->verified),
    };
    if (answer->n_groups > 0) {
        point.fmr = rate_of(answer->groups[0]->fmr, answer->groups[0]->comparisons);
    }
    return point;
}

static imi_status write_page(page *self, const report_options *options, imi_error *err)
{
    static const char *const notes[] = {
        "Nobody tells the service who its visitors are. Sessions that ended verified are mated as "
        "far as it can know, and all of them have passed the threshold of their day: their false "
        "non-match rate is a lower bound. Counting every decisive comparison as mated gives an "
        "upper bound, for some of them were of strangers, rightly refused.",
        "Intervals of false match rates know that comparisons share people; those of false "
        "non-match rates take comparisons for independent.",
        "False match rates by group compare people of the same group, who look more alike than "
        "strangers at large.",
    };
    size_t distributions = fill_distributions(self);
    fill_curves(self);
    fill_groups(self);
    fill_texts(self, options);
    imi_report report = IMI_REPORT_INIT;
    report.title = self->title;
    report.data_note = self->data_note;
    report.made_at = self->made_at.text;
    report.mated_name = "presumed mated";
    report.operating_point = operating_point_of(self);
    report.distributions = self->distributions;
    report.distribution_count = distributions;
    report.fmr = (imi_report_curves){&self->fmr_curve, self->fmr_curve.count > 0 ? 1 : 0};
    report.det =
        (imi_report_curves){self->det_curves, self->det_curves[0].count > 0 ? DET_CURVES : 0};
    report.groups = self->groups;
    report.group_count = self->answer->n_groups;
    report.notes = notes;
    report.note_count = sizeof notes / sizeof notes[0];
    return imi_report_write(&report, options->out, err);
}

static imi_status make_page(const Imi__V1__GetCalibrationReportResponse *answer,
                            const report_options *options, imi_error *err)
{
    if (answer->calibration == NULL || answer->scores == NULL) {
        IMI_FAIL(err, IMI_E_RPC_MESSAGE, "the server's report lacks its calibration or its scores");
    }
    page self = {.answer = answer};
    self.fmr = imi_alloc_array(answer->n_curve, sizeof *self.fmr);
    self.least = imi_alloc_array(answer->n_curve, sizeof *self.least);
    self.most = imi_alloc_array(answer->n_curve, sizeof *self.most);
    self.groups = imi_alloc_array(answer->n_groups, sizeof *self.groups);
    imi_status status = IMI_E_NO_MEMORY;
    if (self.fmr != NULL && self.least != NULL && self.most != NULL && self.groups != NULL) {
        status = write_page(&self, options, err);
    } else {
        imi_error_set(err, status, 0, __FILE__, __LINE__, "no memory for a report");
    }
    page_clean_up(&self);
    return status;
}

static int write_report(const imi_cli_spec *spec, const report_options *options,
                        const Imi__V1__GetCalibrationReportRequest *request)
{
    void *message = NULL;
    imi_error error = IMI_ERROR_INIT;
    imi_status status = imictl_administrate(&options->who, "GetCalibrationReport", request,
                                            &imi__v1__get_calibration_report_response__descriptor,
                                            &message, &error);
    if (status == IMI_OK) {
        status = make_page(message, options, &error);
        protobuf_c_message_free_unpacked(message, NULL);
    }
    if (status != IMI_OK) {
        return imictl_fail(spec, options->who.json, &error);
    }
    if (options->who.json) {
        imictl_print_json(json_pack("{s:s}", "out", options->out));
    } else {
        printf("%s/report.html\n", options->out);
    }
    return IMI_EXIT_SUCCESS;
}

int imictl_threshold_report(int argc, char **argv)
{
    report_options options = {
        .who = IMICTL_ADMINISTRATOR_INIT, .point = "", .calibration = "", .days = "0"};
    const imi_cli_option rows[] = {
        {"--purpose", &options.purpose, NULL, true, "NAME", "purpose of the policy"},
        {"--out", &options.out, NULL, true, "DIR", "gets report.html and its pictures"},
        {"--point", &options.point, NULL, false, "ID", "whose threshold is marked [what decides]"},
        {"--calibration", &options.calibration, NULL, false, "ID", "[the newest]"},
        {"--score", &options.score, NULL, false, "KIND", "raw or normalised [the point's]"},
        {"--days", &options.days, NULL, false, "N", "of stored scores [365]"},
        IMICTL_ADMINISTRATOR_ROWS(options.who),
    };
    const imi_cli_spec spec = {"imictl threshold report", "", 0, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    Imi__V1__GetCalibrationReportRequest request = IMI__V1__GET_CALIBRATION_REPORT_REQUEST__INIT;
    long days = 0;
    if (!imictl_parse_kind(options.score, &request.score_kind)) {
        return imi_cli_misuse(&spec, "--score takes raw or normalised");
    }
    if (!imi_cli_number(options.days, 0, DAYS_MOST, &days)) {
        return imi_cli_misuse(&spec, "--days takes a whole number");
    }
    request.purpose = (char *)options.purpose;
    request.point_id = (char *)options.point;
    request.calibration_id = (char *)options.calibration;
    request.days = (uint32_t)days;
    return write_report(&spec, &options, &request);
}
