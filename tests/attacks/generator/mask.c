#include "mask.h"
#include "expression.h"
#include "relief.h"

#include <math.h>

struct imi_gen_mask {
    const imi_gen_portrait *portrait;
    imi_gen_medium medium;
    imi_gen_point rest[IMI_MESH_POINTS];
    imi_point texture_at[IMI_MESH_POINTS];
    imi_gen_triangle triangles[IMI_GEN_TRIANGLES_MAX];
    size_t count;
    imi_gen_point placed[IMI_MESH_POINTS];
};

/* Centimetres from eyes to mask: it lies on the nose. */
static const double MASK_BEFORE_CM = 3.4;

static bool is_hole(const imi_gen_triangle *triangle)
{
    return imi_gen_is_lid(triangle->corner[0]) && imi_gen_is_lid(triangle->corner[1]) &&
           imi_gen_is_lid(triangle->corner[2]);
}

static void bend_mask(imi_gen_mask *mask, double radius_cm)
{
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        const imi_point3 *p = &mask->portrait->mesh.points[i];
        mask->texture_at[i] = (imi_point){p->x, p->y};
        imi_gen_point flat = imi_gen_relief_point(mask->portrait, mask->texture_at[i], 0);
        double angle = flat.x / radius_cm;
        mask->rest[i] = (imi_gen_point){radius_cm * sin(angle), flat.y,
                                        radius_cm * (1 - cos(angle)) - MASK_BEFORE_CM};
    }
}

imi_status imi_gen_mask_new(const imi_gen_portrait *portrait, double radius_cm,
                            const imi_gen_medium *medium, imi_gen_mask **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_gen_mask) mask = imi_alloc(sizeof *mask);
    if (mask == NULL || !(radius_cm > 0)) {
        IMI_FAIL(err, mask == NULL ? IMI_E_NO_MEMORY : IMI_E_INVALID_ARGUMENT,
                 "a mask needs memory and a radius above 0");
    }
    mask->portrait = portrait;
    mask->medium = *medium;
    bend_mask(mask, radius_cm);
    size_t count = 0;
    IMI_TRY(imi_gen_triangulate(mask->texture_at, IMI_MESH_POINTS, mask->triangles, &count, err));
    for (size_t i = 0; i < count; i++) {
        if (!is_hole(&mask->triangles[i])) {
            mask->triangles[mask->count++] = mask->triangles[i];
        }
    }
    *out = IMI_STEAL(&mask);
    return IMI_OK;
}

void imi_gen_mask_destroy(imi_gen_mask **mask)
{
    if (mask != NULL && *mask != NULL) {
        imi_wipe(*mask, sizeof **mask);
        imi_free(*mask);
        *mask = NULL;
    }
}

void imi_gen_mask_draw(imi_gen_mask *mask, const imi_gen_pose *pose, const imi_gen_lens *lens,
                       imi_gen_canvas *canvas)
{
    imi_gen_matrix turn = imi_gen_matrix_of(pose->turn);
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        mask->placed[i] = imi_gen_relief_place(mask->rest[i], 1, &turn, pose);
    }
    imi_gen_surface surface = {
        .points = mask->placed,
        .texture_at = mask->texture_at,
        .triangles = mask->triangles,
        .triangle_count = mask->count,
        .texture = mask->portrait->image,
        .medium = &mask->medium,
    };
    imi_gen_canvas_draw(canvas, lens, &surface);
}
