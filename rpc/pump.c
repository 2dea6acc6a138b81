#include "rpc/pump.h"

void imi_pump_init(imi_pump *pump, void (*once)(void *user), void *user)
{
    pump->once = once;
    pump->user = user;
    pthread_mutex_init(&pump->mutex, NULL);
    pump->pumping = pump->again = false;
}

void imi_pump_clean_up(imi_pump *pump)
{
    pthread_mutex_destroy(&pump->mutex);
}

void imi_pump_nudge(imi_pump *pump)
{
    pthread_mutex_lock(&pump->mutex);
    pump->again = true;
    if (pump->pumping) {
        pthread_mutex_unlock(&pump->mutex);
        return;
    }
    pump->pumping = true;
    while (pump->again) {
        pump->again = false;
        pthread_mutex_unlock(&pump->mutex);
        pump->once(pump->user);
        pthread_mutex_lock(&pump->mutex);
    }
    pump->pumping = false;
    pthread_mutex_unlock(&pump->mutex);
}
