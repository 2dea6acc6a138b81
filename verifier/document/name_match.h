/**
 * Names as people write them against names as zones spell them.
 */
#ifndef IMI_DOCUMENT_NAME_MATCH_H
#define IMI_DOCUMENT_NAME_MATCH_H

#include "imi/bytes.h"

#include <stdbool.h>

/** How a name and a zone's spelling agree. */
typedef enum imi_name_match {
    IMI_NAME_UNKNOWN = 0, /* the name has letters that no table transliterates, or is not UTF-8 */
    IMI_NAME_DIFFERS = 1,
    IMI_NAME_BEGINS = 2, /* the spelling is a beginning of the name: it may have been cut */
    IMI_NAME_EQUAL = 3
} imi_name_match;

/**
 * Compare a name in UTF-8 with a spelling of capital letters and blanks, at most 94 characters.
 *
 * Blanks, hyphens and apostrophes separate or vanish alike; where ICAO allows several
 * transliterations of a letter, each of them matches.
 * Source: ICAO Doc 9303 part 3 section 6 A (Latin) and B (Cyrillic).
 */
imi_name_match imi_name_compare(imi_view name, const char *spelling);

#endif
