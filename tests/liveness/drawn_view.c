#include "drawn_view.h"

#include "drawn_portrait.h"

const imi_gen_lens DRAWN_LENS = {554, 319.5, 239.5};

static double px_per_cm(const imi_gen_pose *pose)
{
    return DRAWN_LENS.focal_px / pose->distance_cm;
}

static imi_gen_portrait *portrait; /* while a group of tests runs */
static imi_gen_head *head;

int drawn_set_up(void **state)
{
    (void)state;
    portrait = drawn_portrait_new(0);
    return imi_gen_head_new(portrait, NULL, &head, NULL) == IMI_OK ? 0 : -1;
}

int drawn_tear_down(void **state)
{
    (void)state;
    imi_gen_head_destroy(&head);
    imi_gen_portrait_destroy(&portrait);
    return 0;
}

imi_landmarks drawn_head_view(const imi_gen_pose *pose)
{
    imi_gen_point points[IMI_MESH_POINTS];
    imi_landmarks mesh = {.presence = 1};
    imi_gen_head_place(head, pose, points);
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        imi_gen_seen seen = imi_gen_project(&DRAWN_LENS, points[i]);
        double depth = (points[i].z - pose->distance_cm) * px_per_cm(pose);
        mesh.points[i] = (imi_point3){(float)seen.x, (float)seen.y, (float)depth};
    }
    return mesh;
}

imi_landmarks drawn_photo_view(const imi_gen_pose *pose)
{
    const imi_gen_pose frontal = {.distance_cm = pose->distance_cm};
    imi_landmarks mesh = drawn_head_view(&frontal);
    imi_gen_matrix turn = imi_gen_matrix_of(pose->turn);
    double cm_per_px = IMI_GEN_EYES_CM / IMI_GEN_EYES_PX;
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        const imi_point3 *p = &portrait->mesh.points[i];
        imi_gen_point at = {(p->x - portrait->eyes.x) * cm_per_px,
                            (p->y - portrait->eyes.y) * cm_per_px, 0};
        at = imi_gen_rotate(&turn, at);
        at.z += pose->distance_cm;
        imi_gen_seen seen = imi_gen_project(&DRAWN_LENS, at);
        mesh.points[i].x = (float)seen.x;
        mesh.points[i].y = (float)seen.y;
    }
    return mesh;
}
