/**
 * A head in space: the mesh of a still as a textured relief, with a shell of hair, ears and neck
 * behind its outline and the still's background far behind, so that coming nearer and turning
 * change its picture as they change a person's.
 */
#ifndef IMI_GENERATOR_HEAD_H
#define IMI_GENERATOR_HEAD_H

#include "portrait.h"
#include "raster.h"

/** How somebody, or what they hold, is before the camera. */
typedef struct imi_gen_pose {
    double x_cm, y_cm; /* of the middle of the eyes, right and below of the lens's axis */
    double distance_cm; /* from lens to eyes */
    imi_gen_turn turn;
    double mouth; /* 0 closed to 1 wide open */
    double blink; /* 0 open to 1 closed */
} imi_gen_pose;

typedef struct imi_gen_head imi_gen_head;

/**
 * Make the head of a person.
 *
 * skin: whose face it wears, blended in colour; NULL: its own. A face swap.
 * Ownership: both are borrowed and outlive the head.
 */
IMI_MUST_USE imi_status imi_gen_head_new(const imi_gen_portrait *person,
                                         const imi_gen_portrait *skin, imi_gen_head **out,
                                         imi_error *err);
void imi_gen_head_destroy(imi_gen_head **head);
IMI_AUTO_DEFINE(imi_gen_head, imi_gen_head_destroy)

/** Where the mesh's points are in space. Shape: out holds IMI_MESH_POINTS. */
void imi_gen_head_place(const imi_gen_head *head, const imi_gen_pose *pose, imi_gen_point *out);
/** Draw head and background. */
void imi_gen_head_draw(imi_gen_head *head, const imi_gen_pose *pose, const imi_gen_lens *lens,
                       imi_gen_canvas *canvas);

#endif
