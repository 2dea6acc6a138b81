/** A small HTTP receiver on this machine, on a thread of its own. */
#ifndef IMI_TESTS_WEBHOOK_RECEIVER_H
#define IMI_TESTS_WEBHOOK_RECEIVER_H

#include <stddef.h>

typedef struct receiver receiver;

/** answer: the bytes of every response; NULL = takes the call and says nothing. */
receiver *receiver_new(const char *answer);
/** Ends its connections. */
void receiver_destroy(receiver **self);
int receiver_port(const receiver *self);
/** Wait for so many calls; returns how many came, fewer after within_ms. */
size_t receiver_wait(receiver *self, size_t calls, int within_ms);
/** Value of a header of a call, or the body for "". Static storage, one at a time. */
const char *receiver_header(receiver *self, size_t call, const char *name);

#endif
