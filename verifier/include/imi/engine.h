/**
 * The engine: from an image to a judged face and a template. One per worker.
 */
#ifndef IMI_ENGINE_H
#define IMI_ENGINE_H

#include "imi/compare.h"
#include "imi/quality.h"
#include "imi/vision.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct imi_engine imi_engine;
struct imi_text_reader;
struct imi_card_finder;

/** Parts; all borrowed and outliving the engine. What is optional may be absent. */
typedef struct imi_engine_parts {
    imi_detector *detector; /* required */
    imi_detector *cross_check; /* optional: second opinion on how many faces there are */
    imi_landmarker *landmarker; /* required */
    imi_extractor *const *extractors; /* required, at least one */
    size_t extractor_count;
    imi_pad *const *pads; /* optional */
    size_t pad_count;
    /* Optional: only carried, for who reads documents on the same worker (imi/document.h). */
    struct imi_text_reader *text_reader;
    struct imi_card_finder *card_finder;
} imi_engine_parts;

/**
 * Put an engine together.
 *
 * Errors: IMI_E_INVALID_ARGUMENT if a required part is missing, IMI_E_NO_MEMORY.
 */
IMI_MUST_USE imi_status imi_engine_new(const imi_engine_parts *parts, imi_engine **out,
                                       imi_error *err);
/** Free the engine, not its parts; accepts NULL, nulls the pointer. */
void imi_engine_destroy(imi_engine **engine);
IMI_AUTO_DEFINE(imi_engine, imi_engine_destroy)

/** The parts that read documents, as they were given; NULL if absent. */
struct imi_text_reader *imi_engine_text_reader(const imi_engine *engine);
struct imi_card_finder *imi_engine_card_finder(const imi_engine *engine);

/** All that is known of the (one) face in an image. */
typedef struct imi_face {
    imi_capture_reason reason; /* IMI_CAPTURE_OK: fit for this kind of use */
    imi_face_box box; /* valid unless NO_FACE */
    imi_landmarks landmarks; /* valid unless NO_FACE */
    imi_quality quality; /* valid unless NO_FACE */
} imi_face;

/**
 * Find, measure and judge the face.
 *
 * Errors: only when a model cannot run; a poor image is a reason, not an error.
 */
IMI_MUST_USE imi_status imi_engine_analyse(imi_engine *engine, const imi_image *image,
                                           imi_capture_kind kind, imi_face *out, imi_error *err);

/**
 * The same for the next frame of a capture: the mesh is looked for where the frame before had it,
 * and the detector runs only when it is not there, or when look_around is set, as it must be now
 * and then, because a second face is only found by looking.
 *
 * previous: of the frame before; NULL or without a face: the same as imi_engine_analyse.
 */
IMI_MUST_USE imi_status imi_engine_follow(imi_engine *engine, const imi_image *image,
                                          const imi_face *previous, bool look_around,
                                          imi_capture_kind kind, imi_face *out, imi_error *err);

/** Template of an analysed face: every extractor, averaged over the chip and its mirror image. */
IMI_MUST_USE imi_status imi_engine_extract(imi_engine *engine, const imi_image *image,
                                           const imi_face *face, imi_template *out, imi_error *err);

/**
 * The same, and how alike the templates of chip and mirror image are, as their cosine: faces that
 * an extractor sees well look the same to it both ways. It is what imi_quality_matchability asks
 * for, and NaN unless the model is the one that its prediction was fitted to.
 */
IMI_MUST_USE imi_status imi_engine_extract_measured(imi_engine *engine, const imi_image *image,
                                                    const imi_face *face, imi_template *out,
                                                    float *mirror_agreement_out, imi_error *err);

/**
 * Passive presentation attack score of an analysed face: the mean over the PAD models.
 * Errors: IMI_E_UNSUPPORTED when the engine has none; out is then NaN.
 */
IMI_MUST_USE imi_status imi_engine_assess_pad(imi_engine *engine, const imi_image *image,
                                              const imi_face *face, float *bona_fide_score_out,
                                              imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
