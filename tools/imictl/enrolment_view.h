/**
 * What `imictl enrol` shows.
 */
#ifndef IMI_IMICTL_ENROLMENT_VIEW_H
#define IMI_IMICTL_ENROLMENT_VIEW_H

#include "client/backend.h"

/** Print the answer, for people or as JSON, on standard output. */
void imictl_enrolment_print(const imi_backend_enrolment *result, bool json);

#endif
