/*
 * Finds the face that is meant. The detector is asked first, on the image as it is and, when it
 * finds nothing, with a border, as a face that fills the frame has no surroundings. When the
 * answer is in doubt (none, several, an unsure or oddly shaped one) the cross-check, which
 * hardly ever sees a face where there is none, decides.
 */
#include "find_face.h"

#include "canvas.h"

#include <math.h>

enum { FACES_MAX = 16 };

/* Sizes at which detectors do best: BlazeFace sees 256 pixels, HOG faces from 80 pixels on. */
enum { PORTRAIT_SIDE = 480, CROSS_CHECK_SIDE = 640 };

static const float PORTRAIT_BORDER = 0.2F;
static const float RETRY_BORDER = 0.5F;
/* Below this the detector's answer is in doubt. */
static const float SURE_CONFIDENCE = 0.75F;
/* A face is a little higher than wide; anything beyond these is no plain face. */
static const float ASPECT_MIN = 0.6F;
static const float ASPECT_MAX = 1.7F;
/* Two boxes that share more than this are one face. */
static const float SAME_FACE_OVERLAP = 0.3F;
/* A bystander is narrower than this share of the face that is meant. */
static const float COMPARABLE_WIDTH = 0.6F;

typedef struct faces {
    imi_face_box boxes[FACES_MAX];
    size_t count;
} faces;

static float area(const imi_face_box *box) {
    return box->width > 0 && box->height > 0 ? box->width * box->height : 0;
}

static float shared_length(float a, float a_size, float b, float b_size) {
    return fmaxf(fminf(a + a_size, b + b_size) - fmaxf(a, b), 0);
}

/* Intersection over union. */
static float overlap(const imi_face_box *a, const imi_face_box *b) {
    float common = shared_length(a->left, a->width, b->left, b->width) *
                   shared_length(a->top, a->height, b->top, b->height);
    float total = area(a) + area(b) - common;
    return total > 0 ? common / total : 0;
}

static bool is_sound(const imi_face_box *box) {
    return isfinite(box->left) && isfinite(box->top) && isfinite(box->width) &&
           isfinite(box->height) && box->width >= 1 && box->height >= 1;
}

static imi_status detect(imi_detector *detector, const imi_image *image, faces *out,
                         imi_error *err) {
    size_t count = 0;
    out->count = 0;
    IMI_TRY(detector->detect(detector, image, out->boxes, FACES_MAX, &count, err));
    for (size_t i = 0; i < count && i < FACES_MAX; i++) {
        if (is_sound(&out->boxes[i])) {
            out->boxes[out->count++] = out->boxes[i];
        }
    }
    return IMI_OK;
}

static imi_status detect_on_canvas(imi_detector *detector, const imi_image *image,
                                   uint32_t larger_side, float border, faces *out, imi_error *err) {
    IMI_AUTO_CANVAS canvas = {NULL, 1, 0};
    IMI_TRY(imi_canvas_init(&canvas, image, larger_side, border, err));
    IMI_TRY(detect(detector, canvas.image, out, err));
    imi_canvas_to_image(&canvas, out->boxes, out->count);
    return IMI_OK;
}

static imi_status detect_first(imi_detector *detector, const imi_image *image,
                               imi_capture_kind kind, faces *out, imi_error *err) {
    if (kind == IMI_CAPTURE_PORTRAIT) {
        IMI_TRY(detect_on_canvas(detector, image, PORTRAIT_SIDE, PORTRAIT_BORDER, out, err));
    } else {
        IMI_TRY(detect(detector, image, out, err));
    }
    if (out->count == 0) {
        IMI_TRY(detect_on_canvas(detector, image, PORTRAIT_SIDE, RETRY_BORDER, out, err));
    }
    return IMI_OK;
}

/* Large and near the middle: a bystander at the edge should not become the subject. */
static float prominence(const imi_face_box *box, const imi_image *image) {
    float x = (box->left + box->width / 2) / (float)image->width - 0.5F;
    float y = (box->top + box->height / 2) / (float)image->height - 0.5F;
    return area(box) / (1 + 4 * (x * x + y * y));
}

static size_t most_prominent(const faces *found, const imi_image *image) {
    size_t best = 0;
    for (size_t i = 1; i < found->count; i++) {
        if (prominence(&found->boxes[i], image) > prominence(&found->boxes[best], image)) {
            best = i;
        }
    }
    return best;
}

static bool is_comparable(const imi_face_box *other, const imi_face_box *meant) {
    return other->width >= COMPARABLE_WIDTH * meant->width &&
           overlap(other, meant) <= SAME_FACE_OVERLAP;
}

/* The prominent face and how many could as well be meant, itself included. */
static imi_found_face choose(const faces *found, const imi_image *image) {
    imi_found_face chosen = {.count = 0};
    if (found->count == 0) {
        return chosen;
    }
    chosen.box = found->boxes[most_prominent(found, image)];
    chosen.count = 1;
    for (size_t i = 0; i < found->count; i++) {
        chosen.count += is_comparable(&found->boxes[i], &chosen.box) ? 1 : 0;
    }
    return chosen;
}

static bool is_in_doubt(const imi_found_face *chosen) {
    float aspect = chosen->box.width / fmaxf(chosen->box.height, 1);
    return chosen->count != 1 || !(chosen->box.confidence >= SURE_CONFIDENCE) ||
           !(aspect >= ASPECT_MIN && aspect <= ASPECT_MAX);
}

static const imi_face_box *confirmation_of(const imi_face_box *box, const faces *checked) {
    for (size_t i = 0; i < checked->count; i++) {
        if (overlap(box, &checked->boxes[i]) > SAME_FACE_OVERLAP) {
            return &checked->boxes[i];
        }
    }
    return NULL;
}

/*
 * Settle the doubt. Several faces stay several unless the cross-check sees at most one of them;
 * an unsure face gives way to one that the cross-check is sure of elsewhere.
 */
static imi_found_face settle(const faces *found, const faces *checked, const imi_image *image) {
    if (checked->count == 0) {
        imi_found_face chosen = choose(found, image);
        return chosen;
    }
    faces confirmed = {.count = 0};
    for (size_t i = 0; i < found->count; i++) {
        if (confirmation_of(&found->boxes[i], checked) != NULL) {
            confirmed.boxes[confirmed.count++] = found->boxes[i];
        }
    }
    return choose(confirmed.count > 0 ? &confirmed : checked, image);
}

imi_status imi_find_face(const imi_engine_parts *parts, const imi_image *image,
                         imi_capture_kind kind, imi_found_face *out, imi_error *err) {
    *out = (imi_found_face){.count = 0};
    faces found;
    IMI_TRY(detect_first(parts->detector, image, kind, &found, err));
    imi_found_face chosen = choose(&found, image);
    if (parts->cross_check != NULL && is_in_doubt(&chosen)) {
        faces checked;
        float border = kind == IMI_CAPTURE_PORTRAIT ? PORTRAIT_BORDER : 0;
        IMI_TRY(
            detect_on_canvas(parts->cross_check, image, CROSS_CHECK_SIDE, border, &checked, err));
        chosen = settle(&found, &checked, image);
    }
    *out = chosen;
    return IMI_OK;
}
