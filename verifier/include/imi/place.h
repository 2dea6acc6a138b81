/**
 * Where a program finds the files that ship with it: models, policy, calibration.
 */
#ifndef IMI_PLACE_H
#define IMI_PLACE_H

#include "imi/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { IMI_PLACE_SIZE = 1024 };

/**
 * Path of a shipped file or folder: $IMI_SHARE/name if that variable is set, otherwise
 * share/imi/name beside the folder of the running program (build/bin, /usr/bin).
 *
 * Errors: IMI_E_IO when the program's own place is unknown, IMI_E_OVERFLOW when the path is
 *         too long. Whether the file exists is not looked at.
 */
IMI_MUST_USE imi_status imi_place_shared(const char *name, char out[IMI_PLACE_SIZE],
                                         imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
