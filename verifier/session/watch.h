/**
 * Who listens to which session, or to all of a relying party.
 */
#ifndef IMI_SESSION_WATCH_H
#define IMI_SESSION_WATCH_H

#include "imi/service.h"

#include <pthread.h>

typedef struct imi_watches {
    pthread_mutex_t mutex; /* guards the list and every watch in it */
    pthread_cond_t idle; /* a listener has returned */
    imi_watch *first;
} imi_watches;

void imi_watches_init(imi_watches *watches);
void imi_watches_clean_up(imi_watches *watches);

/** party, session_id: "" = any. */
IMI_MUST_USE imi_status imi_watches_add(imi_watches *watches, const char *party,
                                        const char *session_id, imi_session_listener listener,
                                        void *user, imi_watch **out, imi_error *err);

/**
 * Tell the listeners of a party's session ("" = only those of all sessions) that events have grown.
 * A listener never runs twice at once: news that comes while it runs makes it run once more. Never
 * under a lock.
 */
void imi_watches_notify(imi_watches *watches, const char *party, const char *session_id);
/** The same to the listeners of all sessions. */
void imi_watches_notify_all(imi_watches *watches);

#endif
