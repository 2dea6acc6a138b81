#include "align.h"
#include "imi/face_measure.h"
#include "limits.h"
#include "two_view.h"
#include "watch_state.h"

#include <math.h>

imi_status imi_planarity_watch_new(imi_planarity_watch **out, imi_error *err)
{
    *out = imi_alloc(sizeof **out);
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a watch of planarity");
    }
    return IMI_OK;
}

void imi_planarity_watch_destroy(imi_planarity_watch **watch)
{
    if (watch != NULL && *watch != NULL) {
        imi_face_view_clean_up(&(*watch)->first.view);
        imi_face_view_clean_up(&(*watch)->farthest.view);
        imi_wipe(*watch, sizeof **watch);
        imi_free(*watch);
        *watch = NULL;
    }
}

/* ---- key views ---- */

static bool is_frontal(const imi_landmarks *mesh)
{
    imi_head_pose pose = imi_face_head_pose(mesh);
    return fabsf(pose.yaw_deg) <= LIMIT_FRONTAL_YAW_DEG &&
           fabsf(pose.pitch_deg) <= LIMIT_FRONTAL_PITCH_DEG &&
           fabsf(pose.roll_deg) <= LIMIT_FRONTAL_ROLL_DEG;
}

/* Moves the view in. */
static void set_key_view(imi_key_view *key, imi_face_view *take_view)
{
    imi_face_view_clean_up(&key->view);
    *key = (imi_key_view){.known = true, .view = *take_view};
    *take_view = (imi_face_view){.block = NULL};
    imi_face_view_find_corners(&key->view);
}

/* ---- pairs ---- */

static float mesh_ratio(const imi_landmarks *from, const imi_landmarks *to,
                        const imi_mesh_subset *upper)
{
    imi_view_change change = imi_mesh_compare_views(from, to, upper);
    return logf(change.plane.residual / hypotf(change.solid.residual, LIMIT_MESH_NOISE));
}

/* Matches about their middles and in one unit. */
static void normalise(imi_match *matches, uint32_t count, double unit)
{
    imi_match mean = {0, 0, 0, 0};
    for (uint32_t i = 0; i < count; i++) {
        mean.from_x += matches[i].from_x / count;
        mean.from_y += matches[i].from_y / count;
        mean.to_x += matches[i].to_x / count;
        mean.to_y += matches[i].to_y / count;
    }
    for (uint32_t i = 0; i < count; i++) {
        imi_match *m = &matches[i];
        *m = (imi_match){(m->from_x - mean.from_x) / unit, (m->from_y - mean.from_y) / unit,
                         (m->to_x - mean.to_x) / unit, (m->to_y - mean.to_y) / unit};
    }
}

/* sheet_miss: what bent paper is forgiven, in inter-eye distances. */
static float tracks_ratio(const imi_face_view *from, const imi_face_view *to, double sheet_miss)
{
    imi_match matches[IMI_VIEW_CORNERS];
    uint32_t count = imi_align_corners(from, to, matches);
    double unit = imi_face_inter_eye_distance(&to->mesh) / to->factor;
    normalise(matches, count, unit);
    imi_two_view found;
    if (!imi_two_view_compare(matches, count, LIMIT_NOISE_PX / unit, &found)) {
        return NAN;
    }
    return (float)log(found.sheet / hypot(hypot(found.solid, found.noise), sheet_miss));
}

static bool is_other_view(const imi_solid_fit *last, const imi_solid_fit *now)
{
    return !(fabsf(last->yaw_deg - now->yaw_deg) < LIMIT_VIEW_DEG) ||
           !(fabsf(last->pitch_deg - now->pitch_deg) < LIMIT_VIEW_DEG) ||
           !(fabsf(logf(last->scale / now->scale)) < LIMIT_VIEW_SCALE);
}

/* In which way does this view differ enough, and from which key view? */
static imi_pair_kind choose_pair(const imi_planarity_watch *watch, const imi_solid_fit *now,
                                 const imi_key_view **key_out)
{
    *key_out = &watch->first;
    if (fabsf(now->yaw_deg) <= LIMIT_PAIR_NEAR_YAW_DEG &&
        fabsf(now->pitch_deg) <= LIMIT_PAIR_NEAR_PITCH_DEG) {
        if (now->scale >= LIMIT_PAIR_SCALE * watch->farthest_scale) {
            *key_out = watch->farthest.known ? &watch->farthest : &watch->first;
            return IMI_PAIR_NEAR;
        }
        if (now->scale * LIMIT_PAIR_SCALE <= 1) {
            return IMI_PAIR_NEAR;
        }
    }
    if (fabsf(now->yaw_deg) >= LIMIT_PAIR_TURN_DEG &&
        fabsf(now->yaw_deg) >= fabsf(now->pitch_deg)) {
        return now->yaw_deg > 0 ? IMI_PAIR_LEFT : IMI_PAIR_RIGHT;
    }
    if (fabsf(now->pitch_deg) >= LIMIT_PAIR_TURN_DEG) {
        return now->pitch_deg > 0 ? IMI_PAIR_UP : IMI_PAIR_DOWN;
    }
    return IMI_PAIR_KINDS;
}

static void compare(imi_planarity_watch *watch, const imi_solid_fit *now, const imi_face_view *view)
{
    const imi_key_view *key;
    imi_pair_kind kind = choose_pair(watch, now, &key);
    if (kind == IMI_PAIR_KINDS) {
        return;
    }
    bool other = is_other_view(&watch->last[kind], now);
    if (other) {
        watch->last[kind] = *now;
    }
    bool receding = kind == IMI_PAIR_NEAR && now->scale < 1 && key == &watch->first;
    float ratio = receding ? mesh_ratio(&view->mesh, &key->view.mesh, &watch->upper)
                           : mesh_ratio(&key->view.mesh, &view->mesh, &watch->upper);
    imi_pair_samples_add(&watch->mesh[kind], ratio, other);
    /* A sheet that only comes nearer bends its picture too little to need forgiving. */
    double sheet_miss = kind == IMI_PAIR_NEAR ? 0 : LIMIT_SHEET_MISS;
    imi_pair_samples_add(&watch->tracks[kind], tracks_ratio(&key->view, view, sheet_miss), other);
}

/* ---- frames ---- */

static void begin(imi_planarity_watch *watch, imi_face_view *take_view)
{
    set_key_view(&watch->first, take_view);
    imi_mesh_upper_face(&watch->first.view.mesh, &watch->upper);
    watch->farthest_scale = 1;
}

/* May move the view's pixels into the watch. */
static void look(imi_planarity_watch *watch, imi_face_view *view)
{
    bool frontal = is_frontal(&view->mesh);
    if (!watch->first.known) {
        if (frontal) {
            begin(watch, view);
        }
        return;
    }
    imi_solid_fit now = imi_mesh_fit_solid(&watch->first.view.mesh, &view->mesh, &watch->upper);
    if (!isfinite(now.residual)) {
        return;
    }
    compare(watch, &now, view);
    if (frontal && now.scale < LIMIT_FARTHER * watch->farthest_scale) {
        watch->farthest_scale = now.scale;
        set_key_view(&watch->farthest, view);
    }
}

imi_status imi_planarity_watch_feed(imi_planarity_watch *watch, int64_t at_ms,
                                    const imi_image *image, const imi_landmarks *landmarks,
                                    imi_error *err)
{
    (void)at_ms; /* poses tell views apart, not times */
    if (watch == NULL || image == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a watch of planarity needs images");
    }
    if (landmarks == NULL || !(imi_face_inter_eye_distance(landmarks) >= LIMIT_FACE_PX)) {
        return IMI_OK;
    }
    imi_face_view view;
    IMI_TRY(imi_face_view_take(image, landmarks, &view, err));
    if (view.block != NULL) {
        look(watch, &view);
    }
    imi_face_view_clean_up(&view);
    return IMI_OK;
}

/* ---- report ---- */

static imi_finding make_finding(imi_planarity_summary summary)
{
    if (!summary.measured) {
        return (imi_finding){.measured = false};
    }
    return (imi_finding){
        .measured = true,
        .score = summary.score,
        .uncertainty = summary.uncertainty,
    };
}

void imi_planarity_watch_report(const imi_planarity_watch *watch, imi_findings *findings)
{
    findings->layer[IMI_LAYER_GEOMETRY] = make_finding(imi_pair_kinds_summarise(watch->mesh));
    /* Matches hardly tell a bent sheet that comes nearer from a stiff head. */
    findings->layer[IMI_LAYER_PARALLAX] = make_finding(imi_pair_turns_summarise(watch->tracks));
}
