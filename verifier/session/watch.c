#include "watch.h"

#include <string.h>

struct imi_watch {
    imi_watch *next;
    imi_watches *watches;
    char party[IMI_STORE_NAME_SIZE]; /* "" = any */
    char session_id[IMI_ID_SIZE]; /* "" = any */
    imi_session_listener listener;
    void *user;
    bool running; /* some thread is in or about to enter the listener */
    bool again; /* more news came meanwhile */
    bool gone; /* being destroyed: must not run any more */
};

void imi_watches_init(imi_watches *watches)
{
    pthread_mutex_init(&watches->mutex, NULL);
    pthread_cond_init(&watches->idle, NULL);
    watches->first = NULL;
}

void imi_watches_clean_up(imi_watches *watches)
{
    pthread_cond_destroy(&watches->idle);
    pthread_mutex_destroy(&watches->mutex);
}

static size_t count_alike(const imi_watches *watches, const imi_watch *like)
{
    size_t count = 0;
    for (const imi_watch *it = watches->first; it != NULL; it = it->next) {
        count +=
            strcmp(it->party, like->party) == 0 && strcmp(it->session_id, like->session_id) == 0;
    }
    return count;
}

/* False when there are as many as may be. */
static bool link_watch(imi_watches *watches, imi_watch *watch, size_t most)
{
    pthread_mutex_lock(&watches->mutex);
    bool has_room = most == 0 || count_alike(watches, watch) < most;
    if (has_room) {
        watch->next = watches->first;
        watches->first = watch;
    }
    pthread_mutex_unlock(&watches->mutex);
    return has_room;
}

imi_status imi_watches_add(imi_watches *watches, const imi_watch_wish *wish, imi_watch **out,
                           imi_error *err)
{
    *out = NULL;
    imi_watch *watch = imi_alloc(sizeof *watch);
    if (watch == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a watch");
    }
    watch->watches = watches;
    watch->listener = wish->listener;
    watch->user = wish->user;
    imi_copy_text(watch->party, sizeof watch->party, wish->party);
    imi_copy_text(watch->session_id, sizeof watch->session_id, wish->session_id);
    *out = watch; /* before its listener may run */
    if (!link_watch(watches, watch, wish->most)) {
        *out = NULL;
        imi_free(watch);
        IMI_FAIL(err, IMI_E_EXHAUSTED, "%zu watch this session already", wish->most);
    }
    return IMI_OK;
}

/* Run a listener until no news is left. Enters and leaves with the mutex held. */
static void run_listener(imi_watches *watches, imi_watch *watch)
{
    if (watch->running) {
        watch->again = true;
        return;
    }
    watch->running = true;
    do {
        watch->again = false;
        pthread_mutex_unlock(&watches->mutex);
        watch->listener(watch->user, watch->session_id);
        pthread_mutex_lock(&watches->mutex);
    } while (watch->again && !watch->gone);
    watch->running = false;
    pthread_cond_broadcast(&watches->idle);
}

static bool is_wanted(const char *wish, const char *what)
{
    return wish[0] == '\0' || strcmp(wish, what) == 0;
}

/* party: NULL = whatever is watched. */
static void notify(imi_watches *watches, const char *party, const char *session_id)
{
    pthread_mutex_lock(&watches->mutex);
    imi_watch *watch = watches->first;
    while (watch != NULL) {
        bool wanted = party == NULL ||
                      (is_wanted(watch->party, party) && is_wanted(watch->session_id, session_id));
        if (wanted && !watch->gone) {
            /* A running watch stays in the list, so that its next pointer stays valid until
             * the broadcast; the step on happens before destroy can take the mutex. */
            run_listener(watches, watch);
        }
        watch = watch->next;
    }
    pthread_mutex_unlock(&watches->mutex);
}

void imi_watches_notify(imi_watches *watches, const char *party, const char *session_id)
{
    notify(watches, party, session_id);
}

void imi_watches_notify_all(imi_watches *watches)
{
    notify(watches, NULL, NULL);
}

static void unlink_watch(imi_watches *watches, imi_watch *watch)
{
    imi_watch **link = &watches->first;
    while (*link != watch) {
        link = &(*link)->next;
    }
    *link = watch->next;
}

void imi_watch_destroy(imi_watch **watch_pointer)
{
    imi_watch *watch = watch_pointer == NULL ? NULL : IMI_STEAL(watch_pointer);
    if (watch == NULL) {
        return;
    }
    imi_watches *watches = watch->watches;
    pthread_mutex_lock(&watches->mutex);
    watch->gone = true;
    while (watch->running) {
        pthread_cond_wait(&watches->idle, &watches->mutex);
    }
    unlink_watch(watches, watch);
    pthread_mutex_unlock(&watches->mutex);
    imi_free(watch);
}
