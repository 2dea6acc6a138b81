#include "pnp.h"

#include "imi/face_measure.h"
#include "portrait.h"
#include "solve.h"

#include <math.h>

enum { UNKNOWNS = 6, STEPS = 20 };

/* Steps so small that more of them change nothing: degrees and centimetres. */
static const double DONE = 1e-5;
/* By which derivatives are taken: degrees and centimetres. */
static const double NUDGE = 1e-3;

/* Yaw, pitch and roll in degrees; the middle of the eyes in centimetres. */
typedef struct pose {
    double value[UNKNOWNS];
} pose;

static imi_gen_turn turn_of(const pose *p)
{
    return (imi_gen_turn){p->value[0], p->value[1], p->value[2]};
}

static imi_gen_point place_of(const pose *p)
{
    return (imi_gen_point){p->value[3], p->value[4], p->value[5]};
}

/* In space, of a mesh seen unturned: the middle of the eyes, or a point beside it. */
static imi_gen_point lift(const imi_gen_lens *lens, imi_point3 at, double depth_cm)
{
    return (imi_gen_point){(at.x - lens->centre_x) / lens->focal_px * depth_cm,
                           (at.y - lens->centre_y) / lens->focal_px * depth_cm, depth_cm};
}

static imi_point3 eyes_of(const imi_landmarks *mesh)
{
    imi_point3 right = imi_face_right_eye(mesh);
    imi_point3 left = imi_face_left_eye(mesh);
    return (imi_point3){(right.x + left.x) / 2, (right.y + left.y) / 2, (right.z + left.z) / 2};
}

static double cm_per_px(const imi_landmarks *mesh)
{
    return IMI_GEN_EYES_CM / imi_face_inter_eye_distance(mesh);
}

pnp_model pnp_model_of(const imi_gen_lens *lens, const imi_landmarks *mesh)
{
    pnp_model model;
    imi_point3 eyes = eyes_of(mesh);
    double scale = cm_per_px(mesh);
    double distance_cm = lens->focal_px * scale;
    imi_gen_point origin = lift(lens, eyes, distance_cm);
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        imi_point3 p = mesh->points[i];
        double depth_cm = distance_cm + (p.z - eyes.z) * scale;
        model.point[i] = imi_gen_subtract(lift(lens, p, depth_cm), origin);
    }
    return model;
}

/* A pose, ready to be used on many points. */
typedef struct stand {
    imi_gen_matrix turn;
    imi_gen_point place;
} stand;

static stand stand_at(const pose *p)
{
    return (stand){imi_gen_matrix_of(turn_of(p)), place_of(p)};
}

static imi_gen_seen see(const imi_gen_lens *lens, const stand *at, imi_gen_point point)
{
    return imi_gen_project(lens, imi_gen_add(imi_gen_rotate(&at->turn, point), at->place));
}

/* The poses beside one, each by one unknown, and behind them itself. */
static void stand_beside(const pose *now, stand out[UNKNOWNS + 1])
{
    for (int i = 0; i < UNKNOWNS; i++) {
        pose beside = *now;
        beside.value[i] += NUDGE;
        out[i] = stand_at(&beside);
    }
    out[UNKNOWNS] = stand_at(now);
}

/* One point's two rows of the equations for the next step. */
static void add_point(const imi_gen_lens *lens, const stand stands[UNKNOWNS + 1],
                      imi_gen_point point, imi_point3 seen, imi_normal_equations *equations)
{
    imi_gen_seen here = see(lens, &stands[UNKNOWNS], point);
    double across[UNKNOWNS];
    double down[UNKNOWNS];
    for (int i = 0; i < UNKNOWNS; i++) {
        imi_gen_seen there = see(lens, &stands[i], point);
        across[i] = (there.x - here.x) / NUDGE;
        down[i] = (there.y - here.y) / NUDGE;
    }
    imi_normal_add(equations, across, seen.x - here.x, 1);
    imi_normal_add(equations, down, seen.y - here.y, 1);
}

/* How far the pose moved; NaN when the points do not say where to. */
static double improve(const imi_gen_lens *lens, const pnp_model *model, const imi_landmarks *mesh,
                      const imi_mesh_subset *subset, pose *now)
{
    imi_normal_equations equations;
    double step[UNKNOWNS];
    stand stands[UNKNOWNS + 1];
    stand_beside(now, stands);
    imi_normal_init(&equations, UNKNOWNS);
    for (uint32_t k = 0; k < subset->count; k++) {
        unsigned i = subset->index[k];
        add_point(lens, stands, model->point[i], mesh->points[i], &equations);
    }
    if (!imi_normal_solve(&equations, step)) {
        return NAN;
    }
    double squares = 0;
    for (int i = 0; i < UNKNOWNS; i++) {
        now->value[i] += step[i];
        squares += step[i] * step[i];
    }
    return sqrt(squares);
}

bool pnp_solve(const imi_gen_lens *lens, const pnp_model *model, const imi_landmarks *mesh,
               const imi_mesh_subset *subset, imi_gen_turn *out)
{
    imi_gen_point at = lift(lens, eyes_of(mesh), lens->focal_px * cm_per_px(mesh));
    pose now = {{0, 0, 0, at.x, at.y, at.z}};
    double moved = INFINITY;
    for (int i = 0; i < STEPS && moved > DONE; i++) {
        moved = improve(lens, model, mesh, subset, &now);
    }
    *out = turn_of(&now);
    return moved <= DONE;
}
