#include "report_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CURVE_POINTS = 12, BINS = 4, DEPTH_MAX = 64, NAME_MAX_SIZE = 64 };

static const uint64_t mated_counts[BINS] = {1, 2, 30, 7};
static const uint64_t non_mated_counts[BINS] = {60, 30, 9, 1};

static imi_report_curve curve(const char *name, imi_report_point *points, double scale)
{
    for (size_t i = 0; i < CURVE_POINTS; i++) {
        double x = 1e-4 * pow(2, (double)i);
        double y = scale / ((double)i + 1);
        points[i] = (imi_report_point){x, y, y / 2, fmin(1, 2 * y)};
    }
    return (imi_report_curve){name, points, CURVE_POINTS};
}

static void fill_tables(imi_report *report)
{
    static const char *const header[] = {"photo", "similarity"};
    static const char *const cells[] = {"<a&b>/\"1\".jpg", "0.31", "c/2.jpg", NULL};
    static const imi_report_table tables[] = {
        {"Worst pairs", "Look at these & think.", header, 2, cells, 2}};
    static const char *const notes[] = {"Few people."};
    report->tables = tables;
    report->table_count = 1;
    report->notes = notes;
    report->note_count = 1;
}

static void fill_rates(imi_report *report)
{
    static imi_report_group groups[2];
    static imi_report_bar bars[2];
    static imi_report_bars pictures[1];
    groups[0] = (imi_report_group){"lfw <EA> & 'co'", 50, imi_report_rate_of(2, 1000),
                                   imi_report_rate_of(3, 100)};
    groups[1] =
        (imi_report_group){"老年人", 0, imi_report_rate_of(0, 1000), imi_report_rate_of(0, 0)};
    bars[0] = (imi_report_bar){"0 to 4 years", imi_report_rate_of(1, 50)};
    bars[1] = (imi_report_bar){"5 years and more", imi_report_rate_of(0, 50)};
    pictures[0] = (imi_report_bars){"age-gap", "FNMR by age gap", "FNMR (%)", bars, 2};
    report->groups = groups;
    report->group_count = 2;
    report->bars = pictures;
    report->bars_count = 1;
}

static void fill_curves(imi_report *report)
{
    static imi_report_point points[6][CURVE_POINTS];
    static imi_report_curve det[2];
    static imi_report_curve fmr[1];
    static imi_report_curve discard[1];
    det[0] = curve("all", points[0], 0.1);
    det[1] = curve("lfw <EA> & 'co'", points[1], 0.2);
    fmr[0] = curve("all", points[2], 0.01);
    discard[0] = curve("matchability", points[3], 0.05);
    report->det = (imi_report_curves){det, 2};
    report->fmr = (imi_report_curves){fmr, 1};
    report->discard = (imi_report_curves){discard, 1};
}

imi_report fixture_report(void)
{
    static const imi_report_distribution distributions[] = {
        {"all", {0.5, 1, mated_counts, BINS}, {0.2, 0.9, non_mated_counts, BINS}}};
    imi_report report = IMI_REPORT_INIT;
    report.title = "Accuracy of <comparison> & more";
    report.data_note = "Made up.";
    report.made_at = "2026-01-31";
    report.distributions = distributions;
    report.distribution_count = 1;
    report.operating_point = (imi_report_operating_point){0.8, 1e-3, imi_report_rate_of(2, 2000),
                                                          imi_report_rate_of(3, 100)};
    fill_curves(&report);
    fill_rates(&report);
    fill_tables(&report);
    return report;
}

/* ---- Folders ---- */

void fixture_folder_make(char out[FIXTURE_PATH_SIZE])
{
    snprintf(out, FIXTURE_PATH_SIZE, "/tmp/imi-report-XXXXXX");
    assert_non_null(mkdtemp(out));
}

static void path_of(const char *folder, const char *name, char out[FIXTURE_FILE_SIZE * 3])
{
    snprintf(out, (size_t)FIXTURE_FILE_SIZE * 3, "%s/%s", folder, name);
}

/* Calls visit, if any, for each file; returns how many there are. */
static size_t each_file(const char *folder, void (*visit)(const char *path))
{
    DIR *open_folder = opendir(folder);
    size_t count = 0;
    if (open_folder == NULL) {
        return 0;
    }
    for (struct dirent *entry = readdir(open_folder); entry != NULL; entry = readdir(open_folder)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            char path[FIXTURE_FILE_SIZE * 3];
            path_of(folder, entry->d_name, path);
            count++;
            if (visit != NULL) {
                visit(path);
            }
        }
    }
    closedir(open_folder);
    return count;
}

static void remove_file(const char *path)
{
    unlink(path);
}

void fixture_folder_remove(const char *folder)
{
    each_file(folder, remove_file);
    rmdir(folder);
}

size_t fixture_count_files(const char *folder)
{
    return each_file(folder, NULL);
}

void fixture_read(const char *folder, const char *name, imi_buffer *out)
{
    char path[FIXTURE_FILE_SIZE * 3];
    path_of(folder, name, path);
    assert_int_equal(imi_file_read(path, 64U << 20, out, NULL), IMI_OK);
    assert_int_equal(imi_buffer_terminate(out, NULL), IMI_OK);
}

bool fixture_has_file(const char *folder, const char *name)
{
    IMI_AUTO_BUFFER contents = IMI_BUFFER_INIT;
    char path[FIXTURE_FILE_SIZE * 3];
    path_of(folder, name, path);
    return imi_file_read(path, 64U << 20, &contents, NULL) == IMI_OK && contents.size > 0;
}

/* ---- XML ---- */

/* "&name;" or "&#digits;" from an ampersand on; its length, or 0 if it is none. */
static size_t reference_length(const char *text)
{
    size_t i = 1 + (text[1] == '#' ? 1 : 0);
    size_t start = i;
    while (isalnum((unsigned char)text[i])) {
        i++;
    }
    return i > start && text[i] == ';' ? i + 1 : 0;
}

static bool references_are_good(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '<' || (text[i] == '&' && reference_length(text + i) == 0)) {
            return false;
        }
    }
    return true;
}

/* Whether the value behind an equals sign is quoted. */
static bool value_is_quoted(const char *equals)
{
    const char *value = equals + 1 + strspn(equals + 1, " ");
    return *value == '"' || *value == '\'';
}

/* Attributes up to the end of a tag; the end, or NULL if one is not quoted. */
static const char *skip_attributes(const char *at)
{
    while (*at != '\0' && *at != '>' && !(at[0] == '/' && at[1] == '>')) {
        if (*at == '"' || *at == '\'') {
            const char *close = strchr(at + 1, *at);
            if (close == NULL || !references_are_good(at + 1, (size_t)(close - at - 1))) {
                return NULL;
            }
            at = close + 1;
        } else if (*at == '<' || *at == '&' || (*at == '=' && !value_is_quoted(at))) {
            return NULL;
        } else {
            at++;
        }
    }
    return *at == '\0' ? NULL : at;
}

/* Names of the elements that are open. */
typedef struct open_elements {
    char names[DEPTH_MAX][NAME_MAX_SIZE];
    size_t depth;
} open_elements;

/* One tag from '<' on; what is behind it, or NULL. */
static const char *read_tag(const char *at, open_elements *open)
{
    if (strncmp(at, "<?", 2) == 0 || strncmp(at, "<!", 2) == 0) {
        const char *end = strncmp(at, "<!--", 4) == 0 ? strstr(at, "-->") : strchr(at, '>');
        return end == NULL ? NULL : strchr(end, '>') + 1;
    }
    bool closes = at[1] == '/';
    char name[NAME_MAX_SIZE];
    const char *start = at + (closes ? 2 : 1);
    size_t length = strcspn(start, " \t\r\n/>");
    if (length == 0 || length >= sizeof name) {
        return NULL;
    }
    snprintf(name, sizeof name, "%.*s", (int)length, start);
    const char *end = skip_attributes(start + length);
    if (end == NULL) {
        return NULL;
    }
    if (closes) {
        return open->depth > 0 && strcmp(open->names[--open->depth], name) == 0 ? end + 1 : NULL;
    }
    if (*end == '/') {
        return end + 2;
    }
    if (open->depth == DEPTH_MAX) {
        return NULL;
    }
    snprintf(open->names[open->depth++], NAME_MAX_SIZE, "%s", name);
    return end + 1;
}

bool fixture_is_well_formed(const char *text)
{
    open_elements open = {.depth = 0};
    size_t elements = 0;
    while (*text != '\0') {
        size_t plain = strcspn(text, "<");
        if (!references_are_good(text, plain)) {
            return false;
        }
        text += plain;
        if (*text == '<') {
            text = read_tag(text, &open);
            elements++;
        }
        if (text == NULL) {
            return false;
        }
    }
    return open.depth == 0 && elements > 0;
}
