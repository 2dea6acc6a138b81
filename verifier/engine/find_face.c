/*
 * Finds the face that is meant. The detector is asked first; when its answer is in doubt (no
 * face, several, an unsure or oddly shaped one), the cross-check decides, which hardly ever sees
 * a face where there is none.
 */
#include "find_face.h"

#include "imi/face_measure.h"

#include <math.h>

enum { FACES_MAX = 16 };

/* Below this the detector's answer is in doubt. */
static const float SURE_CONFIDENCE = 0.75F;
/* A face is a little higher than wide; anything beyond these is no plain face. */
static const float ASPECT_MIN = 0.6F;
static const float ASPECT_MAX = 1.7F;
/* Two boxes that share more than this are one face. */
static const float SAME_FACE_OVERLAP = 0.3F;
/* A bystander is narrower than this share of the face that is meant. */
static const float COMPARABLE_WIDTH = 0.6F;
/* On a portrait somebody has put the subject in the middle: a face that matters less than this
 * share of the subject, by size and place, is a bystander even at the same size. */
static const float COMPARABLE_PROMINENCE = 0.5F;
/* How fast a face loses prominence towards the edge: a fifth remains there. */
static const float CENTRE_PULL = 16;

typedef struct faces {
    imi_face_box boxes[FACES_MAX];
    size_t count;
} faces;

static float area(const imi_face_box *box)
{
    return box->width > 0 && box->height > 0 ? box->width * box->height : 0;
}

static bool is_sound(const imi_face_box *box)
{
    return isfinite(box->left) && isfinite(box->top) && isfinite(box->width) &&
           isfinite(box->height) && box->width >= 1 && box->height >= 1;
}

static imi_status detect(imi_detector *detector, const imi_image *image, faces *out, imi_error *err)
{
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

/* Large and near the middle: a bystander at the edge should not become the subject. */
static float prominence(const imi_face_box *box, const imi_image *image)
{
    float x = (box->left + box->width / 2) / (float)image->width - 0.5F;
    float y = (box->top + box->height / 2) / (float)image->height - 0.5F;
    return area(box) / (1 + CENTRE_PULL * (x * x + y * y));
}

static size_t most_prominent(const faces *found, const imi_image *image)
{
    size_t best = 0;
    for (size_t i = 1; i < found->count; i++) {
        if (prominence(&found->boxes[i], image) > prominence(&found->boxes[best], image)) {
            best = i;
        }
    }
    return best;
}

/* Whether a second face could as well be meant. */
static bool is_comparable(const imi_face_box *other, const imi_face_box *meant,
                          const imi_image *image, imi_capture_kind kind)
{
    if (imi_face_box_overlap(other, meant) > SAME_FACE_OVERLAP ||
        other->width < COMPARABLE_WIDTH * meant->width) {
        return false;
    }
    return kind != IMI_CAPTURE_PORTRAIT ||
           prominence(other, image) >= COMPARABLE_PROMINENCE * prominence(meant, image);
}

static imi_found_face choose(const faces *found, const imi_image *image, imi_capture_kind kind)
{
    imi_found_face chosen = {.count = 0};
    if (found->count == 0) {
        return chosen;
    }
    chosen.box = found->boxes[most_prominent(found, image)];
    chosen.count = 1;
    for (size_t i = 0; i < found->count; i++) {
        chosen.count += is_comparable(&found->boxes[i], &chosen.box, image, kind) ? 1 : 0;
    }
    return chosen;
}

static bool is_in_doubt(const imi_found_face *chosen)
{
    float aspect = chosen->box.width / fmaxf(chosen->box.height, 1);
    return chosen->count != 1 || !(chosen->box.confidence >= SURE_CONFIDENCE) ||
           !(aspect >= ASPECT_MIN && aspect <= ASPECT_MAX);
}

static bool is_confirmed(const imi_face_box *box, const faces *checked)
{
    for (size_t i = 0; i < checked->count; i++) {
        if (imi_face_box_overlap(box, &checked->boxes[i]) > SAME_FACE_OVERLAP) {
            return true;
        }
    }
    return false;
}

/*
 * Settle the doubt. A face counts that the detector is sure of, as the cross-check sees frontal
 * faces only and the wrong person must not be verified; an unsure one counts if the cross-check
 * sees it too, and else gives way to one that it sees elsewhere.
 */
static imi_found_face settle(const faces *found, const faces *checked, const imi_image *image,
                             imi_capture_kind kind)
{
    faces confirmed = {.count = 0};
    for (size_t i = 0; i < found->count; i++) {
        if (found->boxes[i].confidence >= SURE_CONFIDENCE ||
            is_confirmed(&found->boxes[i], checked)) {
            confirmed.boxes[confirmed.count++] = found->boxes[i];
        }
    }
    if (confirmed.count > 0) {
        return choose(&confirmed, image, kind);
    }
    return choose(checked->count > 0 ? checked : found, image, kind);
}

imi_status imi_find_face(const imi_engine_parts *parts, const imi_image *image,
                         imi_capture_kind kind, imi_found_face *out, imi_error *err)
{
    *out = (imi_found_face){.count = 0};
    faces found;
    IMI_TRY(detect(parts->detector, image, &found, err));
    imi_found_face chosen = choose(&found, image, kind);
    if (parts->cross_check != NULL && is_in_doubt(&chosen)) {
        faces checked;
        IMI_TRY(detect(parts->cross_check, image, &checked, err));
        chosen = settle(&found, &checked, image, kind);
    }
    *out = chosen;
    return IMI_OK;
}
