/** Zones for tests: lines as text, read on the day that the tests share. */
#ifndef TESTS_DOCUMENT_ZONE_H
#define TESTS_DOCUMENT_ZONE_H

#include "imi/mrz.h"

/** 2010-01-01: all of ICAO's specimens were valid then, or had expired long before. */
static const imi_calendar_day ZONE_TODAY = {2010, 1, 1};

/** Read up to three lines; NULL ends them. */
static inline bool zone_read(const char *a, const char *b, const char *c, imi_mrz *out)
{
    const char *texts[] = {a, b, c};
    imi_mrz_line lines[3];
    size_t count = 0;
    while (count < 3 && texts[count] != NULL) {
        lines[count] = imi_view_of_text(texts[count]);
        count++;
    }
    return imi_mrz_find(lines, count, ZONE_TODAY, out);
}

#endif
