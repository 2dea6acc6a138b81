/**
 * Is it one person throughout? Templates of the face at moments where another could have taken
 * its place are compared with the first one. Holds templates: wipe it.
 */
#ifndef IMI_EXAMINE_ONE_PERSON_H
#define IMI_EXAMINE_ONE_PERSON_H

#include "imi/compare.h"
#include "imi/engine.h"

typedef struct imi_one_person {
    const imi_scorer *scorer; /* borrowed; NULL: nobody is compared */
    imi_template first; /* count 0: not made yet */
    bool in_doubt; /* the next fit frame is to be compared */
    bool missed; /* the last comparison did not match */
    bool another; /* two in a row did not: somebody else is there */
    int64_t compared_at_ms; /* before the first template: since when there were fit frames */
    bool asked; /* there were fit frames */
    uint32_t made; /* templates, for want of others */
} imi_one_person;

void imi_one_person_init(imi_one_person *person, const imi_scorer *scorer);
/** Somebody else could be there from now on. */
void imi_one_person_doubt(imi_one_person *person);
/** Whether a template of a fit frame of this time is needed. For the first one a neutral frame,
 * which can also serve as a probe, is waited for, but not for long. */
bool imi_one_person_is_due(imi_one_person *person, int64_t at_ms, bool neutral);
/** Make a template of such a frame and compare it. */
IMI_MUST_USE imi_status imi_one_person_look(imi_one_person *person, imi_engine *engine,
                                            const imi_image *image, const imi_face *face,
                                            int64_t at_ms, imi_error *err);
/** Compare a template that was made for another purpose. */
IMI_MUST_USE imi_status imi_one_person_compare(imi_one_person *person, const imi_template *now,
                                               int64_t at_ms, imi_error *err);

#endif
