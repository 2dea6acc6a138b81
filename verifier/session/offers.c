#include "offers.h"

#include "imi/memory.h"

#include <string.h>

static void destroy_offer(imi_offer *offer)
{
    if (offer != NULL) {
        imi_wipe(offer, sizeof *offer);
        imi_free(offer);
    }
}

void imi_offers_init(imi_offers *offers)
{
    *offers = (imi_offers){.mutex = PTHREAD_MUTEX_INITIALIZER};
}

void imi_offers_clean_up(imi_offers *offers)
{
    for (size_t i = 0; i < IMI_OFFERS_MAX; i++) {
        destroy_offer(IMI_STEAL(&offers->slots[i]));
    }
    pthread_mutex_destroy(&offers->mutex);
}

/* Mutex held. */
static imi_offer **find(imi_offers *offers, const char *session_id)
{
    for (size_t i = 0; i < IMI_OFFERS_MAX; i++) {
        imi_offer *offer = offers->slots[i];
        if (offer != NULL && strcmp(offer->session_id, session_id) == 0) {
            return &offers->slots[i];
        }
    }
    return NULL;
}

/* Mutex held. */
static imi_offer **find_room(imi_offers *offers)
{
    size_t at = 0;
    while (at < IMI_OFFERS_MAX && offers->slots[at] != NULL) {
        at++;
    }
    return at == IMI_OFFERS_MAX ? NULL : &offers->slots[at];
}

bool imi_offers_hold(imi_offers *offers, const imi_offer *offer)
{
    imi_offer *copy = imi_alloc_aligned(1, sizeof *copy);
    if (copy == NULL) {
        return false;
    }
    *copy = *offer;
    pthread_mutex_lock(&offers->mutex);
    imi_offer **slot = find(offers, offer->session_id);
    slot = slot == NULL ? find_room(offers) : slot;
    imi_offer *left_over = copy;
    if (slot != NULL) {
        left_over = *slot;
        *slot = copy;
    }
    pthread_mutex_unlock(&offers->mutex);
    destroy_offer(left_over);
    return slot != NULL;
}

bool imi_offers_has(imi_offers *offers, const char *session_id)
{
    pthread_mutex_lock(&offers->mutex);
    bool there = find(offers, session_id) != NULL;
    pthread_mutex_unlock(&offers->mutex);
    return there;
}

bool imi_offers_take(imi_offers *offers, const char *session_id, imi_offer *out)
{
    *out = (imi_offer){.session_id = ""};
    pthread_mutex_lock(&offers->mutex);
    imi_offer **slot = find(offers, session_id);
    bool taken = slot != NULL && !(*slot)->answering;
    if (taken) {
        *out = **slot;
        (*slot)->answering = true;
    }
    pthread_mutex_unlock(&offers->mutex);
    return taken;
}

bool imi_offers_end(imi_offers *offers, const char *session_id, bool put_back)
{
    imi_offer *over = NULL;
    pthread_mutex_lock(&offers->mutex);
    imi_offer **slot = find(offers, session_id);
    bool stays = slot != NULL && !(*slot)->taken_back;
    if (slot != NULL && put_back && stays) {
        (*slot)->answering = false;
    } else if (slot != NULL) {
        over = IMI_STEAL(slot);
    }
    pthread_mutex_unlock(&offers->mutex);
    destroy_offer(over);
    return stays;
}

/* Mutex held. One that is being answered goes when that has ended. */
static void drop_slot(imi_offer **slot)
{
    if ((*slot)->answering) {
        (*slot)->taken_back = true;
    } else {
        destroy_offer(IMI_STEAL(slot));
    }
}

void imi_offers_drop(imi_offers *offers, const char *session_id)
{
    pthread_mutex_lock(&offers->mutex);
    imi_offer **slot = find(offers, session_id);
    if (slot != NULL) {
        drop_slot(slot);
    }
    pthread_mutex_unlock(&offers->mutex);
}

void imi_offers_drop_reference(imi_offers *offers, const char *reference_id)
{
    pthread_mutex_lock(&offers->mutex);
    for (size_t i = 0; i < IMI_OFFERS_MAX; i++) {
        if (offers->slots[i] != NULL && strcmp(offers->slots[i]->reference_id, reference_id) == 0) {
            drop_slot(&offers->slots[i]);
        }
    }
    pthread_mutex_unlock(&offers->mutex);
}

void imi_offers_drop_expired(imi_offers *offers, int64_t now_ms)
{
    pthread_mutex_lock(&offers->mutex);
    for (size_t i = 0; i < IMI_OFFERS_MAX; i++) {
        if (offers->slots[i] != NULL && now_ms >= offers->slots[i]->expires_ms) {
            drop_slot(&offers->slots[i]);
        }
    }
    pthread_mutex_unlock(&offers->mutex);
}

size_t imi_offers_count(imi_offers *offers)
{
    size_t count = 0;
    pthread_mutex_lock(&offers->mutex);
    for (size_t i = 0; i < IMI_OFFERS_MAX; i++) {
        count += offers->slots[i] != NULL;
    }
    pthread_mutex_unlock(&offers->mutex);
    return count;
}
