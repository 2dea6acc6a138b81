/**
 * A film of nobody: a bright face in the middle of a dark picture, in the colour of what is acted.
 */
#ifndef IMI_TESTS_DRAWN_FILM_H
#define IMI_TESTS_DRAWN_FILM_H

#include "film.h"

enum { DRAWN_FILM_WIDTH = 96, DRAWN_FILM_HEIGHT = 72, DRAWN_FILM_FACE = 12, DRAWN_FILM_MS = 5000 };

/** Frames each 100 ms: green from 500 to 1500 (neutral), red from 2000 to 3000 (turn_left), blue
 * from 3500 to 4500 (near_far), else white. Each fails the test if it cannot be made. */
imi_gen_film *drawn_film_new(void);
imi_sim_frames *drawn_frames_new(void);
/** The labels; with the first ones left out. */
imi_segments *drawn_segments_new(unsigned left_out);

#endif
