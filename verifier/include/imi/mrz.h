/**
 * Machine readable zones of travel documents, and the number of Chinese resident identity
 * cards: parsed and checked, from text that somebody else has recognised.
 *
 * Text is hostile: it may hold any byte and have any length. A character that was taken for
 * another than the one read is always listed, and a check digit that holds only with such
 * characters is told apart from one that holds as read.
 *
 * Threads: all functions are safe on every thread.
 * Source:  ICAO Doc 9303 (8th edition) parts 3 to 7; GB 11643-1999.
 */
#ifndef IMI_MRZ_H
#define IMI_MRZ_H

#include "imi/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A day of the Gregorian calendar; month and day are 0 where the document leaves them open. */
typedef struct imi_calendar_day {
    int32_t year; /* 0: unknown */
    uint8_t month; /* 1 to 12 */
    uint8_t day; /* 1 to 31 */
} imi_calendar_day;

/** Whether year, month and day are all known and such a day exists (1800 to 2200). */
bool imi_calendar_day_is_valid(imi_calendar_day day);
/** Below, at or above 0 as a is before, on or after b. Unknown parts count as the earliest. */
int imi_calendar_day_compare(imi_calendar_day a, imi_calendar_day b);
/** The day of a time in UTC. Times outside 1800 to 2200 give an unknown day. */
imi_calendar_day imi_calendar_day_of_unix_ms(int64_t unix_ms);
/** Read "YYYY-MM-DD"; anything else, or a day that does not exist, gives false. */
bool imi_calendar_day_read(imi_view text, imi_calendar_day *out);

/** What a check digit says. */
typedef enum imi_check_state {
    IMI_CHECK_NONE = 0, /* the document has no check digit there, or nothing was read */
    IMI_CHECK_WRONG = 1,
    IMI_CHECK_HELD_CORRECTED = 2, /* holds, but only with characters that we changed */
    IMI_CHECK_HELD = 3 /* holds with the characters as they were read */
} imi_check_state;

/** Stable lower-case name, such as "held_corrected". Static storage. */
const char *imi_check_state_name(imi_check_state state);

/** Numbers are stable: they may be stored. */
typedef enum imi_mrz_format {
    IMI_MRZ_NONE = 0,
    IMI_MRZ_TD1 = 1, /* card: 3 lines of 30 */
    IMI_MRZ_TD2 = 2, /* 2 lines of 36 */
    IMI_MRZ_TD3 = 3, /* passport: 2 lines of 44 */
    IMI_MRZ_MRV_A = 4, /* visa: 2 lines of 44 */
    IMI_MRZ_MRV_B = 5, /* visa: 2 lines of 36 */
    IMI_MRZ_FORMAT_COUNT = 6
} imi_mrz_format;

/** Stable lower-case name, such as "td3" and "none". Static storage. */
const char *imi_mrz_format_name(imi_mrz_format format);

enum {
    IMI_MRZ_LINES_MAX = 3,
    IMI_MRZ_LINE_MAX = 44,
    IMI_MRZ_CORRECTIONS_MAX = 24,
    IMI_MRZ_TEXT_SIZE = 48 /* of a field, with its NUL */
};

/** A character that was taken for another one, as its place allows only letters or digits. */
typedef struct imi_mrz_correction {
    uint8_t line, column; /* from 0, in the finished line */
    char read, taken;
} imi_mrz_correction;

/** Check digits. A document has some of them; the others stay IMI_CHECK_NONE. */
typedef struct imi_mrz_checks {
    imi_check_state document_number;
    imi_check_state birth_date;
    imi_check_state expiry_date;
    imi_check_state personal_number; /* TD3 only; NONE when field and digit are both empty */
    imi_check_state composite; /* not on visas */
} imi_mrz_checks;

/** A zone that was read. Personal data: wipe it. Texts hold no fillers. */
typedef struct imi_mrz {
    imi_mrz_format format;
    char lines[IMI_MRZ_LINES_MAX][IMI_MRZ_LINE_MAX + 1]; /* as taken, corrections applied */
    uint32_t line_count;
    char document_code[3];
    char issuing_state[4];
    char nationality[4];
    char document_number[IMI_MRZ_TEXT_SIZE]; /* long numbers go on in the optional data */
    char surname[IMI_MRZ_TEXT_SIZE];
    char given_names[IMI_MRZ_TEXT_SIZE];
    char optional[2][IMI_MRZ_TEXT_SIZE]; /* TD3: [0] is the personal number */
    bool names_may_be_cut; /* the name field is full: its end may be missing */
    imi_calendar_day birth_date;
    imi_calendar_day expiry_date;
    char sex; /* 'M', 'F', 'X' when the document does not say, 0 when it is none of these */
    imi_mrz_checks checks;
    imi_mrz_correction corrections[IMI_MRZ_CORRECTIONS_MAX];
    uint32_t correction_count; /* all of them, also those beyond the array */
    uint32_t fillers_repaired; /* how many '<' at the end of a field were added or left out */
} imi_mrz;

/** A line of recognised text. Borrowed; not NUL-terminated. */
typedef imi_view imi_mrz_line;

/**
 * Find a zone among lines of recognised text, top to bottom, and read it.
 *
 * Blanks inside a line are dropped, lower-case letters count as their capitals. A line may be
 * up to 3 characters off its length where it ends in, or its optional data is, a run of '<',
 * as recognition often miscounts these; anything else must fit. A character is corrected only
 * where its field takes letters alone or digits alone, and only when the whole field then fits.
 * Document numbers and other mixed fields are never corrected.
 *
 * today:  decides the century: nobody is born after it; a document expires between 70 years
 *         before and 29 years after it.
 * Result: false when no lines look like a zone; out is then zero. true says that fields were
 *         read, not that their check digits hold: see out->checks.
 */
bool imi_mrz_find(const imi_mrz_line *lines, size_t count, imi_calendar_day today, imi_mrz *out);

/** Whether every check digit that the document has holds, corrected or not. False for no zone. */
bool imi_mrz_checks_hold(const imi_mrz *mrz);
/** The document is past its last day. An unreadable last day counts as past. */
bool imi_mrz_is_expired(const imi_mrz *mrz, imi_calendar_day today);

/**
 * Check digit of characters by the weights 7, 3, 1: '0' to '9', or 0 if one of them cannot
 * stand in a zone.
 */
char imi_mrz_check_digit(const char *characters, size_t count);

enum { IMI_RESIDENT_NUMBER_LENGTH = 18 };

/** The citizen identification number of a Chinese resident identity card. Personal data. */
typedef struct imi_resident_number {
    char text[IMI_RESIDENT_NUMBER_LENGTH + 1]; /* the last character may be 'X' */
    char region[7]; /* of first registration, six digits */
    imi_calendar_day birth_date;
    char sex; /* 'M' or 'F' */
    bool region_plausible; /* begins with a province's code and does not end in 00 00 */
    bool birth_date_valid; /* the day exists, since 1850 and not after today */
    imi_check_state check;
} imi_resident_number;

/**
 * Read a number that stands alone: 17 digits and a digit or X. Nothing is corrected but 'x'.
 *
 * Result: false when text does not have that shape; out is then zero. true says nothing about
 *         the check digit and the date: see out.
 */
bool imi_resident_number_read(imi_view text, imi_calendar_day today, imi_resident_number *out);
/**
 * Find a number in a line of text: 18 characters of it, blanks apart, with no digit before or
 * behind. One that is sound in every respect goes before one that is not.
 */
bool imi_resident_number_find(imi_view text, imi_calendar_day today, imi_resident_number *out);
/** Check digit, date and region are all right. */
bool imi_resident_number_is_sound(const imi_resident_number *number);
/** Check character of 17 digits by ISO 7064 MOD 11-2, or 0 if one is no digit. */
char imi_resident_number_check_character(const char digits[17]);

#ifdef __cplusplus
}
#endif
#endif
