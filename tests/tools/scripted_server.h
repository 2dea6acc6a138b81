/**
 * The subject's side of imi.v1 by a script, over real TLS: it checks what a phone sends as the
 * server does, and can be told to refuse, to break off, to stay silent.
 */
#ifndef IMI_TESTS_SCRIPTED_SERVER_H
#define IMI_TESTS_SCRIPTED_SERVER_H

#include "imi/service.h"
#include "rpc/client.h"

#include <stdint.h>

enum { SCRIPT_CAPTURES_MAX = 4 };

/** What to do; zero means never, or the default in brackets. Set before the phone calls. */
typedef struct script {
    uint64_t frames_per_capture; /* then the outcome is known [5] */
    imi_subject_outcome outcomes[SCRIPT_CAPTURES_MAX]; /* of each capture [DONE] */
    uint32_t max_frame_bytes; /* [1 MiB] */
    uint64_t exhausted_at; /* refuse this sequence once with RESOURCE_EXHAUSTED */
    uint64_t break_off_at; /* end the stream well, instead of answering this sequence, once */
    uint64_t fail_at; /* fail this sequence for good */
    uint64_t silent_from; /* answer nothing from this sequence on */
    uint32_t wait_ms; /* tell who begins a capture to wait so long, once */
    bool busy; /* because others have their turn; three times */
    bool over; /* no capture can begin: the session has ended in a review */
    bool light; /* ask for coloured light */
} script;

/** What was seen. */
typedef struct seen {
    uint32_t captures;
    uint64_t frames; /* taken, each once */
    uint64_t repeats; /* frames that had been taken already */
    uint64_t broken_links; /* wrong signature, gap, or time that does not grow */
    uint64_t calls; /* streams opened and frames submitted */
    bool consented;
    uint32_t waits; /* times that the phone was told to wait before a capture */
    uint32_t cannot_mask; /* heard last */
    uint64_t lit; /* frames with a time since the first colour that grows */
} seen;

typedef struct scripted_server scripted_server;

/** Errors fail the test. */
scripted_server *scripted_server_start(const script *plan);
void scripted_server_stop(scripted_server **server);
/** A new channel to it. */
imi_rpc_channel *scripted_server_channel(scripted_server *server);
seen scripted_server_seen(scripted_server *server);

#endif
