#include "plain_words.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

plain_words plain_count(uint64_t number)
{
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%" PRIu64, number);
    plain_words words = {""};
    size_t at = 0;
    for (int i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0) {
            words.text[at++] = ',';
        }
        words.text[at++] = digits[i];
    }
    words.text[at] = '\0';
    return words;
}

/* Below this no count of comparisons stands behind a number. */
static const double RATE_TOLD_MIN = 1e-9;

/* Two digits that count. Half an inch of precision in "1 in 6,083" would be pretended. */
static double two_digits(double number, double (*whole)(double))
{
    double unit = number < 100 ? 1 : pow(10, floor(log10(number)) - 1);
    return whole(number / unit) * unit;
}

static plain_words one_in(double rate, double (*whole)(double))
{
    plain_words words = {"unknown"};
    if (rate == 0) {
        snprintf(words.text, sizeof words.text, "none");
    } else if (rate > 2.0 / 3) {
        snprintf(words.text, sizeof words.text, rate >= 1 ? "all" : "nearly all");
    } else if (rate > 0 && rate < RATE_TOLD_MIN) {
        snprintf(words.text, sizeof words.text, "less than 1 in 1,000,000,000");
    } else if (rate > 0) {
        /* 1 / 0.0001 is a little less than 10,000 on some days. */
        double number = two_digits(1 / rate * (1 + 1e-12), whole);
        snprintf(words.text, sizeof words.text, "1 in %.40s", plain_count((uint64_t)number).text);
    }
    return words;
}

plain_words plain_one_in(double rate)
{
    return one_in(rate, round);
}

plain_words plain_one_in_at_most(double rate)
{
    return one_in(rate, floor);
}

plain_words plain_percent(double share)
{
    plain_words words = {"unknown"};
    if (!isnan(share)) {
        double percent = 100 * share;
        int decimals = percent != 0 && percent < 1 ? 2 : 1;
        snprintf(words.text, sizeof words.text, "%.*f %%", decimals, percent);
    }
    return words;
}

plain_words plain_time(int64_t unix_ms)
{
    plain_words words = {"-"};
    time_t seconds = (time_t)(unix_ms / 1000);
    struct tm parts;
    if (unix_ms != 0 && gmtime_r(&seconds, &parts) != NULL) {
        strftime(words.text, sizeof words.text, "%Y-%m-%d %H:%M UTC", &parts);
    }
    return words;
}
