/** Operating points and rates as people read them. */
#ifndef IMI_IMICTL_POINT_VIEW_H
#define IMI_IMICTL_POINT_VIEW_H

#include "imi/v1/administration.pb-c.h"

/** All of a point, several lines. */
void imictl_point_print(const Imi__V1__OperatingPoint *point);
/** One line: id, state, target, threshold. */
void imictl_point_print_line(const Imi__V1__OperatingPoint *point);
/** State as a word. Static storage. */
const char *imictl_point_state(const Imi__V1__OperatingPoint *point);
/** Groups of people, where any but "all" is known. */
void imictl_groups_print(Imi__V1__GroupRate *const *groups, size_t count);
/** What the stored scores say about people wrongly refused. */
void imictl_replay_print(const Imi__V1__ReplayCounts *scores);

#endif
