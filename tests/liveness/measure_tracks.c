/*
 * measure_tracks TRACK...
 *
 * Prints what the limits of verifier/liveness/limits.h are chosen from: for every track, how
 * frames that turn and frames that come nearer fit a plane and a solid, and how much the face
 * moves and changes from one frame to the next. The baseline is learned from its first frames.
 * The turns are also told by PnP, as if the picture were 60 degrees wide.
 */
#include "baseline.h"
#include "evidence.h"
#include "pose_judges.h"
#include "track_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { VALUES_MAX = 4096 };

/* Values of one measure, for their percentiles. */
typedef struct series {
    const char *name;
    float values[VALUES_MAX];
    unsigned count;
} series;

static void note(series *s, float value)
{
    if (s->count < VALUES_MAX && isfinite(value)) {
        s->values[s->count++] = value;
    }
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a;
    float y = *(const float *)b;
    return (x > y) - (x < y);
}

static void print_series(series *s)
{
    if (s->count == 0) {
        return;
    }
    qsort(s->values, s->count, sizeof *s->values, compare_floats);
    printf("  %-26s %4u frames: least %8.4f, 5 %% %8.4f, median %8.4f, 95 %% %8.4f, most %8.4f\n",
           s->name, s->count, (double)s->values[0], (double)s->values[s->count / 20],
           (double)s->values[s->count / 2], (double)s->values[s->count - 1 - s->count / 20],
           (double)s->values[s->count - 1]);
}

typedef struct measures {
    series turn_yaw, turn_pnp, turn_plane, turn_solidity;
    series near_growth, near_plane, near_solidity, near_depth;
    series moved, shape_step;
} measures;

static void compare(const imi_landmarks *from, const imi_landmarks *to,
                    const imi_mesh_subset *upper, series *plane, series *solidity, series *depth)
{
    imi_liveness_evidence evidence = {0};
    imi_liveness_evidence_add(&evidence, 0, from, to, upper);
    imi_liveness_finding finding = imi_liveness_evidence_weigh(&evidence, 1);
    note(plane, finding.plane);
    note(solidity, finding.solidity);
    if (depth != NULL) {
        note(depth, finding.depth);
    }
}

static void measure_step(const imi_liveness_sample *last, const imi_liveness_sample *now,
                         measures *m)
{
    double sum = 0;
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        double dx = now->landmarks.points[i].x - last->landmarks.points[i].x;
        double dy = now->landmarks.points[i].y - last->landmarks.points[i].y;
        sum += dx * dx + dy * dy;
    }
    note(&m->moved, (float)sqrt(sum / IMI_MESH_POINTS) / now->inter_eye_px);
    imi_mesh_subset upper;
    imi_mesh_upper_face(&last->landmarks, &upper);
    note(&m->shape_step, imi_mesh_fit_solid(&last->landmarks, &now->landmarks, &upper).residual);
}

static float turn_by_pnp(const imi_seen_frame *frame, const imi_landmarks *frontal)
{
    pose_known known = {.lens = imi_gen_lens_of(frame->width, frame->height)};
    pose_rest rest = pose_rest_of(frontal);
    return (float)fabs(pose_judge_turn(POSE_PNP, &known, &rest, &frame->landmarks).yaw_deg);
}

/* The farthest facing view so far: what near ones are compared with. */
typedef struct far_view {
    float scale;
    imi_landmarks mesh;
} far_view;

static void measure_reading(const imi_seen_frame *frame, const imi_liveness_baseline *baseline,
                            const imi_liveness_reading *reading, far_view *far, measures *m)
{
    const imi_landmarks *mesh = &reading->sample->landmarks;
    if (fabsf(reading->yaw_deg) >= LIMIT_TURN_DEG) {
        note(&m->turn_yaw, fabsf(reading->yaw_deg));
        note(&m->turn_pnp, turn_by_pnp(frame, &baseline->mesh));
        compare(&baseline->mesh, mesh, &baseline->upper, &m->turn_plane, &m->turn_solidity, NULL);
        return;
    }
    if (!(far->scale > 0) || reading->scale < far->scale) {
        far->scale = reading->scale;
        far->mesh = *mesh;
    }
    float growth = reading->scale / far->scale;
    if (growth >= LIMIT_NEAR_SCALE && fabsf(reading->pitch_deg) <= LIMIT_NEAR_PITCH_DEG) {
        note(&m->near_growth, growth);
        compare(&far->mesh, mesh, &baseline->upper, &m->near_plane, &m->near_solidity,
                &m->near_depth);
    }
}

static bool take(const imi_seen_frame *frame, imi_liveness_sample *out)
{
    imi_observation observation = {.captured_at_ms = frame->at_ms,
                                   .image_width = frame->width,
                                   .image_height = frame->height,
                                   .reason = frame->reason,
                                   .box = &frame->box,
                                   .landmarks = &frame->landmarks};
    return imi_liveness_sample_take(&observation, out) && out->whole;
}

static void measure(const imi_seen_track *track, measures *m)
{
    static imi_liveness_baseline baseline;
    static imi_liveness_sample samples[2];
    static far_view far;
    imi_liveness_baseline_reset(&baseline);
    far.scale = 0;
    int64_t last_ms = INT64_MIN / 2;
    for (size_t i = 0; i < track->count; i++) {
        imi_liveness_sample *now = &samples[i % 2];
        imi_liveness_reading reading;
        if (!take(&track->frames[i], now)) {
            last_ms = INT64_MIN / 2;
            continue;
        }
        if (now->at_ms - last_ms <= 200) {
            measure_step(&samples[(i + 1) % 2], now, m);
        }
        last_ms = now->at_ms;
        if (!baseline.known) {
            imi_liveness_baseline_learn(&baseline, now);
        } else if (imi_liveness_baseline_read(&baseline, now, &reading)) {
            measure_reading(&track->frames[i], &baseline, &reading, &far, m);
        }
    }
}

static measures g_measures = {
    .turn_yaw = {.name = "turned: yaw, degrees"},
    .turn_pnp = {.name = "turned: by PnP, degrees"},
    .turn_plane = {.name = "turned: plane residual"},
    .turn_solidity = {.name = "turned: solidity"},
    .near_growth = {.name = "nearer: growth"},
    .near_plane = {.name = "nearer: plane residual"},
    .near_solidity = {.name = "nearer: solidity"},
    .near_depth = {.name = "nearer: depth gain"},
    .moved = {.name = "frame to frame: movement"},
    .shape_step = {.name = "frame to frame: shape"},
};

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        imi_error err = IMI_ERROR_INIT;
        IMI_AUTO(imi_seen_track) track = NULL;
        if (imi_seen_track_load(argv[i], &track, &err) != IMI_OK) {
            fprintf(stderr, "measure_tracks: %s\n", err.message);
            return 3;
        }
        series *all[] = {&g_measures.turn_yaw,      &g_measures.turn_pnp,    &g_measures.turn_plane,
                         &g_measures.turn_solidity, &g_measures.near_growth, &g_measures.near_plane,
                         &g_measures.near_solidity, &g_measures.near_depth,  &g_measures.moved,
                         &g_measures.shape_step};
        measure(track, &g_measures);
        printf("%s\n", argv[i]);
        for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) {
            print_series(all[k]);
            all[k]->count = 0;
        }
    }
    return 0;
}
