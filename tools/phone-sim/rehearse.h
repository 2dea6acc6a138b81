/**
 * One capture before the examiner, without a server: what each layer finds by itself.
 */
#ifndef IMI_TOOLS_REHEARSE_H
#define IMI_TOOLS_REHEARSE_H

#include "imi/examine.h"
#include "phone-sim/source.h"

/** Everything is borrowed. */
typedef struct imi_rehearsal_options {
    const imi_examiner_options *examiner; /* with a challenge */
    int64_t period_ms; /* between frames */
    int64_t timeout_ms; /* gives up then */
} imi_rehearsal_options;

typedef struct imi_rehearsal {
    uint32_t frames, faces; /* sent; of them with a face */
    int64_t took_ms;
    imi_liveness_verdict verdict;
    imi_findings findings;
} imi_rehearsal;

IMI_MUST_USE imi_status imi_rehearse(const imi_rehearsal_options *options, imi_source *source,
                                     imi_engine *engine, imi_rehearsal *out, imi_error *err);

#endif
