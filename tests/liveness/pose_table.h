/**
 * What several ways to judge a pose made of many people's turns, and what that says of them.
 */
#ifndef IMI_TESTS_POSE_TABLE_H
#define IMI_TESTS_POSE_TABLE_H

#include "pose_judges.h"

enum { POSE_STEP_DEG = 5, POSE_ANGLES = 15, POSE_FRONTAL = 7, POSE_PEOPLE_MAX = 64 };

typedef enum pose_axis { POSE_YAW = 0, POSE_PITCH, POSE_AXES_OF_TURN } pose_axis;

/** One person's frames of one turn; NaN where no face was found. */
typedef struct pose_reading {
    float turned_deg; /* median */
    float variance; /* about the mean */
} pose_reading;

/** One way about one axis. */
typedef struct pose_table {
    uint32_t people;
    pose_reading reading[POSE_PEOPLE_MAX][POSE_ANGLES];
} pose_table;

/** Degrees by which somebody turned at one of the angles. */
double pose_angle_deg(int angle);

/** People at one angle; values NaN if there are none. */
typedef struct pose_group {
    uint32_t people; /* of whom a face was found */
    float median_deg, deviation_deg;
} pose_group;

pose_group pose_table_group(const pose_table *table, int angle);

/** A way as a measure of turns of about 20 degrees, to either side. */
typedef struct pose_summary {
    float slope; /* degrees judged by degree turned */
    float spread_deg; /* true degrees by which people differ who are judged alike (deviation) */
    float noise_deg; /* the same of one person's frames */
    uint32_t rising; /* people who are judged to turn farther at every step */
    uint32_t reached, sides; /* of all people's sides: judged to have turned far enough */
    float least_deg, median_deg, most_deg; /* true turn at which they were */
} pose_summary;

/** enough_deg: judged turn that is asked for. */
pose_summary pose_table_sum_up(const pose_table *table, float enough_deg);

#endif
