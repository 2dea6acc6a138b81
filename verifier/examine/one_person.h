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
    bool in_doubt; /* the next fit frame is compared */
    bool missed; /* the last comparison did not match */
    bool another; /* two in a row did not: somebody else is there */
    int64_t compared_at_ms;
    uint32_t comparisons;
} imi_one_person;

void imi_one_person_init(imi_one_person *person, const imi_scorer *scorer);
/** Somebody else could be there from now on. */
void imi_one_person_doubt(imi_one_person *person);
/** Take a frame that is fit to be compared; makes a template only when there is doubt. */
IMI_MUST_USE imi_status imi_one_person_feed(imi_one_person *person, imi_engine *engine,
                                            const imi_image *image, const imi_face *face,
                                            int64_t at_ms, imi_error *err);

#endif
