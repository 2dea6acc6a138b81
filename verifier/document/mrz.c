/* Finds the zone among lines of text: every format is tried at every place, the best one wins. */
#include "mrz_internal.h"

#include <string.h>

enum { LINES_MAX = 64, SHORTEST_LINE = 27 };

const char *imi_check_state_name(imi_check_state state)
{
    static const char *const names[] = {[IMI_CHECK_NONE] = "none",
                                        [IMI_CHECK_WRONG] = "wrong",
                                        [IMI_CHECK_HELD_CORRECTED] = "held_corrected",
                                        [IMI_CHECK_HELD] = "held"};
    bool known = state >= IMI_CHECK_NONE && state <= IMI_CHECK_HELD;
    return known ? names[state] : "unknown";
}

const char *imi_mrz_format_name(imi_mrz_format format)
{
    static const char *const names[IMI_MRZ_FORMAT_COUNT] = {
        [IMI_MRZ_NONE] = "none", [IMI_MRZ_TD1] = "td1",     [IMI_MRZ_TD2] = "td2",
        [IMI_MRZ_TD3] = "td3",   [IMI_MRZ_MRV_A] = "mrv_a", [IMI_MRZ_MRV_B] = "mrv_b"};
    return format >= IMI_MRZ_NONE && format < IMI_MRZ_FORMAT_COUNT ? names[format] : "unknown";
}

enum { CHECKS = 5 };

static void list_checks(const imi_mrz *mrz, imi_check_state out[CHECKS])
{
    out[0] = mrz->checks.document_number;
    out[1] = mrz->checks.birth_date;
    out[2] = mrz->checks.expiry_date;
    out[3] = mrz->checks.personal_number;
    out[4] = mrz->checks.composite;
}

bool imi_mrz_checks_hold(const imi_mrz *mrz)
{
    if (mrz->format == IMI_MRZ_NONE) {
        return false;
    }
    imi_check_state checks[CHECKS];
    list_checks(mrz, checks);
    /* The first three stand on every document. */
    for (size_t i = 0; i < CHECKS; i++) {
        bool held = checks[i] == IMI_CHECK_HELD || checks[i] == IMI_CHECK_HELD_CORRECTED;
        if (!held && !(i >= 3 && checks[i] == IMI_CHECK_NONE)) {
            return false;
        }
    }
    return true;
}

bool imi_mrz_is_expired(const imi_mrz *mrz, imi_calendar_day today)
{
    return !imi_calendar_day_is_valid(mrz->expiry_date) || !imi_calendar_day_is_valid(today) ||
           imi_calendar_day_compare(mrz->expiry_date, today) < 0;
}

/* How much speaks for an attempt: check digits that hold most of all. */
static int merit(const imi_mrz *mrz, uint32_t misfits)
{
    imi_check_state checks[CHECKS];
    list_checks(mrz, checks);
    int sum = -2 * (int)misfits - (int)mrz->fillers_repaired - (int)mrz->correction_count / 2;
    for (size_t i = 0; i < CHECKS; i++) {
        sum += checks[i] == IMI_CHECK_HELD ? 10 : 0;
        sum += checks[i] == IMI_CHECK_HELD_CORRECTED ? 8 : 0;
    }
    return sum;
}

static uint32_t filler_count(const imi_mrz *mrz)
{
    uint32_t count = 0;
    for (size_t i = 0; i < mrz->line_count; i++) {
        for (const char *c = mrz->lines[i]; *c != '\0'; c++) {
            count += *c == '<';
        }
    }
    return count;
}

/* Two check digits hold by chance once in a hundred; print without either these or fillers is
 * no zone, however well it fits. */
static bool looks_like_a_zone(const imi_mrz *mrz, uint32_t misfits)
{
    imi_check_state checks[CHECKS];
    list_checks(mrz, checks);
    int held = 0;
    for (size_t i = 0; i < CHECKS; i++) {
        held += checks[i] >= IMI_CHECK_HELD_CORRECTED;
    }
    return held >= 2 || (misfits <= 6 && filler_count(mrz) >= 4);
}

static bool try_layout(const imi_mrz_layout *layout, const imi_mrz_raw *lines,
                       imi_calendar_day today, imi_mrz *out, int *merit_out)
{
    *out = (imi_mrz){.format = layout->format, .line_count = layout->line_count};
    for (size_t i = 0; i < layout->line_count; i++) {
        uint32_t repaired = 0;
        if (!imi_mrz_fit_line(&lines[i], layout, i, out->lines[i], &repaired)) {
            return false;
        }
        out->fillers_repaired += repaired;
    }
    imi_mrz_work work = {.layout = layout, .mrz = out};
    uint32_t misfits = imi_mrz_correct(&work);
    if (strchr(layout->first_letters, out->lines[0][0]) == NULL) {
        return false;
    }
    imi_mrz_read_fields(&work, today);
    *merit_out = merit(out, misfits);
    return looks_like_a_zone(out, misfits);
}

static size_t take_lines(const imi_mrz_line *lines, size_t count, imi_mrz_raw out[LINES_MAX])
{
    size_t taken = 0;
    for (size_t i = 0; i < count && taken < LINES_MAX; i++) {
        imi_mrz_raw raw = imi_mrz_take_line(lines[i]);
        if (raw.count >= SHORTEST_LINE) {
            out[taken++] = raw;
        }
        imi_wipe(&raw, sizeof raw);
    }
    return taken;
}

bool imi_mrz_find(const imi_mrz_line *lines, size_t count, imi_calendar_day today, imi_mrz *out)
{
    *out = (imi_mrz){.format = IMI_MRZ_NONE};
    imi_mrz_raw raw[LINES_MAX];
    size_t taken = take_lines(lines, count, raw);
    int best = 0;
    for (size_t from = 0; from < taken; from++) {
        for (size_t i = 0; i + 1 < IMI_MRZ_FORMAT_COUNT; i++) {
            imi_mrz attempt;
            int value = 0;
            if (from + imi_mrz_layouts[i].line_count <= taken &&
                try_layout(&imi_mrz_layouts[i], raw + from, today, &attempt, &value) &&
                (out->format == IMI_MRZ_NONE || value > best)) {
                *out = attempt;
                best = value;
            }
            imi_wipe(&attempt, sizeof attempt);
        }
    }
    imi_wipe(raw, sizeof raw);
    return out->format != IMI_MRZ_NONE;
}
