/** Many enrolled people, put into the fixture's store as templates without any image. */
#ifndef IMI_TESTS_CROWD_H
#define IMI_TESTS_CROWD_H

#include "fixture.h"

/** A unit vector that depends on the number alone, unlike those of all others and of scenes. */
imi_template crowd_template(uint32_t number);
/** Primary reference of person number; quality 0.7. */
imi_reference_record crowd_reference(uint32_t number);
/** Enrol people first, first + 1... */
void crowd_enrol(fixture *f, uint32_t first, uint32_t count);
void crowd_erase(fixture *f, uint32_t number);

/** Let housekeeping run until a refresh of the cohort that is due has ended. */
void crowd_tick(fixture *f);
/** The same a minute later, when a refresh is due. */
void crowd_tick_later(fixture *f);

/** Make a point of this purpose active, or its shadow, by a calibration that has both tables. */
imi_point_record crowd_put_point(fixture *f, const char *purpose, imi_score_kind kind,
                                 double threshold, bool shadow);

#endif
