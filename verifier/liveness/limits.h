/**
 * Every constant of the judge in one place, with its unit and where it comes from.
 *
 * "Measured" means: on the three sample clips of docs/liveness.md (two people), and on photos of
 * the same people that were moved, tilted and bent in software before the engine looked at them;
 * tests/liveness/measure_tracks prints the figures anew.
 * "Choice" means: a matter of patience, not of measurement.
 */
#ifndef IMI_LIVENESS_LIMITS_H
#define IMI_LIVENESS_LIMITS_H

/* ---- patience (choice: people of 60 to 89 years, who hear the instruction first) ---- */
#define LIMIT_ACTION_TIMEOUT_MS 20000 /* ms with a face in view, per action */
#define LIMIT_HEARD_LATER_MS 10000 /* ms by which a slow network lengthens that at most */
#define LIMIT_CAPTURE_TIMEOUT_MS 90000 /* ms from the first face */
#define LIMIT_FACE_GAP_MS 3000 /* ms without the face before tracking is lost */
#define LIMIT_FRAME_GAP_MS 5000 /* ms between two frames before time has a hole */
#define LIMIT_FACE_HINT_MS 600 /* ms without the face before the person is told */
#define LIMIT_ERRORS 4 /* weighed errors that end a capture */
#define LIMIT_ERROR_SLIGHT 1 /* a turn to the other side, leaning in: three are forgiven */
#define LIMIT_ERROR_CLEAR 2 /* any other action: one is forgiven */
/* From the first frame to the latest. Measured: words open the mouth for 250 ms at most (seven
 * clips of people who talk); turns and mouths that were meant last 400 and more. */
#define LIMIT_WRONG_MS 300 /* ms of another action before it is an error */
#define LIMIT_SAME_TIMES 10 /* frames in a row with one capture time */

/* ---- what counts as a face ---- */
#define LIMIT_PRESENCE 0.5F /* landmark presence; real faces measured above 0.99 */
#define LIMIT_INTER_EYE_PX 16.F /* px; below, mesh noise exceeds the plane test's floor */
#define LIMIT_WHOLE_SHARE 0.97F /* share of upper face points inside the image */

/* ---- one face throughout ---- */
/* Measured at 12 frames a second: centre moves at most 0.33 inter-eye distances a frame, scale
 * at most 0.055 in the logarithm. Allowed: more than twice that, and more per second of gap. */
#define LIMIT_CENTRE_STEP 0.6F /* inter-eye distances */
#define LIMIT_CENTRE_SPEED 6.F /* inter-eye distances a second */
#define LIMIT_SCALE_STEP 0.25F /* natural logarithm */
#define LIMIT_SCALE_SPEED 1.2F /* natural logarithm a second */
#define LIMIT_OUTLIERS 3 /* frames in a row that jump: then it is no slip of the detector */
/* Change of 3-D shape from one frame to the next, in inter-eye distances, less what a turn does
 * to the mesh. Measured: one person 0.0225 at most in 1,725 steps of 80 ms, but 0.049 when the
 * brows fly up; two people 0.017 to 0.043. So shape alone shows only gross changes, and names
 * the face that appears elsewhere; who it is, the templates tell. */
#define LIMIT_SHAPE_STEP 0.06F
#define LIMIT_SHAPE_JUMP 0.026F
#define LIMIT_SHAPE_STEP_PER_DEG 0.001F /* 0.02 at 17 degrees */
/* RMS movement of the mesh from frame to frame, in inter-eye distances. Measured: below 0.0008
 * for one frame in a hundred and never for two in a row; a repeated frame gives exactly 0. */
#define LIMIT_STILL_STEP 0.0005F
#define LIMIT_STILL_FRAMES 15
#define LIMIT_STILL_MS 1500

/* ---- neutral baseline ---- */
#define LIMIT_BASELINE_FRAMES 6
#define LIMIT_BASELINE_MS 500
#define LIMIT_BASELINE_YAW_DEG 15.F /* absolute: who starts turned is asked to look straight */
#define LIMIT_BASELINE_PITCH_DEG 30.F /* absolute: phones are held low */
#define LIMIT_BASELINE_ROLL_DEG 30.F
#define LIMIT_BASELINE_MOUTH 0.25F /* inter-eye distances: a slack jaw is accepted */
#define LIMIT_BASELINE_SWAY_DEG 6.F /* between frames of the baseline; tremor is below 3 */
#define LIMIT_BASELINE_SWAY_SCALE 0.1F
/* ---- neutral again, relative to the baseline ---- */
#define LIMIT_NEUTRAL_YAW_DEG 8.F
#define LIMIT_NEUTRAL_PITCH_DEG 14.F /* measured: 9 between far and near */
#define LIMIT_NEUTRAL_MOUTH 0.09F /* inter-eye distances; measured 0.03 at rest, 0.09 smiling */
#define LIMIT_NEUTRAL_EYES 0.8F /* share of the baseline */
#define LIMIT_NEUTRAL_SHAPE 0.04F /* solid residual; one person at rest: 0.0385 at most */
#define LIMIT_NEUTRAL_FRAMES 2

/* ---- turn ---- */
/* Degrees of the mesh: 9 are 8 to 10 of generated heads (docs/liveness.md); clips of turns that
 * were meant measured 10 to 18. A photo tilted by up to 40 degrees measured 9 at most, at 50 to 60
 * degrees up to 19. */
#define LIMIT_TURN_DEG 9.F
#define LIMIT_TURN_WRONG_DEG 11.F /* clearly a turn, no tremor */
#define LIMIT_TURN_WRONG_NEAR_DEG 14.F /* the same, of a face that comes nearer */
#define LIMIT_TURN_PLANE 0.018F /* measured at 9 degrees and more: live 0.027 and more */
#define LIMIT_TURN_SOLIDITY 1.6F /* live 1.98 and more; medians of tilted photos 1.56 at most */
#define LIMIT_TURN_FRAMES 3
/* Of the latest IMI_EVIDENCE_FRAMES: who stays turned too far looks less solid than who passes by.
 * So long, tilted photos measured 0.98 at most, bent prints 1.29, one generated person of 51 who
 * never reaches the limit for a few frames 1.48. */
#define LIMIT_TURN_SOLIDITY_LONG 1.4F

/* ---- nod ---- */
/* Measured: one deliberate nod down -14.7 degrees at solidity 2.6 to 3.4, one up 14.9 at 3.2 to
 * 3.7; between far and near the pitch differs by 9. The turn's tests of a solid apply. */
#define LIMIT_NOD_DEG 9.F /* from the baseline and from where the nod began */
#define LIMIT_NOD_BACK_DEG 5.F /* from where it began or from the baseline */
#define LIMIT_NOD_WRONG_DEG 16.F /* above LIMIT_NEUTRAL_PITCH_DEG, so that one nod is one error */

/* ---- ovals to bring the face into ---- */
/* Choice: as far apart as pictures allow, and then as wide as does not touch the next oval. */
#define LIMIT_OVAL_ROOM 0.95F /* share of the picture that an oval may fill */
#define LIMIT_OVAL_WIDTH 0.78F /* of its height; faces measured 0.72 to 0.8 */
#define LIMIT_FOLLOW_SHIFT 0.2F /* from the middle, in smaller sides of the picture */
#define LIMIT_FOLLOW_CENTRE 0.075F /* in smaller sides; neighbours are 0.153 apart */
#define LIMIT_FOLLOW_AWAY 0.11F /* in smaller sides: the face has to come from elsewhere */
#define LIMIT_FOLLOW_SIZE 0.18F /* natural logarithm */
#define LIMIT_FOLLOW_TURN_DEG 18.F /* a face off the axis looks turned by up to 12 */
#define LIMIT_FOLLOW_FRAMES 3
#define LIMIT_FOLLOW_HOLD_MS 400
#define LIMIT_NEAR_TARGET_FIRST 1.45F /* growth that the farthest of the near ovals asks for */
#define LIMIT_NEAR_TARGET_STEP 1.18F /* from one to the next: 1.45, 1.71, 2.02 */
#define LIMIT_NEAR_SIZE 0.08F /* natural logarithm: half a step, nearly */
#define LIMIT_NEAR_CENTRE 0.35F /* in heights of the oval */
#define LIMIT_NEAR_HOLD_MS 600 /* a hand that sweeps past stays 0.5 s */

/* ---- near and far ---- */
#define LIMIT_NEAR_SCALE 1.35F
#define LIMIT_NEAR_WRONG_SCALE 1.45F /* since the ask */
#define LIMIT_NEAR_START_SHARE 0.28F /* inter-eye distance by the image's smaller side */
/* Near frames are judged only while facing the camera. Generated people, whose arms swing by 4
 * degrees and who come from an oval beside the middle, measure up to 11. */
#define LIMIT_NEAR_YAW_DEG 12.F
#define LIMIT_NEAR_PITCH_DEG 14.F
/* Of the mean of the near views by that of the far ones, medians over the latest frames. Each has
 * to speak for a solid, and both together clearly. Measured: docs/liveness.md, "Solid or plane". */
#define LIMIT_NEAR_PLANE 0.005F
#define LIMIT_NEAR_SOLIDITY 0.9F
#define LIMIT_NEAR_DEPTH 0.01F
#define LIMIT_NEAR_DEPTH_UNIT 0.02F /* depth gain that is worth as much as a solidity of e */
#define LIMIT_NEAR_SOLID 1.45F /* logarithm of the solidity and depth gain in these units */
#define LIMIT_NEAR_ALIKE 1.05F /* growth between views that are one distance */
#define LIMIT_NEAR_KEEP 0.9F /* weight of earlier near views at each later one: about ten count */
#define LIMIT_NEAR_UNDECIDED_MS 2000 /* in the oval, before a nearer one is asked for */
#define LIMIT_NEAR_FRAMES 5 /* of which the median is taken */
/* ---- clearly flat: a verdict, so far from any live person; the least of those is 0.73 ---- */
#define LIMIT_FLAT_SOLIDITY 0.6F
#define LIMIT_FLAT_MS 2500

/* ---- mouth ---- */
#define LIMIT_MOUTH_OPEN                                                                           \
    0.18F /* gain in inter-eye distances, about 11 mm; asked for: 0.25 to 0.43 */
#define LIMIT_MOUTH_WRONG 0.22F /* talking and grinning reach 0.2 */
#define LIMIT_MOUTH_FRAMES 2
#define LIMIT_MOUTH_YAW_DEG 14.F

/* ---- blink ---- */
/* Eye openness as a share of the open level. Measured: 60 dips below 0.8 in 200 s in which a
 * person counted 57 blinks, minimum 0.51 to 0.79; noise 0.026 (standard deviation). Generated
 * faces (51) reach 0.59 to 0.88; narrow eyes change least. */
#define LIMIT_BLINK_CLOSED 0.84F
#define LIMIT_BLINK_CLOSED_ALONE 0.88F /* where nothing but the lids moved since the frame before */
#define LIMIT_BLINK_OPEN_BEFORE 0.95F /* of the open level, in that frame */
#define LIMIT_BLINK_REST_DEG 2.F
#define LIMIT_BLINK_REST_SCALE 0.02F
#define LIMIT_BLINK_REST_MOUTH 0.03F /* inter-eye distances */
#define LIMIT_BLINK_OPEN_MOST 1.05F /* of the baseline's level; nods reach 1.26 */
#define LIMIT_BLINK_CLOSED_LEAST 0.65F /* for noisy eyes: glasses */
#define LIMIT_BLINK_NOISE 4.F /* standard deviations below the open level */
#define LIMIT_BLINK_EITHER 0.9F /* each eye by itself */
#define LIMIT_BLINK_REOPENED 0.9F
#define LIMIT_BLINK_MIN_MS 50
#define LIMIT_BLINK_MAX_MS 2000 /* deliberate blinks of old people are long */
/* A photo tilted up or down by 35 degrees narrows its eyes to 0.8 as well; it is not the same
 * solid then: residual 0.03 and more, blinks 0.012 at most. */
#define LIMIT_BLINK_SHAPE 0.025F
#define LIMIT_BLINK_POSE_DEG 10.F
#define LIMIT_BLINK_SCALE 0.08F /* the eyes of a mesh at another distance look different */

#endif
