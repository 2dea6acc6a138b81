/**
 * What the templates of a capture amount to as evidence.
 */
#ifndef IMI_SESSION_PROBE_H
#define IMI_SESSION_PROBE_H

#include "decide.h"
#include "imi/examine.h"

/**
 * Fill in the evidence's probe and one-person fields.
 *
 * fused_out: the templates' average, weighted by quality; empty without any. Personal data: the
 *            caller wipes it.
 * Errors:    only when templates cannot be compared; evidence is then as it was, and fused_out
 *            empty.
 */
IMI_MUST_USE imi_status imi_probes_judge(const imi_probes *probes, const imi_scorer *scorer,
                                         imi_evidence *evidence, imi_template *fused_out,
                                         imi_error *err);
/** Number of the template that is most like all of them together; 0 if there is one or none. */
size_t imi_probes_most_typical(const imi_probes *probes, const imi_template *fused,
                               const imi_scorer *scorer);

#endif
