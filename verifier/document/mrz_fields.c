/* From the lines of a zone to its fields and check digits. */
#include "mrz_internal.h"

#include <string.h>

enum { YEARS_AHEAD = 29 };

/* Value of a character in a check sum, or -1. */
static int value_of(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'A' && c <= 'Z') {
        return c - 'A' + 10;
    }
    return c == '<' ? 0 : -1;
}

char imi_mrz_check_digit(const char *characters, size_t count)
{
    static const int weights[] = {7, 3, 1};
    int sum = 0;
    for (size_t i = 0; i < count; i++) {
        int value = value_of(characters[i]);
        if (value < 0) {
            return 0;
        }
        sum = (sum + value * weights[i % 3]) % 10;
    }
    return (char)('0' + sum);
}

static bool is_changed(const imi_mrz_work *work, imi_mrz_span span)
{
    for (size_t i = 0; i < span.count; i++) {
        if (work->changed[span.line][span.start + i]) {
            return true;
        }
    }
    return false;
}

static imi_check_state state_of(bool held, bool changed)
{
    if (!held) {
        return IMI_CHECK_WRONG;
    }
    return changed ? IMI_CHECK_HELD_CORRECTED : IMI_CHECK_HELD;
}

static imi_check_state check_span(const imi_mrz_work *work, size_t field, size_t digit)
{
    imi_mrz_span covered = work->layout->spans[field];
    imi_mrz_span check = work->layout->spans[digit];
    if (check.count == 0) {
        return IMI_CHECK_NONE;
    }
    char wanted = imi_mrz_check_digit(imi_mrz_at(work->mrz, covered), covered.count);
    bool held = wanted != 0 && wanted == *imi_mrz_at(work->mrz, check);
    return state_of(held, is_changed(work, covered) || is_changed(work, check));
}

static bool is_empty(const imi_mrz *mrz, imi_mrz_span span)
{
    const char *text = imi_mrz_at(mrz, span);
    for (size_t i = 0; i < span.count; i++) {
        if (text[i] != '<') {
            return false;
        }
    }
    return true;
}

static imi_check_state check_personal_number(const imi_mrz_work *work)
{
    const imi_mrz_span *spans = work->layout->spans;
    if (spans[IMI_MRZ_OPTIONAL_CHECK].count > 0 && is_empty(work->mrz, spans[IMI_MRZ_OPTIONAL]) &&
        is_empty(work->mrz, spans[IMI_MRZ_OPTIONAL_CHECK])) {
        return IMI_CHECK_NONE;
    }
    return check_span(work, IMI_MRZ_OPTIONAL, IMI_MRZ_OPTIONAL_CHECK);
}

static imi_check_state check_composite(const imi_mrz_work *work)
{
    const imi_mrz_layout *layout = work->layout;
    imi_mrz_span check = layout->spans[IMI_MRZ_COMPOSITE_CHECK];
    if (check.count == 0) {
        return IMI_CHECK_NONE;
    }
    char covered[IMI_MRZ_LINES_MAX * IMI_MRZ_LINE_MAX];
    size_t count = 0;
    bool changed = is_changed(work, check);
    for (size_t i = 0; i < IMI_MRZ_COMPOSITE_PARTS; i++) {
        imi_mrz_span part = layout->composite[i];
        imi_copy(covered + count, imi_mrz_at(work->mrz, part), part.count);
        count += part.count;
        changed = changed || is_changed(work, part);
    }
    char wanted = imi_mrz_check_digit(covered, count);
    imi_wipe(covered, sizeof covered);
    return state_of(wanted != 0 && wanted == *imi_mrz_at(work->mrz, check), changed);
}

/* Characters of a field: fillers between them become blanks, those around them leave. */
static void take_text(const char *text, size_t count, char *out, size_t size)
{
    while (count > 0 && text[count - 1] == '<') {
        count--;
    }
    size_t from = 0;
    while (from < count && text[from] == '<') {
        from++;
    }
    size_t length = count - from < size - 1 ? count - from : size - 1;
    imi_copy(out, text + from, length);
    out[length] = '\0';
    for (size_t i = 0; i < length; i++) {
        out[i] = out[i] == '<' ? ' ' : out[i];
    }
}

static void take_span(const imi_mrz_work *work, size_t index, char *out, size_t size)
{
    imi_mrz_span span = work->layout->spans[index];
    take_text(imi_mrz_at(work->mrz, span), span.count, out, size);
}

static void read_names(const imi_mrz_work *work)
{
    imi_mrz *mrz = work->mrz;
    imi_mrz_span span = work->layout->spans[IMI_MRZ_NAMES];
    const char *text = imi_mrz_at(mrz, span);
    size_t split = 0;
    while (split + 1 < span.count && !(text[split] == '<' && text[split + 1] == '<')) {
        split++;
    }
    bool has_split = split + 1 < span.count;
    size_t surname = has_split ? split : span.count;
    take_text(text, surname, mrz->surname, sizeof mrz->surname);
    if (has_split) {
        take_text(text + split + 2, span.count - split - 2, mrz->given_names,
                  sizeof mrz->given_names);
    }
    mrz->names_may_be_cut = text[span.count - 1] != '<';
}

/* Two digits, 0 for two fillers, -1 for anything else. */
static int pair_at(const char *text)
{
    if (text[0] == '<' && text[1] == '<') {
        return 0;
    }
    int tens = value_of(text[0]);
    int ones = value_of(text[1]);
    bool digits =
        tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 && text[0] != '<' && text[1] != '<';
    return digits ? tens * 10 + ones : -1;
}

/* The last year with these two digits that is not after `latest`. */
static int32_t year_until(int two_digits, int32_t latest)
{
    int32_t year = latest - latest % 100 + two_digits;
    return year > latest ? year - 100 : year;
}

static imi_calendar_day read_date(const char *text, int32_t latest_year)
{
    int year = pair_at(text);
    int month = pair_at(text + 2);
    int day = pair_at(text + 4);
    imi_calendar_day unknown = {0, 0, 0};
    if (year < 0 || month < 0 || day < 0 || (text[0] == '<' && text[1] == '<')) {
        return unknown;
    }
    imi_calendar_day read = {year_until(year, latest_year), (uint8_t)month, (uint8_t)day};
    bool partly_open = (text[2] == '<' && text[3] == '<') || (text[4] == '<' && text[5] == '<');
    imi_calendar_day filled = {read.year, (uint8_t)(month > 0 ? month : 1),
                               (uint8_t)(day > 0 ? day : 1)};
    bool possible =
        partly_open ? imi_calendar_day_is_valid(filled) : imi_calendar_day_is_valid(read);
    return possible ? read : unknown;
}

static imi_calendar_day read_birth_date(const char *text, imi_calendar_day today)
{
    imi_calendar_day day = read_date(text, today.year);
    if (day.year == today.year && imi_calendar_day_compare(day, today) > 0) {
        day = read_date(text, today.year - 1);
    }
    return day;
}

static char read_sex(char c)
{
    if (c == '<' || c == 'X') {
        return 'X';
    }
    return c == 'M' || c == 'F' ? c : 0;
}

/* Doc 9303 part 5 leaves the filler out of the sum; some states had it in. */
static bool long_number_holds(const imi_mrz *mrz, size_t field_length, char digit)
{
    const char *number = mrz->document_number;
    size_t length = strlen(number);
    char with_filler[IMI_MRZ_TEXT_SIZE + 1];
    imi_copy(with_filler, number, field_length);
    with_filler[field_length] = '<';
    imi_copy(with_filler + field_length + 1, number + field_length, length - field_length);
    bool held = imi_mrz_check_digit(number, length) == digit ||
                imi_mrz_check_digit(with_filler, length + 1) == digit;
    imi_wipe(with_filler, sizeof with_filler);
    return held;
}

/*
 * A number longer than its field: a filler stands for the check digit, and the rest with the
 * true check digit begins the optional data.
 */
static bool read_long_number(const imi_mrz_work *work)
{
    imi_mrz *mrz = work->mrz;
    imi_mrz_span number = work->layout->spans[IMI_MRZ_NUMBER];
    imi_mrz_span check = work->layout->spans[IMI_MRZ_NUMBER_CHECK];
    imi_mrz_span optional = work->layout->spans[IMI_MRZ_OPTIONAL];
    const char *rest = imi_mrz_at(mrz, optional);
    size_t count = 0;
    while (count < optional.count && rest[count] != '<') {
        count++;
    }
    bool allowed = mrz->format == IMI_MRZ_TD1 || mrz->format == IMI_MRZ_TD2;
    if (!allowed || *imi_mrz_at(mrz, check) != '<' || count < 2) {
        return false;
    }
    imi_copy(mrz->document_number, imi_mrz_at(mrz, number), number.count);
    imi_copy(mrz->document_number + number.count, rest, count - 1);
    mrz->document_number[number.count + count - 1] = '\0';
    mrz->checks.document_number =
        state_of(long_number_holds(mrz, number.count, rest[count - 1]), false);
    take_text(rest + count, optional.count - count, mrz->optional[0], sizeof mrz->optional[0]);
    return true;
}

static void read_number(const imi_mrz_work *work)
{
    imi_mrz *mrz = work->mrz;
    if (read_long_number(work)) {
        return;
    }
    take_span(work, IMI_MRZ_NUMBER, mrz->document_number, sizeof mrz->document_number);
    take_span(work, IMI_MRZ_OPTIONAL, mrz->optional[0], sizeof mrz->optional[0]);
    mrz->checks.document_number = check_span(work, IMI_MRZ_NUMBER, IMI_MRZ_NUMBER_CHECK);
}

void imi_mrz_read_fields(imi_mrz_work *work, imi_calendar_day today)
{
    imi_mrz *mrz = work->mrz;
    const imi_mrz_span *spans = work->layout->spans;
    take_span(work, IMI_MRZ_CODE, mrz->document_code, sizeof mrz->document_code);
    take_span(work, IMI_MRZ_STATE, mrz->issuing_state, sizeof mrz->issuing_state);
    take_span(work, IMI_MRZ_NATIONALITY, mrz->nationality, sizeof mrz->nationality);
    read_names(work);
    read_number(work);
    if (spans[IMI_MRZ_OPTIONAL_2].count > 0) {
        take_span(work, IMI_MRZ_OPTIONAL_2, mrz->optional[1], sizeof mrz->optional[1]);
    }
    mrz->birth_date = read_birth_date(imi_mrz_at(mrz, spans[IMI_MRZ_BIRTH]), today);
    mrz->expiry_date = read_date(imi_mrz_at(mrz, spans[IMI_MRZ_EXPIRY]), today.year + YEARS_AHEAD);
    mrz->sex = read_sex(*imi_mrz_at(mrz, spans[IMI_MRZ_SEX_MARK]));
    mrz->checks.birth_date = check_span(work, IMI_MRZ_BIRTH, IMI_MRZ_BIRTH_CHECK);
    mrz->checks.expiry_date = check_span(work, IMI_MRZ_EXPIRY, IMI_MRZ_EXPIRY_CHECK);
    mrz->checks.personal_number = check_personal_number(work);
    mrz->checks.composite = check_composite(work);
}
