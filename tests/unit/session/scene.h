/**
 * Synthetic camera images that say in their pixels what a detector, a landmarker and the other
 * models would find in them, and model parts that read it back. With these the whole service
 * runs without model weights, and every answer of a model can be scripted per image.
 */
#ifndef IMI_TESTS_SCENE_H
#define IMI_TESTS_SCENE_H

#include "imi/document_vision.h"
#include "imi/engine.h"
#include "imi/image.h"

enum { SCENE_WIDTH = 640, SCENE_HEIGHT = 480, SCENE_MODEL_DIM = 32, SCENE_ZONE_LINES = 3 };

#define SCENE_MODEL_ID "scene@000000000001"

/** What an image shows. */
typedef struct scene {
    uint32_t faces; /* 0, 1 or 2 */
    uint32_t person; /* 0 to 30: whose face */
    float unlikeness_deg; /* 0 to 90: angle between the template and the person's ideal one */
    float distance; /* of the camera, in inter-eye distances; about 8 at arm's length */
    float yaw_deg; /* -80 to 80 */
    float mouth; /* opening, in inter-eye distances: 0 to 1 */
    float eyes; /* eye aspect ratio, 0 to 1 */
    float pad_score; /* 0 to 1; above 1 the PAD model gives NaN */
    bool flat; /* a photo of a face: no depth */
    bool dark; /* too dark to be compared */
    bool wide_box; /* the detector's box is so wide that a cut around it is the whole image */
    uint32_t seed; /* noise of pixels and landmarks; 0 to 16383 */
} scene;

/** A person at arm's length who looks at the camera. */
scene scene_neutral(uint32_t person);

/** Draw; must succeed. */
imi_image *scene_draw(const scene *what);
/** Draw as a JPEG, appended to out; must succeed. */
void scene_draw_jpeg(const scene *what, imi_buffer *out);

/** A JPEG whose header is sound and whose picture ends half way. */
void scene_draw_broken_jpeg(const scene *what, imi_buffer *out);

/** True while this thread draws: tests that let memory run out spare the test's own. */
extern _Thread_local bool tl_scene_is_drawing;

/** Model parts that read scenes. */
typedef struct scene_models {
    imi_detector detector;
    imi_landmarker landmarker;
    imi_extractor extractor;
    imi_extractor *extractors[1];
    imi_pad pad;
    imi_pad *pads[1];
    imi_text_reader reader; /* reads the zone off every image; read NULL: there is no reader */
    const char *zone[SCENE_ZONE_LINES]; /* NULL ends them */
    bool reader_is_broken;
} scene_models;

void scene_models_init(scene_models *models);
/** Engine of these parts, with or without PAD. */
imi_status scene_engine_new(scene_models *models, bool with_pad, imi_engine **out, imi_error *err);

#endif
