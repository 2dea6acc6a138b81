#include "imi/mrz.h"

#include <string.h>

enum { LENGTH = IMI_RESIDENT_NUMBER_LENGTH, REGION_LENGTH = 6, FIRST_YEAR = 1850 };

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

char imi_resident_number_check_character(const char digits[17])
{
    static const uint8_t weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    static const char characters[] = "10X98765432";
    int sum = 0;
    for (size_t i = 0; i < sizeof weights; i++) {
        if (!is_digit((uint8_t)digits[i])) {
            return 0;
        }
        sum += (digits[i] - '0') * weights[i];
    }
    return characters[sum % 11];
}

/* GB/T 2260: what first registrations begin with. */
static bool is_province(int code)
{
    static const uint8_t provinces[] = {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34,
                                        35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
                                        53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83};
    return memchr(provinces, code, sizeof provinces) != NULL;
}

static int number_at(const char *text, size_t from, size_t count)
{
    int value = 0;
    for (size_t i = 0; i < count; i++) {
        value = value * 10 + (text[from + i] - '0');
    }
    return value;
}

static void read_parts(imi_resident_number *out, imi_calendar_day today)
{
    imi_copy(out->region, out->text, REGION_LENGTH);
    out->region_plausible =
        is_province(number_at(out->text, 0, 2)) && number_at(out->text, 2, REGION_LENGTH - 2) != 0;
    out->birth_date =
        (imi_calendar_day){number_at(out->text, 6, 4), (uint8_t)number_at(out->text, 10, 2),
                           (uint8_t)number_at(out->text, 12, 2)};
    out->birth_date_valid = imi_calendar_day_is_valid(out->birth_date) &&
                            out->birth_date.year >= FIRST_YEAR &&
                            imi_calendar_day_compare(out->birth_date, today) <= 0;
    out->sex = number_at(out->text, 16, 1) % 2 == 1 ? 'M' : 'F';
    bool held = imi_resident_number_check_character(out->text) == out->text[LENGTH - 1];
    out->check = held ? IMI_CHECK_HELD : IMI_CHECK_WRONG;
}

bool imi_resident_number_read(imi_view text, imi_calendar_day today, imi_resident_number *out)
{
    *out = (imi_resident_number){.check = IMI_CHECK_NONE};
    if (text.size != LENGTH) {
        return false;
    }
    for (size_t i = 0; i + 1 < LENGTH; i++) {
        if (!is_digit(text.data[i])) {
            return false;
        }
    }
    uint8_t last = text.data[LENGTH - 1];
    if (!is_digit(last) && last != 'X' && last != 'x') {
        return false;
    }
    imi_copy(out->text, text.data, LENGTH);
    out->text[LENGTH - 1] = (char)(last == 'x' ? 'X' : last);
    read_parts(out, today);
    return true;
}

bool imi_resident_number_is_sound(const imi_resident_number *number)
{
    return number->check >= IMI_CHECK_HELD_CORRECTED && number->birth_date_valid &&
           number->region_plausible;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* LENGTH characters from start on, without blanks; the end goes to *end_out. */
static bool gather(imi_view text, size_t start, char taken[LENGTH], size_t *end_out)
{
    size_t count = 0;
    size_t i = start;
    for (; i < text.size && count < LENGTH; i++) {
        if (!is_blank(text.data[i])) {
            taken[count++] = (char)text.data[i];
        }
    }
    *end_out = i;
    return count == LENGTH;
}

static bool digit_follows(imi_view text, size_t from)
{
    while (from < text.size && is_blank(text.data[from])) {
        from++;
    }
    return from < text.size && is_digit(text.data[from]);
}

bool imi_resident_number_find(imi_view text, imi_calendar_day today, imi_resident_number *out)
{
    *out = (imi_resident_number){.check = IMI_CHECK_NONE};
    bool found = false;
    bool digit_before = false;
    for (size_t start = 0; start < text.size; start++) {
        uint8_t c = text.data[start];
        if (is_blank(c)) {
            continue;
        }
        char taken[LENGTH];
        size_t end = 0;
        imi_resident_number number;
        if (is_digit(c) && !digit_before && gather(text, start, taken, &end) &&
            !digit_follows(text, end) &&
            imi_resident_number_read((imi_view){(const uint8_t *)taken, LENGTH}, today, &number)) {
            if (!found || imi_resident_number_is_sound(&number)) {
                *out = number;
                found = true;
            }
            if (imi_resident_number_is_sound(out)) {
                return true;
            }
        }
        digit_before = is_digit(c);
    }
    return found;
}
