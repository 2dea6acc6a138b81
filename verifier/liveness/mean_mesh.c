#include "mean_mesh.h"

#include "imi/memory.h"
#include "imi/planarity.h"

void imi_mean_mesh_reset(imi_mean_mesh *mean)
{
    imi_wipe(mean, sizeof *mean);
}

static imi_point3 scaled(imi_point3 p, float factor)
{
    return (imi_point3){p.x * factor, p.y * factor, p.z * factor};
}

void imi_mean_mesh_add(imi_mean_mesh *mean, const imi_landmarks *view, float keep)
{
    if (!(mean->weight > 0)) {
        mean->model = *view;
    }
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        mean->sum.points[i] = scaled(mean->sum.points[i], keep);
    }
    imi_mesh_add_aligned(&mean->sum, &mean->model, view);
    mean->weight = keep * mean->weight + 1;
}

void imi_mean_mesh_get(const imi_mean_mesh *mean, imi_landmarks *out)
{
    *out = mean->model;
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        out->points[i] = scaled(mean->sum.points[i], 1 / mean->weight);
    }
}
