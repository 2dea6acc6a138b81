#include "report.h"

#include "draw.h"
#include "gnuplot.h"
#include "page.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

static imi_status check_histogram(const imi_report_histogram *histogram, imi_error *err)
{
    bool sane =
        histogram->bins == 0 || (histogram->counts != NULL && isfinite(histogram->low) &&
                                 isfinite(histogram->high) && histogram->low < histogram->high);
    if (!sane) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a histogram's range is empty");
    }
    return IMI_OK;
}

static imi_status check_file_name(const char *file, imi_error *err)
{
    size_t length = file == NULL ? 0 : strlen(file);
    if (length == 0 || length > 40 ||
        strspn(file, "abcdefghijklmnopqrstuvwxyz0123456789-") != length) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a picture's name is 1 to 40 of a-z, 0-9 and '-'");
    }
    return IMI_OK;
}

static imi_status check(const imi_report *report, imi_error *err)
{
    if (report->title == NULL || report->title[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a report needs a title");
    }
    for (size_t i = 0; i < report->distribution_count; i++) {
        IMI_TRY(check_histogram(&report->distributions[i].mated, err));
        IMI_TRY(check_histogram(&report->distributions[i].non_mated, err));
    }
    for (size_t i = 0; i < report->bars_count; i++) {
        IMI_TRY(check_file_name(report->bars[i].file, err));
    }
    return IMI_OK;
}

static imi_status make_folder(const char *folder, imi_error *err)
{
    struct stat found;
    if (mkdir(folder, 0755) != 0 && errno != EEXIST) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot make the folder %s: %s", folder,
                         strerror(errno));
    }
    if (stat(folder, &found) != 0 || !S_ISDIR(found.st_mode) || access(folder, W_OK) != 0) {
        IMI_FAIL(err, IMI_E_IO, "%s is not a folder that can be written to", folder);
    }
    return IMI_OK;
}

static bool path_in(const char *folder, const char *stem, const char *ending, char out[PATH_SIZE])
{
    int size = snprintf(out, PATH_SIZE, "%s/%s%s", folder, stem, ending);
    return size > 0 && size < PATH_SIZE;
}

/* Half a set of pictures, or pictures without their page, tell nothing. */
static void remove_pictures(const imi_report_figures *figures, const char *folder)
{
    static const char *const endings[] = {".svg", ".png"};
    for (size_t i = 0; i < figures->count; i++) {
        for (size_t k = 0; k < 2; k++) {
            char path[PATH_SIZE];
            if (path_in(folder, figures->figures[i].file, endings[k], path)) {
                (void)unlink(path);
            }
        }
    }
}

static imi_status write_page(const imi_report *report, const imi_report_figures *figures,
                             const char *folder, imi_error *err)
{
    char path[PATH_SIZE];
    if (!path_in(folder, "report", ".html", path)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the folder's path is too long");
    }
    IMI_AUTO_BUFFER page = IMI_BUFFER_INIT;
    IMI_TRY(imi_report_page(report, figures, folder, &page, err));
    return imi_file_write(path, imi_buffer_view(&page), 0644, err);
}

static imi_status write_all(const imi_report *report, const imi_report_figures *figures,
                            const char *folder, imi_error *err)
{
    IMI_AUTO_BUFFER script = IMI_BUFFER_INIT;
    IMI_TRY(imi_report_script(figures, &script, err));
    imi_status status = imi_report_run_gnuplot(imi_buffer_view(&script), folder, err);
    if (status == IMI_OK) {
        status = write_page(report, figures, folder, err);
    }
    if (status != IMI_OK) {
        remove_pictures(figures, folder);
    }
    return status;
}

imi_status imi_report_write(const imi_report *report, const char *folder, imi_error *err)
{
    IMI_TRY(check(report, err));
    IMI_TRY(make_folder(folder, err));
    imi_report_figures figures = {NULL, 0, 0};
    imi_status status = imi_report_draw(report, &figures, err);
    if (status == IMI_OK) {
        status = write_all(report, &figures, folder, err);
    }
    imi_report_figures_clean_up(&figures);
    return status;
}
