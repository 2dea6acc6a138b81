#include "imi/mrz.h"

enum { FIRST_YEAR = 1800, LAST_YEAR = 2200, DATE_LENGTH = 10 };

static bool is_leap(int32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int32_t days_of_month(int32_t year, int32_t month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool imi_calendar_day_is_valid(imi_calendar_day day)
{
    return day.year >= FIRST_YEAR && day.year <= LAST_YEAR && day.month >= 1 && day.month <= 12 &&
           day.day >= 1 && day.day <= days_of_month(day.year, day.month);
}

int imi_calendar_day_compare(imi_calendar_day a, imi_calendar_day b)
{
    if (a.year != b.year) {
        return a.year < b.year ? -1 : 1;
    }
    return a.month != b.month ? (int)a.month - (int)b.month : (int)a.day - (int)b.day;
}

imi_calendar_day imi_calendar_day_of_unix_ms(int64_t unix_ms)
{
    static const int64_t day_ms = 86400000;
    int64_t days = unix_ms / day_ms - (unix_ms % day_ms < 0 ? 1 : 0);
    /* Days from 1800-01-01; 2200 ends on day 146461. */
    days += 62091;
    if (days < 0 || days > 146461) {
        return (imi_calendar_day){0, 0, 0};
    }
    int32_t left = (int32_t)days;
    int32_t year = FIRST_YEAR;
    for (; left >= (is_leap(year) ? 366 : 365); year++) {
        left -= is_leap(year) ? 366 : 365;
    }
    int32_t month = 1;
    for (; left >= days_of_month(year, month); month++) {
        left -= days_of_month(year, month);
    }
    return (imi_calendar_day){year, (uint8_t)month, (uint8_t)(left + 1)};
}

bool imi_calendar_day_read(imi_view text, imi_calendar_day *out)
{
    *out = (imi_calendar_day){0, 0, 0};
    if (text.size != DATE_LENGTH) {
        return false;
    }
    int32_t parts[3] = {0, 0, 0};
    size_t part = 0;
    for (size_t i = 0; i < DATE_LENGTH; i++) {
        uint8_t c = text.data[i];
        if (i == 4 || i == 7) {
            if (c != '-') {
                return false;
            }
            part++;
        } else if (c < '0' || c > '9') {
            return false;
        } else {
            parts[part] = parts[part] * 10 + (c - '0');
        }
    }
    imi_calendar_day day = {parts[0], (uint8_t)parts[1], (uint8_t)parts[2]};
    if (!imi_calendar_day_is_valid(day)) {
        return false;
    }
    *out = day;
    return true;
}
