/**
 * A report in which every kind of content stands, and a folder to write it to.
 */
#ifndef IMI_TESTS_REPORT_FIXTURE_H
#define IMI_TESTS_REPORT_FIXTURE_H

#include "report/report.h"

#include "imi/bytes.h"

/** Static storage; names hold what must be escaped. */
imi_report fixture_report(void);

enum { FIXTURE_PATH_SIZE = 64, FIXTURE_FILE_SIZE = 128 };

/** A new folder below /tmp, and its end. */
void fixture_folder_make(char out[FIXTURE_PATH_SIZE]);
void fixture_folder_remove(const char *folder);

/** Number of files in a folder. */
size_t fixture_count_files(const char *folder);
/** Whether a file is there and not empty. */
bool fixture_has_file(const char *folder, const char *name);
/** Contents as a C string. */
void fixture_read(const char *folder, const char *name, imi_buffer *out);

/**
 * Whether text is well-formed XML, as far as elements, attributes and references go: every tag
 * closed in its order, attributes quoted, no bare & or <.
 */
bool fixture_is_well_formed(const char *text);

#endif
