/**
 * Calls that brought a frame before its turn, as two calls of one phone may overtake each other:
 * they wait here for the frames before it, bounded in number, bytes and time. No thread waits.
 *
 * Between "it is early" and waiting, the frame before it may be taken by another thread. So who
 * wants to wait says how many frames had been taken when it asked; if more have been since, it
 * does not wait but asks again.
 *
 * Threads: any, but for new and destroy.
 */
#ifndef IMI_RPC_FRAME_ORDER_H
#define IMI_RPC_FRAME_ORDER_H

#include "imi/bytes.h"
#include "imi/clock.h"
#include "rpc/transport.h"

enum {
    IMI_FRAMES_WAITING_MAX = 256, /* in all; a quarter of the calls that a server takes */
    IMI_FRAMES_WAITING_OF_CAPTURE_MAX = 8,
    IMI_FRAMES_WAITING_BYTES_MAX = 32 << 20,
    IMI_FRAME_WAITS_MS = 2000 /* and until the next tick; phones give a call up after 4 s */
};

/** A call with its frame. */
typedef struct imi_early_frame {
    imi_rpc_call *call; /* held */
    imi_rpc_message *message;
    char capture_id[IMI_ID_SIZE];
    uint64_t sequence;
    int64_t until_ms; /* monotonic */
} imi_early_frame;

/** Destroys the message and lets go of the call. */
void imi_early_frame_clean_up(imi_early_frame *frame);

typedef struct imi_frame_order imi_frame_order;

IMI_MUST_USE imi_status imi_frame_order_new(imi_clock *clock, imi_frame_order **out,
                                            imi_error *err);
/** Nothing may wait any more; see imi_frame_order_close. */
void imi_frame_order_destroy(imi_frame_order **order);

/** When a call that comes now has waited long enough. */
int64_t imi_frame_order_until_ms(const imi_frame_order *order);
/** How many frames have been taken so far. */
uint64_t imi_frame_order_count(imi_frame_order *order);

typedef enum imi_frame_wait {
    IMI_FRAME_WAITS, /* moved in */
    IMI_FRAME_ASK_AGAIN, /* a frame was taken meanwhile */
    IMI_FRAME_NO_ROOM /* or it has waited long enough, or its call is over */
} imi_frame_wait;

/** count: from before the frame was found to be early. */
imi_frame_wait imi_frame_order_wait(imi_frame_order *order, imi_early_frame *take_frame,
                                    uint64_t count);
/** A frame was taken: gives a call of this capture whose turn it now is, if one waits. */
bool imi_frame_order_taken(imi_frame_order *order, const char *capture_id, uint64_t sequence,
                           imi_early_frame *out);
/** Gives a call that has waited long enough; any, once the order is closed. */
bool imi_frame_order_late(imi_frame_order *order, imi_early_frame *out);
/** The call has ended. */
void imi_frame_order_forget(imi_frame_order *order, const imi_rpc_call *call);
/** From now on nobody waits. */
void imi_frame_order_close(imi_frame_order *order);

#endif
