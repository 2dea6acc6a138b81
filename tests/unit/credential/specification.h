/**
 * Test cases of the SD-JWT reference implementation: YAML in which !sd marks what can be
 * disclosed.
 */
#ifndef IMI_TEST_CREDENTIAL_SPECIFICATION_H
#define IMI_TEST_CREDENTIAL_SPECIFICATION_H

#include <jansson.h>

/** A marked member has this in front of its name; a marked element is an object of it alone. */
#define SPECIFICATION_MARK "!sd "

/** The whole file as JSON, or NULL. New reference. */
json_t *specification_load(const char *path);

#endif
