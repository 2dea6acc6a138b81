/**
 * Ovals that the face is brought into: where they lie, and how far a face is from one.
 *
 * Units: centres in shares of the picture, everything else in smaller sides of the picture.
 */
#ifndef IMI_LIVENESS_OVAL_H
#define IMI_LIVENESS_OVAL_H

#include "sample.h"

/** How much a face grows from its farthest view into one of the near ovals. */
float imi_near_target_growth(unsigned target);
/** The oval for a face that was seen at its farthest as far, kept inside the picture. */
imi_oval imi_near_target_oval(unsigned target, const imi_oval *far,
                              const imi_liveness_sample *picture);
/** Whether a face of that height fits into the picture. */
bool imi_oval_has_room(float height, const imi_liveness_sample *picture);

/** The oval in the middle, smaller than the face where there is no room. */
imi_oval imi_middle_oval(float height, const imi_liveness_sample *picture);
/** The oval beside the middle for a face of that height, smaller where there is no room. */
imi_oval imi_follow_target_oval(unsigned target, float height, const imi_liveness_sample *picture);
/** Which of the ovals beside the middle the face's centre is in, 0 if in none. */
unsigned imi_follow_target_at(const imi_liveness_sample *sample);

/** Distance of the face's centre from the oval's. */
float imi_oval_distance(const imi_oval *oval, const imi_liveness_sample *sample);

#endif
