/**
 * Templates of many images, made on all cores by the same engine as the server's.
 */
#ifndef IMI_EVAL_GATHER_H
#define IMI_EVAL_GATHER_H

#include "imi/engine.h"

/** One image. Zeroed, with a file or a JPEG, it is a photo that stands for itself. */
typedef struct eval_sample {
    const char *file; /* below the root; borrowed */
    const char *status; /* "ok", or why there is no template; static storage */
    imi_quality quality; /* of the face, if there is one */
    imi_template face_template;
    float mirror_agreement; /* imi_engine_extract_measured's */
    imi_view jpeg; /* the image itself; without bytes it is read from the file. Borrowed */
    imi_capture_kind kind; /* what it is judged as; 0 is IMI_CAPTURE_PORTRAIT */
    bool on_chip; /* made into what an identity card's chip holds before anything else */
} eval_sample;

typedef struct eval_gather_options {
    const char *root; /* required */
    const char *models; /* folder of the manifest; NULL: those that ship */
    size_t jobs; /* required: worker threads */
    bool quiet; /* no progress on standard error */
} eval_gather_options;

/**
 * Fill in the samples.
 *
 * Errors: a poor or unreadable image is a status of its sample; models that do not load or run
 *         fail the call.
 */
IMI_MUST_USE imi_status eval_gather(const eval_gather_options *options, eval_sample *samples,
                                    size_t count, imi_error *err);

/** Cores of this machine, the default number of jobs. */
size_t eval_cores(void);

#endif
