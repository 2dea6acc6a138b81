#include "head.h"

#include "expression.h"
#include "relief.h"

#include <math.h>

/*
 * Points: the mesh, then rings around its outline. The still was taken from far away; every
 * point keeps its place in that view while its depth is chosen, so that from there the relief
 * looks as the still does.
 */
enum {
    ANGLES = 40,
    RINGS = 8,
    SHELL_RINGS = 4, /* of the head; the others are background */
    POINTS = IMI_MESH_POINTS + RINGS * ANGLES
};

/* Rings by the outline's radius; centimetres behind the outline. Upwards and aside there is the
 * head, which is as deep as wide, and then a wall; below there are neck and shoulders. */
static const double RING_SCALE[RINGS] = {1.08, 1.25, 1.5, 1.85, 2.05, 2.6, 4, 9};
static const double HEAD_DEPTH_CM[RINGS] = {0.8, 3, 7, 11, 60, 60, 60, 60};
static const double NECK_DEPTH_CM[RINGS] = {2, 4.5, 6, 6, 5, 5, 6, 8};
static const double NECK_SHARE[RINGS] = {0.9, 0.6, 0.3, 0.1, 0, 0, 0, 0};
/* Below this an open mouth is the line between the lips, which the still shows. */
static const double MOUTH_SHUT = 0.06;
static const double NECK_JAW[RINGS] = {0.8, 0.4, 0.1, 0, 0, 0, 0, 0};

struct imi_gen_head {
    const imi_gen_portrait *person;
    const imi_image *face_texture; /* borrowed, or swapped */
    imi_image *swapped; /* owned; NULL: its own face */
    imi_image *throat; /* what an open mouth shows */
    bool teeth_shown; /* the still's mouth is open: its inside is texture */
    imi_gen_point rest[POINTS];
    double follows[POINTS]; /* share of the head's turns */
    double jaw[POINTS]; /* share of the jaw's drop, of rings */
    imi_point person_at[POINTS]; /* texture */
    imi_point face_at[POINTS];
    imi_gen_triangle face[IMI_GEN_TRIANGLES_MAX], shell[IMI_GEN_TRIANGLES_MAX];
    imi_gen_triangle mouth[IMI_GEN_TRIANGLES_MAX];
    size_t face_count, shell_count, mouth_count;
    imi_gen_point placed[POINTS];
};

static double eye_depth(const imi_landmarks *mesh)
{
    return (mesh->points[IMI_MESH_RIGHT_EYE_OUTER].z + mesh->points[IMI_MESH_LEFT_EYE_OUTER].z +
            mesh->points[IMI_MESH_RIGHT_EYE_INNER].z + mesh->points[IMI_MESH_LEFT_EYE_INNER].z) /
           4;
}

static void set_mesh(imi_gen_head *head, const imi_gen_portrait *skin)
{
    const imi_landmarks *mesh = &head->person->mesh;
    double middle = eye_depth(mesh);
    double cm_per_px = IMI_GEN_EYES_CM / IMI_GEN_EYES_PX;
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        head->person_at[i] = (imi_point){mesh->points[i].x, mesh->points[i].y};
        head->face_at[i] = (imi_point){skin->mesh.points[i].x, skin->mesh.points[i].y};
    }
    imi_gen_fit_lids(head->person_at);
    imi_gen_fit_lids(head->face_at);
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        const imi_point3 *p = &mesh->points[i];
        head->rest[i] =
            imi_gen_relief_point(head->person, head->person_at[i], (p->z - middle) * cm_per_px);
        head->follows[i] = 1;
    }
}

/* Where the hull is crossed in a direction from the middle, and how deep it is there. */
typedef struct crossing {
    double radius_px, depth_cm;
} crossing;

static crossing cross_outline(const imi_gen_head *head, const uint16_t *hull, size_t count,
                              imi_point middle, double dx, double dy)
{
    for (size_t i = 0; i < count; i++) {
        uint16_t a = hull[i];
        uint16_t b = hull[(i + 1) % count];
        double ax = head->person_at[a].x - middle.x;
        double ay = head->person_at[a].y - middle.y;
        double bx = head->person_at[b].x - middle.x;
        double by = head->person_at[b].y - middle.y;
        double before = dx * ay - dy * ax;
        double behind = dx * by - dy * bx;
        if ((before < 0) == (behind < 0)) {
            continue;
        }
        double share = before / (before - behind);
        double x = ax + share * (bx - ax);
        double y = ay + share * (by - ay);
        if (x * dx + y * dy > 0) {
            return (crossing){hypot(x, y),
                              head->rest[a].z + share * (head->rest[b].z - head->rest[a].z)};
        }
    }
    return (crossing){IMI_GEN_EYES_PX, 4};
}

static void set_ring_point(imi_gen_head *head, unsigned ring, unsigned angle, imi_point middle,
                           const crossing *outline, double dx, double dy)
{
    unsigned i = IMI_MESH_POINTS + ring * ANGLES + angle;
    double radius = outline->radius_px * RING_SCALE[ring];
    double neck = imi_gen_ramp(dy, 0.45, 0.85);
    double depth = HEAD_DEPTH_CM[ring] + neck * (NECK_DEPTH_CM[ring] - HEAD_DEPTH_CM[ring]);
    head->person_at[i] =
        (imi_point){middle.x + (float)(radius * dx), middle.y + (float)(radius * dy)};
    head->face_at[i] = head->person_at[i];
    head->rest[i] =
        imi_gen_relief_point(head->person, head->person_at[i], outline->depth_cm + depth);
    double head_share = ring < SHELL_RINGS ? 1 : 0;
    head->follows[i] = head_share + neck * (NECK_SHARE[ring] - head_share);
    head->jaw[i] = neck * NECK_JAW[ring];
}

static void set_rings(imi_gen_head *head)
{
    uint16_t hull[IMI_MESH_POINTS];
    size_t count = imi_gen_hull(head->person_at, IMI_MESH_POINTS, hull);
    imi_point top = head->person_at[IMI_MESH_FOREHEAD_TOP];
    imi_point chin = head->person_at[IMI_MESH_CHIN];
    imi_point middle = {(top.x + chin.x) / 2, (top.y + chin.y) / 2};
    for (unsigned angle = 0; angle < ANGLES; angle++) {
        double turn = 6.283185307179586 * angle / ANGLES;
        double dx = cos(turn);
        double dy = sin(turn);
        crossing outline = cross_outline(head, hull, count, middle, dx, dy);
        for (unsigned ring = 0; ring < RINGS; ring++) {
            set_ring_point(head, ring, angle, middle, &outline, dx, dy);
        }
    }
}

static void sort_triangle(imi_gen_head *head, imi_gen_triangle triangle)
{
    unsigned lips = 0;
    unsigned mesh = 0;
    for (int k = 0; k < 3; k++) {
        lips += imi_gen_is_inner_lip(triangle.corner[k]) ? 1 : 0;
        mesh += triangle.corner[k] < IMI_MESH_POINTS ? 1 : 0;
    }
    if (lips == 3) {
        head->mouth[head->mouth_count++] = triangle;
    } else if (mesh == 3) {
        head->face[head->face_count++] = triangle;
    } else {
        head->shell[head->shell_count++] = triangle;
    }
}

/* Triangles are found with mouth and eyes wide open: shut, their edges would be mixed up. */
static imi_status connect(imi_gen_head *head, imi_error *err)
{
    imi_gen_point open[IMI_MESH_POINTS];
    imi_copy(open, head->rest, sizeof open);
    imi_gen_express(open, 0.5, -0.3);
    imi_point flat[POINTS];
    double px_per_cm = IMI_GEN_EYES_PX / IMI_GEN_EYES_CM;
    for (unsigned i = 0; i < POINTS; i++) {
        flat[i] = head->person_at[i];
        if (i < IMI_MESH_POINTS) {
            flat[i].y += (float)((open[i].y - head->rest[i].y) * px_per_cm);
        } else {
            flat[i].y += (float)(head->jaw[i] * imi_gen_jaw_drop_cm(0.5) * px_per_cm);
        }
    }
    imi_gen_triangle *all = imi_alloc_array(IMI_GEN_TRIANGLES_MAX, sizeof *all);
    if (all == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a head's triangles");
    }
    size_t count = 0;
    imi_status status = imi_gen_triangulate(flat, POINTS, all, &count, err);
    for (size_t i = 0; i < count; i++) {
        sort_triangle(head, all[i]);
    }
    imi_free(all);
    return status;
}

/* The inside of a mouth: dark, reddish. */
static imi_status make_throat(imi_image **out, imi_error *err)
{
    static const uint8_t RGB[3] = {58, 26, 24};
    IMI_TRY(imi_image_new(4, 4, IMI_PIXEL_RGB8, out, err));
    for (uint32_t y = 0; y < 4; y++) {
        for (uint32_t x = 0; x < 4; x++) {
            imi_copy((*out)->pixels + (size_t)y * (*out)->stride_bytes + (size_t)3 * x, RGB, 3);
        }
    }
    return IMI_OK;
}

static bool shows_teeth(const imi_landmarks *mesh)
{
    double gap =
        mesh->points[IMI_MESH_LOWER_LIP_INNER].y - mesh->points[IMI_MESH_UPPER_LIP_INNER].y;
    return gap > 0.06 * IMI_GEN_EYES_PX;
}

imi_status imi_gen_head_new(const imi_gen_portrait *person, const imi_gen_portrait *skin,
                            imi_gen_head **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_gen_head) head = imi_alloc(sizeof *head);
    if (head == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a head");
    }
    head->person = person;
    head->face_texture = person->image;
    if (skin != NULL) {
        IMI_TRY(imi_gen_portrait_recolour(skin, person, &head->swapped, err));
        head->face_texture = head->swapped;
    }
    const imi_gen_portrait *worn = skin != NULL ? skin : person;
    head->teeth_shown = shows_teeth(&worn->mesh);
    IMI_TRY(make_throat(&head->throat, err));
    set_mesh(head, worn);
    set_rings(head);
    IMI_TRY(connect(head, err));
    *out = IMI_STEAL(&head);
    return IMI_OK;
}

void imi_gen_head_destroy(imi_gen_head **head)
{
    if (head == NULL || *head == NULL) {
        return;
    }
    imi_image_destroy(&(*head)->swapped);
    imi_image_destroy(&(*head)->throat);
    imi_wipe(*head, sizeof **head);
    imi_free(*head);
    *head = NULL;
}

void imi_gen_head_place(const imi_gen_head *head, const imi_gen_pose *pose, imi_gen_point *out)
{
    imi_gen_matrix turn = imi_gen_matrix_of(pose->turn);
    imi_copy(out, head->rest, IMI_MESH_POINTS * sizeof *out);
    imi_gen_express(out, pose->mouth, pose->blink);
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        out[i] = imi_gen_relief_place(out[i], head->follows[i], &turn, pose);
    }
}

static void place_rings(imi_gen_head *head, const imi_gen_pose *pose)
{
    imi_gen_matrix turn = imi_gen_matrix_of(pose->turn);
    for (unsigned i = IMI_MESH_POINTS; i < POINTS; i++) {
        imi_gen_point rest = head->rest[i];
        rest.y += head->jaw[i] * imi_gen_jaw_drop_cm(pose->mouth);
        head->placed[i] = imi_gen_relief_place(rest, head->follows[i], &turn, pose);
    }
}

void imi_gen_head_draw(imi_gen_head *head, const imi_gen_pose *pose, const imi_gen_lens *lens,
                       imi_gen_canvas *canvas)
{
    static const imi_point DARK[POINTS];
    imi_gen_head_place(head, pose, head->placed);
    place_rings(head, pose);
    imi_gen_surface surface = {
        .points = head->placed,
        .texture_at = head->face_at,
        .triangles = head->face,
        .triangle_count = head->face_count,
        .texture = head->face_texture,
    };
    imi_gen_canvas_draw(canvas, lens, &surface);
    surface.triangles = head->mouth;
    surface.triangle_count = head->mouth_count;
    if (!head->teeth_shown && pose->mouth > MOUTH_SHUT) {
        surface.texture = head->throat;
        surface.texture_at = DARK;
    }
    imi_gen_canvas_draw(canvas, lens, &surface);
    surface.texture = head->person->image;
    surface.texture_at = head->person_at;
    surface.triangles = head->shell;
    surface.triangle_count = head->shell_count;
    imi_gen_canvas_draw(canvas, lens, &surface);
}
