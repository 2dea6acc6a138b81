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

/** Copied; listener and user outlive the watch. */
typedef struct imi_watch_wish {
    const char *party, *session_id; /* "" = any */
    imi_session_listener listener;
    void *user;
    size_t most; /* watches of the same party and session at once; 0 = no limit */
} imi_watch_wish;

/** Errors: IMI_E_EXHAUSTED (as many as wish->most watch already). */
IMI_MUST_USE imi_status imi_watches_add(imi_watches *watches, const imi_watch_wish *wish,
                                        imi_watch **out, imi_error *err);

/**
 * Tell the listeners of a party's session ("" = only those of all sessions) that events have grown.
 * A listener never runs twice at once: news that comes while it runs makes it run once more. Never
 * under a lock.
 */
void imi_watches_notify(imi_watches *watches, const char *party, const char *session_id);
/** The same to the listeners of all sessions. */
void imi_watches_notify_all(imi_watches *watches);

#endif
