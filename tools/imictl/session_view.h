/** A session for people and for programs. */
#ifndef IMI_IMICTL_SESSION_VIEW_H
#define IMI_IMICTL_SESSION_VIEW_H

#include "client/backend.h"

#include <jansson.h>

/** An object of every field; the token only if with_token. New reference. */
json_t *imictl_session_json(const imi_backend_session *session, bool with_token);
/** Several lines; never the token. */
void imictl_session_print(const imi_backend_session *session);
/** SUCCESS for VERIFIED, NEGATIVE for REJECTED, UNDECIDED otherwise. */
int imictl_session_exit(const imi_backend_session *session);

#endif
