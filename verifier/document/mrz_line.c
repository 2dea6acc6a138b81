/*
 * From a line of recognised text to a line of a zone: blanks leave, runs of fillers get their
 * length, and letters and digits that look alike change where only one of them can stand.
 */
#include "mrz_internal.h"

#include <string.h>

enum { REPAIR_MAX = 3 };

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char zone_character(uint8_t byte)
{
    char c = (char)byte;
    if (c >= 'a' && c <= 'z') {
        c = (char)(c - 'a' + 'A');
    }
    return is_upper(c) || is_digit(c) || c == '<' ? c : '?';
}

/* Recognisers like to join two fillers to this quotation mark, in UTF-8. */
static bool is_guillemet(imi_view line, size_t i)
{
    return i + 1 < line.size && line.data[i] == 0xC2 && line.data[i + 1] == 0xAB;
}

static void put(imi_mrz_raw *raw, char c)
{
    if (raw->count < IMI_MRZ_RAW_MAX) {
        raw->text[raw->count++] = c;
    }
}

imi_mrz_raw imi_mrz_take_line(imi_view line)
{
    imi_mrz_raw raw = {.count = 0};
    for (size_t i = 0; i < line.size && raw.count < IMI_MRZ_RAW_MAX; i++) {
        if (is_guillemet(line, i)) {
            put(&raw, '<');
            put(&raw, '<');
            i++;
        } else if (line.data[i] != ' ' && line.data[i] != '\t') {
            put(&raw, zone_character(line.data[i]));
        }
    }
    return raw;
}

/* The longest run of fillers that begins in the last `reach` characters; returns its length. */
static size_t longest_run(const imi_mrz_raw *raw, size_t from, size_t *start_out)
{
    size_t longest = 0;
    for (size_t i = from; i < raw->count; i++) {
        size_t length = 0;
        while (i + length < raw->count && raw->text[i + length] == '<') {
            length++;
        }
        if (length > longest) {
            longest = length;
            *start_out = i;
        }
        i += length;
    }
    return longest;
}

/* Behind the run stands what the layout has behind the field: check digits, or nothing. */
static bool run_ends_the_field(const imi_mrz_raw *raw, size_t run_end, imi_mrz_span field,
                               size_t length)
{
    return raw->count - run_end == length - (size_t)(field.start + field.count);
}

bool imi_mrz_fit_line(const imi_mrz_raw *raw, const imi_mrz_layout *layout, size_t line,
                      char out[IMI_MRZ_LINE_MAX + 1], uint32_t *repaired_out)
{
    size_t length = layout->line_length;
    *repaired_out = 0;
    imi_wipe(out, IMI_MRZ_LINE_MAX + 1);
    if (raw->count == length) {
        imi_copy(out, raw->text, length);
        return true;
    }
    if (raw->count + REPAIR_MAX < length || raw->count > length + REPAIR_MAX) {
        return false;
    }
    imi_mrz_span field = layout->fillers[line];
    size_t start = 0;
    size_t run = longest_run(raw, field.start, &start);
    size_t surplus = raw->count > length ? raw->count - length : 0;
    if (run < 2 || run <= surplus || !run_ends_the_field(raw, start + run, field, length)) {
        return false;
    }
    size_t behind = raw->count - start - run;
    memset(out, '<', length);
    imi_copy(out, raw->text, start);
    imi_copy(out + length - behind, raw->text + start + run, behind);
    *repaired_out = (uint32_t)(surplus > 0 ? surplus : length - raw->count);
    return true;
}

static char digit_for(char c)
{
    static const char letters[] = "OQDILZSGB";
    static const char digits[] = "000112568";
    const char *at = is_upper(c) ? strchr(letters, c) : NULL;
    return at == NULL ? c : digits[at - letters];
}

static char letter_for(char c)
{
    static const char digits[] = "012568";
    static const char letters[] = "OIZSGB";
    const char *at = is_digit(c) ? strchr(digits, c) : NULL;
    return at == NULL ? c : letters[at - digits];
}

static bool fits(char c, imi_mrz_kind kind)
{
    switch (kind) {
    case IMI_MRZ_KIND_LETTERS:
    case IMI_MRZ_KIND_NAME:
        return is_upper(c) || c == '<';
    case IMI_MRZ_KIND_DATE:
    case IMI_MRZ_KIND_CHECK:
        return is_digit(c) || c == '<';
    case IMI_MRZ_KIND_SEX:
        return c == 'M' || c == 'F' || c == 'X' || c == '<';
    case IMI_MRZ_KIND_MIXED:
        return is_upper(c) || is_digit(c) || c == '<';
    case IMI_MRZ_KIND_NONE:
        break;
    }
    return false;
}

static char corrected(char c, imi_mrz_kind kind)
{
    if (kind == IMI_MRZ_KIND_LETTERS || kind == IMI_MRZ_KIND_NAME) {
        return letter_for(c);
    }
    return kind == IMI_MRZ_KIND_DATE || kind == IMI_MRZ_KIND_CHECK ? digit_for(c) : c;
}

static void change(imi_mrz_work *work, size_t line, size_t column, char taken)
{
    imi_mrz *mrz = work->mrz;
    char read = mrz->lines[line][column];
    if (read == taken) {
        return;
    }
    if (mrz->correction_count < IMI_MRZ_CORRECTIONS_MAX) {
        mrz->corrections[mrz->correction_count] =
            (imi_mrz_correction){(uint8_t)line, (uint8_t)column, read, taken};
    }
    mrz->correction_count++;
    work->changed[line][column] = true;
    mrz->lines[line][column] = taken;
}

/* All or nothing: a field that does not come out right was not what we took it for. */
static uint32_t correct_span(imi_mrz_work *work, imi_mrz_span span)
{
    const char *text = imi_mrz_at(work->mrz, span);
    imi_mrz_kind kind = (imi_mrz_kind)span.kind;
    uint32_t misfits = 0;
    uint32_t hopeless = 0;
    for (size_t i = 0; i < span.count; i++) {
        misfits += !fits(text[i], kind);
        hopeless += !fits(corrected(text[i], kind), kind);
    }
    for (size_t i = 0; misfits > 0 && hopeless == 0 && i < span.count; i++) {
        change(work, span.line, span.start + i, corrected(text[i], kind));
    }
    return hopeless > 0 ? misfits : 0;
}

/*
 * Behind the names a zone holds nothing but fillers, and names hold no three of them in a row.
 * Recognisers take single fillers of a long run for letters with a corner on the left.
 */
static void clear_tail(imi_mrz_work *work, imi_mrz_span span)
{
    const char *text = imi_mrz_at(work->mrz, span);
    size_t tail = 0;
    while (tail + 3 <= span.count && strncmp(text + tail, "<<<", 3) != 0) {
        tail++;
    }
    for (size_t i = tail; i < span.count; i++) {
        if (text[i] != '<' && strchr("KCELSX4", text[i]) == NULL) {
            return;
        }
    }
    for (size_t i = tail; tail + 3 <= span.count && i < span.count; i++) {
        change(work, span.line, span.start + i, '<');
    }
}

uint32_t imi_mrz_correct(imi_mrz_work *work)
{
    uint32_t misfits = 0;
    for (size_t i = 0; i < IMI_MRZ_SPAN_COUNT; i++) {
        imi_mrz_span span = work->layout->spans[i];
        if (span.kind == IMI_MRZ_KIND_NAME) {
            clear_tail(work, span);
        }
        misfits += span.count > 0 ? correct_span(work, span) : 0;
    }
    return misfits;
}
