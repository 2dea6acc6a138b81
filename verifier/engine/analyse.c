/*
 * From an image to a judged face: by looking for it, or by following it from the frame before.
 */
#include "engine_internal.h"
#include "find_face.h"

#include "imi/face_measure.h"

#include <math.h>

/* Below this the landmarker itself says that its crop holds no face. */
static const float PRESENCE_MIN = 0.5F;

/* A face that is followed moves and grows less than this from one frame to the next; a mesh that
 * did more has slipped off. In inter-eye distances, and as a ratio. A head that turns or comes
 * near does not do half of it in the 200 ms between judged frames. */
static const float STEP_MAX = 1.5F;
static const float GROWTH_MAX = 1.4F;
/* From this overlap on the detector's face is the one that was followed. */
static const float SAME_FACE_OVERLAP = 0.3F;

static void set_no_face(imi_face *out)
{
    *out = (imi_face){.reason = IMI_CAPTURE_NO_FACE};
    out->quality.unified = NAN;
}

/* Landmarks and measures of the face in a region. The box of out is the caller's. */
static imi_status measure(imi_engine *engine, const imi_image *image, const imi_face_box *region,
                          imi_face *out, imi_error *err)
{
    imi_landmarker *landmarker = engine->parts.landmarker;
    IMI_TRY(landmarker->locate(landmarker, image, region, &out->landmarks, err));
    if (!(out->landmarks.presence >= PRESENCE_MIN)) {
        set_no_face(out);
        return IMI_OK;
    }
    imi_status status = imi_quality_measure(image, &out->landmarks, &out->quality, err);
    /* A mesh without extent is not an error of ours: no face can be followed in it. */
    if (status == IMI_E_INVALID_ARGUMENT) {
        set_no_face(out);
        return IMI_OK;
    }
    return status;
}

static imi_status measure_found(imi_engine *engine, const imi_image *image,
                                const imi_found_face *found, imi_capture_kind kind, imi_face *out,
                                imi_error *err)
{
    imi_face face = {.box = found->box};
    IMI_TRY(measure(engine, image, &found->box, &face, err));
    if (face.reason != IMI_CAPTURE_NO_FACE) {
        face.quality.face_count = found->count;
        face.reason = imi_quality_judge(&face.quality, kind);
    }
    *out = face;
    return IMI_OK;
}

imi_status imi_engine_analyse(imi_engine *engine, const imi_image *image, imi_capture_kind kind,
                              imi_face *out, imi_error *err)
{
    set_no_face(out);
    IMI_TRY(imi_engine_check_image(image, err));
    imi_found_face found;
    IMI_TRY(imi_find_face(&engine->parts, image, kind, &found, err));
    return found.count == 0 ? IMI_OK : measure_found(engine, image, &found, kind, out, err);
}

/* ---- Following ---- */

/* The region of a mesh, which is what the landmarker's own crops are made around. */
static imi_face_box region_of(const imi_landmarks *mesh)
{
    imi_point low = {INFINITY, INFINITY};
    imi_point high = {-INFINITY, -INFINITY};
    for (size_t i = 0; i < IMI_MESH_POINTS; i++) {
        low.x = fminf(low.x, mesh->points[i].x);
        low.y = fminf(low.y, mesh->points[i].y);
        high.x = fmaxf(high.x, mesh->points[i].x);
        high.y = fmaxf(high.y, mesh->points[i].y);
    }
    return (imi_face_box){low.x, low.y, high.x - low.x, high.y - low.y, 0};
}

static imi_point centre_of(const imi_face_box *box)
{
    return (imi_point){box->left + box->width / 2, box->top + box->height / 2};
}

/* The detector's box carried along: it keeps its place and size relative to the eyes, as what is
 * judged in it has been measured with boxes of the detector. */
static imi_face_box carry_box(const imi_face *previous, const imi_face *now)
{
    imi_face_box from = region_of(&previous->landmarks);
    imi_face_box to = region_of(&now->landmarks);
    float scale = now->quality.inter_eye_distance_px / previous->quality.inter_eye_distance_px;
    imi_point before = centre_of(&from), after = centre_of(&to), box = centre_of(&previous->box);
    imi_point centre = {after.x + scale * (box.x - before.x), after.y + scale * (box.y - before.y)};
    float width = scale * previous->box.width;
    float height = scale * previous->box.height;
    return (imi_face_box){centre.x - width / 2, centre.y - height / 2, width, height,
                          previous->box.confidence};
}

/* Comparisons are written so that NaN fails them. */
static bool continues(const imi_face *previous, const imi_face *now)
{
    float unit = previous->quality.inter_eye_distance_px;
    float growth = now->quality.inter_eye_distance_px / unit;
    imi_face_box from = region_of(&previous->landmarks);
    imi_face_box to = region_of(&now->landmarks);
    imi_point a = centre_of(&from), b = centre_of(&to);
    return hypotf(b.x - a.x, b.y - a.y) <= STEP_MAX * unit && growth <= GROWTH_MAX &&
           growth >= 1 / GROWTH_MAX;
}

/* Look where the mesh was. Without success nothing is written. */
static imi_status follow_mesh(imi_engine *engine, const imi_image *image, const imi_face *previous,
                              imi_face *out, bool *followed_out, imi_error *err)
{
    *followed_out = false;
    imi_face_box region = region_of(&previous->landmarks);
    imi_face face = {.reason = IMI_CAPTURE_OK};
    IMI_TRY(measure(engine, image, &region, &face, err));
    if (face.reason != IMI_CAPTURE_NO_FACE && continues(previous, &face)) {
        face.box = carry_box(previous, &face);
        face.quality.face_count = previous->quality.face_count;
        *out = face;
        *followed_out = true;
    }
    return IMI_OK;
}

/* What the detector says holds, also that there is no face; of a face that was followed only the
 * box is new, so that the mesh does not jump with every look. */
static imi_status look_again(imi_engine *engine, const imi_image *image, const imi_face *previous,
                             imi_capture_kind kind, imi_face *out, imi_error *err)
{
    imi_found_face found;
    IMI_TRY(imi_find_face(&engine->parts, image, kind, &found, err));
    bool followed = false;
    if (found.count == 0) {
        return IMI_OK;
    }
    if (imi_face_box_overlap(&found.box, &previous->box) >= SAME_FACE_OVERLAP) {
        IMI_TRY(follow_mesh(engine, image, previous, out, &followed, err));
    }
    if (!followed) {
        return measure_found(engine, image, &found, kind, out, err);
    }
    out->box = found.box;
    out->quality.face_count = found.count;
    out->reason = imi_quality_judge(&out->quality, kind);
    return IMI_OK;
}

imi_status imi_engine_follow(imi_engine *engine, const imi_image *image, const imi_face *previous,
                             bool look_around, imi_capture_kind kind, imi_face *out, imi_error *err)
{
    if (previous == NULL || previous->reason == IMI_CAPTURE_NO_FACE) {
        return imi_engine_analyse(engine, image, kind, out, err);
    }
    set_no_face(out);
    IMI_TRY(imi_engine_check_image(image, err));
    if (look_around) {
        return look_again(engine, image, previous, kind, out, err);
    }
    bool followed = false;
    IMI_TRY(follow_mesh(engine, image, previous, out, &followed, err));
    if (!followed) {
        return imi_engine_analyse(engine, image, kind, out, err);
    }
    out->reason = imi_quality_judge(&out->quality, kind);
    return IMI_OK;
}
