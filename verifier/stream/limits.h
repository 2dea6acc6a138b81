/**
 * Every number that frames as a stream are judged by. Those without another source were set
 * between live clips and attacks made of them; docs/injection.md has the figures.
 *
 * Distances of thumbnails are mean squares in units of imi_thumb. Two encodings of one picture
 * at qualities 70 and 85 differ by 10 to 23, at 80 and 85 by 3 to 9; neighbouring frames of a
 * live clip at 12 frames/s by 40 to 20,000 (medians).
 */
#ifndef IMI_STREAM_LIMITS_H
#define IMI_STREAM_LIMITS_H

enum {
    /* What is looked at. */
    LIMIT_KEPT_FRAMES = 600, /* remembered pictures, the oldest forgotten: 36 s or more */
    LIMIT_KEPT_EVERY_MS = 60, /* pictures that come faster are not all remembered */
    LIMIT_DIGESTS = 2048, /* remembered files */
    LIMIT_MEASURED_FRAMES = 12, /* pictures and time before anything is reported */
    LIMIT_MEASURED_MS = 1000,

    /* Repetition of files. A slow camera shows its last picture again, and a browser may show
     * the last but one. */
    LIMIT_REPEAT_NEAR = 3, /* frames back */
    LIMIT_STALL_MS = 3000, /* the same file for longer is no slow camera */
    LIMIT_STALL_FRAMES = 12,
    LIMIT_PLAIN_PIXELS = 40, /* a file of fewer bytes than pixels / 40 shows nothing: a covered
                                lens; such files may be equal */

    /* Dates of EXIF, in whole seconds. */
    LIMIT_DATE_BACK_S = 1, /* pictures that are made side by side may change places */
    LIMIT_DATE_SET_BACK = 2, /* times that dates may jump back, of one calendar set back */

    /* Repetition of pictures. */
    LIMIT_ECHO_APART_MS = 700, /* nearer frames are alike because little has moved */
    LIMIT_ECHO_LEAP = 3, /* kept frames that an echo may advance by in one */
    LIMIT_ECHO_MISSES = 1, /* in a row */
    LIMIT_ECHO_WAIT = 8, /* the same while little moves */
    LIMIT_ECHO_FRAMES = 12, /* live clips reach 5, loops 15 and more */

    /* Freezing. Longest in live clips: 0.5 s. */
    LIMIT_FROZEN_MS = 2000,
    LIMIT_FROZEN_FRAMES = 10,
    LIMIT_STILL_FREE_MS = 1000, /* longest in live clips: 0.4 s */
    LIMIT_STILL_RANGE_MS = 2000,

    /* Cuts and faces that jump. */
    LIMIT_CUT_WITHIN_MS = 300, /* after a longer gap much may have moved */
    LIMIT_CUT_AROUND_MS = 250, /* people do not set out and stop within it */
    LIMIT_CUT_STEPS = 16, /* LIMIT_CUT_AROUND_MS at 60 frames/s */
    LIMIT_SHIFT_CELLS = 1, /* search for a phone that moved */

    /* Constant noise. */
    LIMIT_GRAIN_KEPT = 24, /* remembered frames */
    LIMIT_GRAIN_MOVED = 120, /* change of a cell's thumb by which its picture has moved */
    LIMIT_GRAIN_SAMPLES = 150, /* of one comparison */
    LIMIT_GRAIN_POWER = 5, /* variance below which encoding is all there is: 0.5 levels of noise */
    LIMIT_GRAIN_PAIRS = 12, /* comparisons before anything is concluded */
    LIMIT_GRAIN_LARGEST = 25, /* larger second differences are detail, not noise */

    /* Earlier encodings. */
    LIMIT_CODING_EVERY_MS = 250, /* so often a picture is looked at */
    LIMIT_CODING_FRAMES = 40,
    LIMIT_CODING_COUNT = 400, /* of coefficients in neighbouring levels, to compare them */
    LIMIT_CODING_DIFFERENCES = 8, /* comparisons before anything is concluded */

    /* Times. What a phone sends late while a connection is made is fewer frames than these. */
    LIMIT_FIRST_DELAYS = 8, /* frames */
    LIMIT_AHEAD_FREE_MS = 1000,
    LIMIT_AHEAD_MS = 3000,
    LIMIT_EVEN_FRAMES = 40, /* intervals before evenness is remarkable */
    LIMIT_EVEN_MS = 1 /* what rounding to milliseconds leaves of perfect evenness */
};

/* An echo is nearer than this part of the distance to the frame just before. Live clips: the
 * nearest earlier frame is farther than the one just before. */
static const float LIMIT_ECHO_RATIO = 0.25F;
static const float LIMIT_QUIET_DISTANCE = 120;
static const float LIMIT_FROZEN_DISTANCE = 24;
/* Correlation of the grain. One frame encoded again: 0.999; at other qualities within ten of the
 * first 0.85 to 0.95; another moment of the same scene before a camera 0.47 to 0.68. */
static const float LIMIT_FROZEN_GRAIN = 0.9F;
/* White noise on a still gives 1 +- 0.07. */
static const float LIMIT_STILL_RATIO = 1.5F;
/* Noise of 12 levels at 400 x 300 makes about 500; somebody who is shaken thousands, with no more
 * from the first to the last than from one to the next. */
static const float LIMIT_STILL_DISTANCE = 800;
/* Share of a picture's structure that changed at once. Eleven live clips, 6 to 25 frames/s: 0.28
 * but for one that is shaken (0.85); at 5 frames/s two of 111 takes of one more are above. */
static const float LIMIT_CUT = 0.35F;
/* Times the steps shortly before and behind: the calmer side, and the other. The shaken clip, at
 * all rates and phases, has 14 where the busier side is below half, and 20 in 20 spliced
 * recordings that are generated have a step above both. */
static const float LIMIT_CUT_CALMER = 20;
static const float LIMIT_CUT_BUSIER = 3;
static const float LIMIT_JUMPED = 0.2F;
/* Widths of the face, and widths a second. */
static const float LIMIT_FACE_STEP = 0.5F;
static const float LIMIT_FACE_SPEED = 3;
static const float LIMIT_FACE_GROWTH = 1.6F;
/* Correlation of the noise where the picture has moved. Live clips: -0.05 to 0.17, one 0.33;
 * with constant noise of 1.3 levels: 0.4 to 0.8. */
static const float LIMIT_GRAIN_FREE = 0.2F;
static const float LIMIT_GRAIN_CONSTANT = 0.5F;

/* Unevenness of what is around the face over the face's. */
static const float LIMIT_PATCHED_FREE = 0.1F;
static const float LIMIT_PATCHED = 0.2F;

#endif
