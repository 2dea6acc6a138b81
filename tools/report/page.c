#include "page.h"

#include "drawing.h"

#include <math.h>
#include <stdio.h>

enum { PICTURE_SIZE_MAX = 16 << 20 };

/* Nothing is loaded from anywhere: the policy says so to the browser as well. */
static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
    "style-src 'unsafe-inline'\">\n";

static const char style[] =
    "<style>\n"
    "body{margin:0 auto;padding:1rem;max-width:72rem;font:1rem/1.5 system-ui,sans-serif;"
    "color:#111;background:#fff}\n"
    "h1{font-size:1.6rem;line-height:1.2}h2{font-size:1.25rem;margin-top:2.5rem;"
    "border-bottom:2px solid #111}\n"
    ".figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));"
    "gap:1rem}\n"
    "figure{margin:0;border:1px solid #999;padding:.5rem;break-inside:avoid}\n"
    "figure img{display:block;width:100%;max-width:44rem;height:auto;margin:auto}\n"
    "figcaption{font-size:.9rem}\n"
    ".wide{overflow-x:auto}\n"
    "table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}\n"
    "th,td{border:1px solid #999;padding:.25rem .6rem;text-align:right;white-space:nowrap}\n"
    "th{background:#eee}th:first-child,td:first-child{text-align:left}\n"
    "dt{font-weight:bold}dd{margin:0 0 .5rem 1rem}\n"
    "a{color:#003d80}\n"
    "@media print{body{max-width:none;padding:0}a{color:#000;text-decoration:none}"
    ".wide{overflow:visible}th,td{white-space:normal}}\n"
    "</style>\n";

static const char *const headings[IMI_REPORT_SECTION_COUNT] = {
    [IMI_REPORT_SCORES] = "Scores",
    [IMI_REPORT_DET] = "Detection error trade-off",
    [IMI_REPORT_FMR] = "False match rate by threshold",
    [IMI_REPORT_GROUPS] = "Groups at the operating point",
    [IMI_REPORT_DISCARD] = "Error against discard",
    [IMI_REPORT_BARS] = "More rates",
};

/* How to read the pictures of a section. */
static const char *const captions[IMI_REPORT_SECTION_COUNT] = {
    [IMI_REPORT_SCORES] =
        "Share of scores around each similarity. Where the two shapes overlap, comparisons go "
        "wrong: mated scores left of the threshold are false non-matches, non-mated scores right "
        "of it false matches.",
    [IMI_REPORT_DET] = "False non-match rate against false match rate on normal deviate axes; "
                       "nearer the lower left corner is better. The shaded band is the 95 % "
                       "interval of the black curve; the ring is the operating point. A rate of "
                       "zero lies on the axis.",
    [IMI_REPORT_FMR] = "How often different people match at each threshold. The shaded band is "
                       "the 95 % interval of the black curve.",
    [IMI_REPORT_GROUPS] = "Each group at the one threshold for everybody, with 95 % intervals. "
                          "What counts is how far groups lie apart. An open ring: none was seen.",
    [IMI_REPORT_DISCARD] =
        "FNMR of what remains when the comparisons of poorest quality are left out. A measure of "
        "quality that foretells failures makes the curve fall fast.",
    [IMI_REPORT_BARS] = "Rates with 95 % intervals. An open ring: none was seen.",
};

imi_status imi_report_put_text(const char *text, imi_buffer *out, imi_error *err)
{
    imi_view bytes = imi_view_of_text(text);
    bool clean = imi_text_is_clean_utf8(bytes);
    for (size_t i = 0; i < bytes.size; i++) {
        uint8_t c = bytes.data[i];
        bool keep = (c >= ' ' || c == '\n' || c == '\t') && c != 0x7F && (clean || c < 0x80);
        const char plain[] = {keep ? (char)c : '?', '\0'};
        const char *piece = c == '&'   ? "&amp;"
                            : c == '<' ? "&lt;"
                            : c == '>' ? "&gt;"
                            : c == '"' ? "&quot;"
                                       : plain;
        IMI_TRY(imi_buffer_append_text(out, piece, err));
    }
    return IMI_OK;
}

/* An element around text. */
static imi_status put_element(const char *tag, const char *text, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_printf(out, err, "<%s>", tag));
    IMI_TRY(imi_report_put_text(text, out, err));
    return imi_buffer_printf(out, err, "</%s>\n", tag);
}

static imi_status put_paragraph(const char *text, imi_buffer *out, imi_error *err)
{
    return text == NULL || text[0] == '\0' ? IMI_OK : put_element("p", text, out, err);
}

/* ---- Pictures ---- */

/* Standard base64 (RFC 4648 section 4), which data URLs use. */
static imi_status put_base64(imi_view bytes, imi_buffer *out, imi_error *err)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.size; i += 3) {
        size_t left = bytes.size - i;
        uint32_t group = (uint32_t)bytes.data[i] << 16;
        group |= left > 1 ? (uint32_t)bytes.data[i + 1] << 8 : 0;
        group |= left > 2 ? (uint32_t)bytes.data[i + 2] : 0;
        const char four[] = {digits[group >> 18], digits[(group >> 12) & 63],
                             left > 1 ? digits[(group >> 6) & 63] : '=',
                             left > 2 ? digits[group & 63] : '=', '\0'};
        IMI_TRY(imi_buffer_append_text(out, four, err));
    }
    return IMI_OK;
}

static imi_status put_picture(const imi_report_figure *figure, const char *folder, imi_buffer *out,
                              imi_error *err)
{
    char path[4096];
    int size = snprintf(path, sizeof path, "%s/%s.svg", folder, figure->file);
    if (size < 0 || (size_t)size >= sizeof path) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the folder's path is too long");
    }
    IMI_AUTO_BUFFER svg = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(path, PICTURE_SIZE_MAX, &svg, err));
    IMI_TRY(imi_buffer_append_text(out, "<figure>\n<img alt=\"", err));
    IMI_TRY(imi_report_put_text(figure->title, out, err));
    IMI_TRY(imi_buffer_printf(out, err,
                              "\" width=\"%u\" height=\"%u\" src=\"data:image/svg+xml;"
                              "base64,",
                              figure->width, figure->height));
    IMI_TRY(put_base64(imi_buffer_view(&svg), out, err));
    return imi_buffer_printf(out, err,
                             "\">\n<figcaption><a href=\"%s.svg\">SVG</a> "
                             "<a href=\"%s.png\">PNG</a></figcaption>\n</figure>\n",
                             figure->file, figure->file);
}

static imi_status put_section(const imi_report_figures *figures, imi_report_section section,
                              const char *folder, imi_buffer *out, imi_error *err)
{
    bool open = false;
    for (size_t i = 0; i < figures->count; i++) {
        if (figures->figures[i].section != section) {
            continue;
        }
        if (!open) {
            IMI_TRY(imi_buffer_printf(out, err, "<h2>%s</h2>\n<p>%s</p>\n<div class=\"figures\">\n",
                                      headings[section], captions[section]));
            open = true;
        }
        IMI_TRY(put_picture(&figures->figures[i], folder, out, err));
    }
    return open ? imi_buffer_append_text(out, "</div>\n", err) : IMI_OK;
}

/* ---- The operating point ---- */

static imi_status put_rate_cell(const imi_report_rate *rate, imi_buffer *out, imi_error *err)
{
    char value[32];
    char low[32];
    char high[32];
    imi_report_percent_text(rate->value, value, sizeof value);
    if (isnan(rate->value)) {
        return imi_buffer_append_text(out, "<td>-</td>", err);
    }
    IMI_TRY(imi_buffer_printf(out, err, "<td>%s", value));
    if (isfinite(rate->low) && isfinite(rate->high)) {
        imi_report_percent_text(rate->low, low, sizeof low);
        imi_report_percent_text(rate->high, high, sizeof high);
        IMI_TRY(imi_buffer_printf(out, err, " (%s to %s)", low, high));
    }
    return imi_buffer_append_text(out, "</td>", err);
}

static imi_status put_row(const char *name, uint64_t subjects, const imi_report_rate *fmr,
                          const imi_report_rate *fnmr, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_append_text(out, "<tr><td>", err));
    IMI_TRY(imi_report_put_text(name, out, err));
    IMI_TRY(imi_buffer_append_text(out, "</td>", err));
    if (subjects > 0) {
        IMI_TRY(imi_buffer_printf(out, err, "<td>%llu</td>", (unsigned long long)subjects));
    } else {
        IMI_TRY(imi_buffer_append_text(out, "<td>-</td>", err));
    }
    const imi_report_rate *rates[] = {fmr, fnmr};
    for (size_t i = 0; i < 2; i++) {
        IMI_TRY(imi_buffer_printf(out, err, "<td>%llu of %llu</td>",
                                  (unsigned long long)rates[i]->events,
                                  (unsigned long long)rates[i]->trials));
        IMI_TRY(put_rate_cell(rates[i], out, err));
    }
    return imi_buffer_append_text(out, "</tr>\n", err);
}

/* The highest FMR of a group by that of all: how far one threshold is from right for everybody. */
static imi_status put_worst_group(const imi_report *report, imi_buffer *out, imi_error *err)
{
    const imi_report_group *worst = NULL;
    for (size_t i = 0; i < report->group_count; i++) {
        const imi_report_group *group = &report->groups[i];
        bool higher = worst == NULL || group->fmr.value > worst->fmr.value;
        worst = isfinite(group->fmr.value) && higher ? group : worst;
    }
    double pooled = report->operating_point.fmr.value;
    if (worst == NULL || !(pooled > 0)) {
        return IMI_OK;
    }
    IMI_TRY(imi_buffer_append_text(out, "<p>Highest FMR of a group: ", err));
    IMI_TRY(imi_report_put_text(worst->name, out, err));
    return imi_buffer_printf(out, err, ", %.1f times that of all together.</p>\n",
                             worst->fmr.value / pooled);
}

static imi_status put_operating_point(const imi_report *report, imi_buffer *out, imi_error *err)
{
    const imi_report_operating_point *at = &report->operating_point;
    if (isnan(at->threshold) && report->group_count == 0) {
        return IMI_OK;
    }
    IMI_TRY(imi_buffer_append_text(out, "<h2>Operating point</h2>\n<p>", err));
    if (isfinite(at->threshold)) {
        IMI_TRY(imi_buffer_printf(out, err, "A match from similarity %.4f.", at->threshold));
    }
    if (at->target_fmr > 0) {
        char target[32];
        imi_report_percent_text(at->target_fmr, target, sizeof target);
        IMI_TRY(imi_buffer_printf(out, err, " Target FMR %s.", target));
    }
    IMI_TRY(imi_buffer_append_text(
        out,
        "</p>\n<div class=\"wide\"><table>\n<tr><th>group</th><th>subjects</th>"
        "<th>false matches</th><th>FMR (95 % interval)</th><th>false non-matches</th>"
        "<th>FNMR (95 % interval)</th></tr>\n",
        err));
    IMI_TRY(put_row("all", 0, &at->fmr, &at->fnmr, out, err));
    for (size_t i = 0; i < report->group_count; i++) {
        const imi_report_group *group = &report->groups[i];
        IMI_TRY(put_row(group->name, group->subjects, &group->fmr, &group->fnmr, out, err));
    }
    IMI_TRY(imi_buffer_append_text(out, "</table></div>\n", err));
    return put_worst_group(report, out, err);
}

/* ---- Tables and notes ---- */

static imi_status put_cells(const char *tag, const char *const *cells, size_t columns,
                            imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_append_text(out, "<tr>", err));
    for (size_t i = 0; i < columns; i++) {
        IMI_TRY(imi_buffer_printf(out, err, "<%s>", tag));
        IMI_TRY(imi_report_put_text(cells[i], out, err));
        IMI_TRY(imi_buffer_printf(out, err, "</%s>", tag));
    }
    return imi_buffer_append_text(out, "</tr>\n", err);
}

static imi_status put_table(const imi_report_table *table, imi_buffer *out, imi_error *err)
{
    IMI_TRY(put_element("h2", table->title, out, err));
    IMI_TRY(put_paragraph(table->note, out, err));
    IMI_TRY(imi_buffer_append_text(out, "<div class=\"wide\"><table>\n", err));
    IMI_TRY(put_cells("th", table->header, table->columns, out, err));
    for (size_t i = 0; i < table->rows; i++) {
        IMI_TRY(put_cells("td", table->cells + i * table->columns, table->columns, out, err));
    }
    return imi_buffer_append_text(out, "</table></div>\n", err);
}

static imi_status put_notes(const imi_report *report, imi_buffer *out, imi_error *err)
{
    if (report->note_count == 0) {
        return IMI_OK;
    }
    IMI_TRY(imi_buffer_append_text(out, "<h2>Before you believe it</h2>\n", err));
    for (size_t i = 0; i < report->note_count; i++) {
        IMI_TRY(put_paragraph(report->notes[i], out, err));
    }
    return IMI_OK;
}

imi_status imi_report_page(const imi_report *report, const imi_report_figures *figures,
                           const char *folder, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_append_text(out, head, err));
    IMI_TRY(put_element("title", report->title, out, err));
    IMI_TRY(imi_buffer_printf(out, err, "%s</head>\n<body>\n", style));
    IMI_TRY(put_element("h1", report->title, out, err));
    IMI_TRY(put_paragraph(report->made_at, out, err));
    IMI_TRY(put_paragraph(report->data_note, out, err));
    IMI_TRY(put_operating_point(report, out, err));
    for (int section = 0; section < IMI_REPORT_SECTION_COUNT; section++) {
        IMI_TRY(put_section(figures, (imi_report_section)section, folder, out, err));
    }
    for (size_t i = 0; i < report->table_count; i++) {
        IMI_TRY(put_table(&report->tables[i], out, err));
    }
    IMI_TRY(put_notes(report, out, err));
    return imi_buffer_append_text(out, "</body>\n</html>\n", err);
}
