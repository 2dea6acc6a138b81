/**
 * Every constant of the watch in one place, with its unit and where it comes from.
 * "Measured": docs/planarity.md. "Choice": a matter of cost or of patience.
 */
#ifndef IMI_PLANARITY_LIMITS_H
#define IMI_PLANARITY_LIMITS_H

/* ---- which frames are views of a face ---- */
#define LIMIT_FACE_PX 16.F /* inter-eye distance; below, noise hides depth */
#define LIMIT_FRONTAL_YAW_DEG 15.F /* absolute, of key views: phones are held askew */
#define LIMIT_FRONTAL_PITCH_DEG 30.F
#define LIMIT_FRONTAL_ROLL_DEG 30.F

/* ---- which pairs of views differ enough ---- */
#define LIMIT_PAIR_SCALE 1.2F
#define LIMIT_PAIR_NEAR_YAW_DEG 9.F /* beyond, it is a turn */
#define LIMIT_PAIR_NEAR_PITCH_DEG 14.F
#define LIMIT_PAIR_TURN_DEG 8.F
#define LIMIT_FARTHER 0.95F /* of the farthest view so far: replaces it */
/* ---- how many make a measurement ---- */
#define LIMIT_KIND_FRAMES 3
#define LIMIT_KIND_VIEWS 6.F /* of one kind count at most */
#define LIMIT_VIEW_DEG 2.F /* views that differ by less are one view */
#define LIMIT_VIEW_SCALE 0.05F /* natural logarithm */

/* ---- crops (choice: 3 ms a frame) ---- */
#define LIMIT_CROP_MARGIN 0.12F /* share of the mesh's extent, on each side */
#define LIMIT_CROP_SIDE_PX 400 /* larger crops are averaged down by a whole factor */
#define LIMIT_CROP_LEAST_PX 40

/* ---- corners ---- */
#define LIMIT_CORNER_INSET 0.92F /* of the face's outline: behind it lies another surface */
/* An eye, in half the distance of its corners. Lids blink and eyeballs look about; in the holes
 * of a mask they are another surface, which looks as deep as a head. */
#define LIMIT_EYE_LENGTH 1.05F
#define LIMIT_EYE_HEIGHT 0.55F
#define LIMIT_CORNER_SPACING_PX 4.F
#define LIMIT_CORNER_CONTRAST 1.F /* least eigenvalue's root: grey levels a pixel, RMS */

/* ---- alignment ---- */
#define LIMIT_ALIGN_STEPS 8
#define LIMIT_ALIGN_DONE_PX 0.03F
#define LIMIT_ALIGN_LIKENESS 0.8F /* normalised correlation */
#define LIMIT_ALIGN_RETURN_PX 0.7F /* forward and backward */
#define LIMIT_MATCHES 20 /* fewer do not tell a plane from a solid */
#define LIMIT_CONSISTENT 3. /* medians by which a match may differ from its neighbours */
#define LIMIT_MATCHES_KEPT 14. /* sum of weights of those that a rigid motion explains */

/* ---- residuals ---- */
/* RMS of a mesh, in inter-eye distances. Measured: flat photos at two distances leave 0.0033. */
#define LIMIT_MESH_NOISE 0.003F
/* RMS of a match. Measured: matches on flat photos that moved leave 0.1 to 0.35 pixels, those on
 * live faces 0.5 to 1.9; the floor is such that no photo's noise looks like depth. */
#define LIMIT_NOISE_PX 0.4
/* RMS by which paper that is bent about a head and turns misses its explanation, in inter-eye
 * distances. Choice among 0.003 to 0.010: with less, masks of paper pass; with more, people fail.
 */
#define LIMIT_SHEET_MISS 0.005
#define LIMIT_UNCERTAINTY 0.02F /* of one view: what the spread of few frames cannot show */

#endif
