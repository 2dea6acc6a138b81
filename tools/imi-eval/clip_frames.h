/**
 * Frames of video clips as a phone would send them, spread over each clip.
 */
#ifndef IMI_EVAL_CLIP_FRAMES_H
#define IMI_EVAL_CLIP_FRAMES_H

#include "gather.h"

/** A clip. */
typedef struct eval_clip {
    char *path;
    char *name; /* of the file, without its ending */
    char *subject; /* who it shows */
    size_t frames; /* that the file holds */
    size_t step; /* every so many of them are looked at */
    size_t first, count; /* those, among eval_clips.samples */
} eval_clip;

typedef struct eval_clips {
    eval_clip *clips;
    size_t count;
    eval_sample *samples; /* of the frames looked at, in order of clip and time */
    imi_buffer *jpegs; /* behind them */
    size_t sample_count, capacity;
} eval_clips;

#define AUTO_EVAL_CLIPS __attribute__((cleanup(eval_clips_clean_up))) eval_clips

/**
 * Find the clips: a folder, each of whose files mp4, webm, mkv and mov shows another person, or
 * a list (file,subject) whose files lie beside it. They come in order of name.
 *
 * Errors: IMI_E_NOT_FOUND, IMI_E_INVALID_ARGUMENT for fewer than two people: then nobody is a
 *         stranger.
 */
IMI_MUST_USE imi_status eval_clips_find(const char *from, eval_clips *out, imi_error *err);
/**
 * Decode them: every step-th frame as a JPEG, step being at least `every` and so large that a
 * clip has at most `most` frames.
 *
 * Errors: IMI_E_UNSUPPORTED where this program was built without video.
 */
IMI_MUST_USE imi_status eval_clips_decode(eval_clips *clips, size_t every, size_t most,
                                          imi_error *err);
void eval_clips_clean_up(eval_clips *clips);

#endif
