/**
 * Numbers for people who are not statisticians.
 */
#ifndef IMI_IMICTL_PLAIN_WORDS_H
#define IMI_IMICTL_PLAIN_WORDS_H

#include <stdint.h>

enum { PLAIN_WORDS_SIZE = 64 };

/** A buffer for one number; functions give it back for use within an expression. */
typedef struct plain_words {
    char text[PLAIN_WORDS_SIZE];
} plain_words;

/** "48,000,000". */
plain_words plain_count(uint64_t number);
/** "1 in 10,000": two digits that count; "none" for 0, "all" for 1, "unknown" for NaN. */
plain_words plain_one_in(double rate);
/** As plain_one_in, but rounded so that it never says less often than the rate: for upper limits.
 */
plain_words plain_one_in_at_most(double rate);
/** "2.1 %"; "unknown" for NaN. */
plain_words plain_percent(double share);
/** "2026-11-22 20:15 UTC"; "-" for 0. */
plain_words plain_time(int64_t unix_ms);

#endif
