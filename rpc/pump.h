/**
 * Runs a function once more for each nudge, by one thread at a time.
 *
 * A stream of events is pumped from the store to the client by whichever thread notices that there
 * may be some: the call's own (the first message, room in the send queue) or one that stored an
 * event. Only one pumps; another leaves a note and goes on.
 */
#ifndef IMI_RPC_PUMP_H
#define IMI_RPC_PUMP_H

#include <pthread.h>
#include <stdbool.h>

typedef struct imi_pump {
    void (*once)(void *user);
    void *user;
    pthread_mutex_t mutex; /* guards what follows */
    bool pumping, again;
} imi_pump;

void imi_pump_init(imi_pump *pump, void (*once)(void *user), void *user);
/** Nobody may nudge any more. */
void imi_pump_clean_up(imi_pump *pump);
/** From any thread. */
void imi_pump_nudge(imi_pump *pump);

#endif
