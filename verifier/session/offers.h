/**
 * Templates of verified sessions that their subjects may let be kept as additional references.
 *
 * In memory only, bounded, and wiped when answered, when their enrolled reference is erased, and at
 * the latest when their session expires. A service that stops forgets them.
 *
 * Threads: safe.
 */
#ifndef IMI_SESSION_OFFERS_H
#define IMI_SESSION_OFFERS_H

#include "imi/compare.h"
#include "imi/store.h"

#include <pthread.h>

enum { IMI_OFFERS_MAX = 256 };

/** Everything that storing it will take. */
typedef struct imi_offer {
    char session_id[IMI_ID_SIZE];
    char reference_id[IMI_ID_SIZE]; /* enrolled one that it would stand beside */
    int64_t expires_ms; /* of the session */
    double quality;
    imi_template face_template;
    bool answering; /* taken out, and not yet known to be stored */
    bool taken_back; /* dropped since */
} imi_offer;

typedef struct imi_offers {
    pthread_mutex_t mutex; /* guards the slots */
    imi_offer *slots[IMI_OFFERS_MAX]; /* NULL = free */
} imi_offers;

void imi_offers_init(imi_offers *offers);
void imi_offers_clean_up(imi_offers *offers);

/** Hold a copy. false if there is no room or no memory: then nothing is offered. */
bool imi_offers_hold(imi_offers *offers, const imi_offer *offer);
/** Whether one is held for a session. */
bool imi_offers_has(imi_offers *offers, const char *session_id);
/**
 * Take a session's out, to store it; false if there is none, or it is out already. The caller wipes
 * out, and ends what it began.
 */
bool imi_offers_take(imi_offers *offers, const char *session_id, imi_offer *out);
/**
 * What was taken out is stored, or put_back: then it may be taken again. false if it was dropped in
 * between, so that nothing of it may stay.
 */
bool imi_offers_end(imi_offers *offers, const char *session_id, bool put_back);
/** Wipe a session's, if there is one. */
void imi_offers_drop(imi_offers *offers, const char *session_id);
/** Wipe those that would stand beside an enrolled reference. */
void imi_offers_drop_reference(imi_offers *offers, const char *reference_id);
/** Wipe those whose session is over. */
void imi_offers_drop_expired(imi_offers *offers, int64_t now_ms);
size_t imi_offers_count(imi_offers *offers);

#endif
