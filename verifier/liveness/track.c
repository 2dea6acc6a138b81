#include "track.h"

#include "imi/memory.h"
#include "imi/planarity.h"
#include "limits.h"

#include <math.h>

enum { GAP_CREDIT_MS = 1000 }; /* a longer absence allows no larger jump */

void imi_liveness_track_reset(imi_liveness_track *track)
{
    imi_wipe(track, sizeof *track);
}

static imi_point mesh_centre(const imi_landmarks *mesh)
{
    double x = 0;
    double y = 0;
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        x += mesh->points[i].x;
        y += mesh->points[i].y;
    }
    return (imi_point){(float)(x / IMI_MESH_POINTS), (float)(y / IMI_MESH_POINTS)};
}

static bool is_near(const imi_liveness_sample *last, const imi_liveness_sample *now)
{
    int64_t gap_ms = now->at_ms - last->at_ms;
    float seconds = (float)(gap_ms < GAP_CREDIT_MS ? gap_ms : GAP_CREDIT_MS) / 1000;
    imi_point a = mesh_centre(&last->landmarks);
    imi_point b = mesh_centre(&now->landmarks);
    float unit = (last->inter_eye_px + now->inter_eye_px) / 2;
    float step = hypotf(b.x - a.x, b.y - a.y) / unit;
    float growth = fabsf(logf(now->inter_eye_px / last->inter_eye_px));
    return step <= LIMIT_CENTRE_STEP + LIMIT_CENTRE_SPEED * seconds &&
           growth <= LIMIT_SCALE_STEP + LIMIT_SCALE_SPEED * seconds;
}

/* How much the 3-D shape differs, beyond what turning alone does to the mesh. */
static float shape_step(const imi_liveness_sample *last, const imi_liveness_sample *now)
{
    imi_mesh_subset upper;
    imi_mesh_upper_face(&last->landmarks, &upper);
    imi_solid_fit fit = imi_mesh_fit_solid(&last->landmarks, &now->landmarks, &upper);
    float turned_deg = fabsf(fit.yaw_deg) + fabsf(fit.pitch_deg);
    return fit.residual - LIMIT_SHAPE_STEP_PER_DEG * turned_deg;
}

/* Count frames that repeat the one before. */
static void watch_stillness(imi_liveness_track *track, const imi_liveness_sample *now)
{
    double sum = 0;
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        double dx = now->landmarks.points[i].x - track->last.landmarks.points[i].x;
        double dy = now->landmarks.points[i].y - track->last.landmarks.points[i].y;
        sum += dx * dx + dy * dy;
    }
    double moved = sqrt(sum / IMI_MESH_POINTS) / now->inter_eye_px;
    if (moved >= LIMIT_STILL_STEP) {
        track->still_count = 0;
    } else if (track->still_count++ == 0) {
        track->still_since_ms = track->last.at_ms;
    }
}

static imi_track_state miss(const imi_liveness_track *track, int64_t at_ms)
{
    if (!track->seen) {
        return IMI_TRACK_EMPTY;
    }
    return at_ms - track->last.at_ms > LIMIT_FACE_GAP_MS ? IMI_TRACK_LOST : IMI_TRACK_GAP;
}

/* A frame that does not continue the track: a slip of the detector, or a jump. */
static imi_track_state jump(imi_liveness_track *track, bool same_shape)
{
    if (++track->outliers < LIMIT_OUTLIERS) {
        return IMI_TRACK_GAP;
    }
    return same_shape ? IMI_TRACK_LOST : IMI_TRACK_OTHER;
}

imi_track_state imi_liveness_track_feed(imi_liveness_track *track, int64_t at_ms,
                                        const imi_liveness_sample *sample)
{
    if (sample == NULL) {
        return miss(track, at_ms);
    }
    if (track->seen) {
        if (at_ms - track->last.at_ms > LIMIT_FACE_GAP_MS) {
            return IMI_TRACK_LOST;
        }
        float step = shape_step(&track->last, sample);
        if (!(step <= LIMIT_SHAPE_STEP) || !is_near(&track->last, sample)) {
            return jump(track, step <= LIMIT_SHAPE_JUMP);
        }
        watch_stillness(track, sample);
    }
    track->seen = true;
    track->outliers = 0;
    track->last = *sample;
    bool frozen =
        track->still_count >= LIMIT_STILL_FRAMES && at_ms - track->still_since_ms >= LIMIT_STILL_MS;
    return frozen ? IMI_TRACK_STILL : IMI_TRACK_ON;
}
