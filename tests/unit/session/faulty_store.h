/**
 * A store that passes every call on to a real one, and fails when told to. A failure comes
 * either before the call (nothing was stored) or behind it (stored, but the caller is told
 * otherwise, as when a disk dies after the commit).
 */
#ifndef IMI_TESTS_FAULTY_STORE_H
#define IMI_TESTS_FAULTY_STORE_H

#include "imi/store.h"

#include <stdatomic.h>
#include <stdbool.h>

typedef struct faulty_store {
    imi_store base;
    imi_store *inner; /* borrowed */
    atomic_int calls; /* made so far */
    atomic_int fail_at; /* number of the call that fails, from 1; 0 = none */
    atomic_bool fail_behind; /* let the call through before failing */
    atomic_int status; /* what a failing call returns */
    atomic_int act_at; /* number of the call before which act runs; 0 = none */
    void (*act)(void *user);
    void *act_user;
} faulty_store;

void faulty_store_init(faulty_store *store, imi_store *inner);
/** Let the n-th call from now on fail, once. */
void faulty_store_fail(faulty_store *store, int n, imi_status status, bool behind);
/** Before the n-th call from now on let something else happen, once, on the caller's thread. */
void faulty_store_intervene(faulty_store *store, int n, void (*act)(void *user), void *user);
/** Plan no failure any more. */
void faulty_store_heal(faulty_store *store);
/** Did the failure that was asked for happen? */
bool faulty_store_has_failed(faulty_store *store);

#endif
