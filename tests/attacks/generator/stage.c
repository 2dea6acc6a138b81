#include "stage.h"

#include "mask.h"
#include "random.h"
#include "relief.h"
#include "sheet.h"

#include <math.h>

static const double TURN = 6.283185307179586;
/* At which pictures are taken and screens are held. */
static const double USUAL_CM = 48;

struct imi_gen_stage {
    imi_gen_stage_options options;
    const imi_gen_species_traits *traits;
    imi_gen_lens lens;
    imi_gen_lighting lighting;
    imi_gen_canvas *canvas;
    imi_gen_head *head; /* NULL: nobody is seen */
    imi_gen_head *swapped; /* the same head as a program paints it, from later_ms on */
    int64_t later_ms;
    imi_gen_canvas *painted;
    imi_gen_mask *mask;
    imi_gen_sheet *sheet;
    imi_gen_canvas *video; /* what a replay shows */
    imi_image *room;
    double size; /* of the picture's face on the sheet, by a real one */
    double room_cm;
    double bend_cm; /* as imi_gen_sheet_draw takes it */
    double tilt; /* of a sheet by the turn that is asked for */
    double phase;
    imi_gen_turn held; /* how the sheet was held in the last drawing */
    bool painted_now; /* the last drawing has a swapped face */
};

/* A print: 24 to 60 dots a centimetre, paper that is neither black nor white. */
static imi_gen_medium draw_print(imi_gen_random *random, double px_per_cm)
{
    double yellow = imi_gen_random_between(random, 0, 0.06);
    return (imi_gen_medium){
        .kind = IMI_GEN_PRINT,
        .cells_per_px = imi_gen_random_between(random, 24, 60) / px_per_cm,
        .depth = imi_gen_random_between(random, 0.5, 1),
        .contrast = imi_gen_random_between(random, 0.7, 0.86),
        .black = imi_gen_random_between(random, 12, 34),
        .tint = {1, 1 - yellow / 3, 1 - yellow},
        .glare = imi_gen_random_between(random, -60, 60),
        .glare_radius = imi_gen_random_between(random, 80, 260),
    };
}

/* A screen: 38 pixels a centimetre (desktop) to 160 (phone), glass before it. */
static imi_gen_medium draw_screen(imi_gen_random *random, double px_per_cm)
{
    double blue = imi_gen_random_between(random, -0.02, 0.08);
    return (imi_gen_medium){
        .kind = IMI_GEN_SCREEN,
        .cells_per_px = imi_gen_random_between(random, 38, 160) / px_per_cm,
        .depth = imi_gen_random_between(random, 0.6, 1),
        .contrast = imi_gen_random_between(random, 0.8, 1),
        .black = imi_gen_random_between(random, 4, 18),
        .tint = {1 - blue, 1 - blue / 3, 1},
        .glare = imi_gen_random_between(random, -40, 90),
        .glare_radius = imi_gen_random_between(random, 80, 300),
        .band = imi_gen_random_between(random, -0.04, 0.07),
        .band_period_px = imi_gen_random_between(random, 160, 700),
    };
}

static imi_status show_portrait(imi_gen_stage *stage, imi_gen_sheet_options *options,
                                imi_image **picture, imi_error *err)
{
    IMI_TRY(imi_gen_portrait_crop(stage->options.victim, picture, &options->eyes, err));
    options->width_px = (*picture)->width;
    options->height_px = (*picture)->height;
    options->px_per_cm = IMI_GEN_EYES_PX / (IMI_GEN_EYES_CM * stage->size);
    return IMI_OK;
}

/* A video: the person's picture was taken by a phone like this one at the usual distance. */
static imi_status show_video(imi_gen_stage *stage, imi_gen_sheet_options *options, imi_error *err)
{
    const imi_gen_stage_options *o = &stage->options;
    IMI_TRY(imi_gen_canvas_new(o->width, o->height, &stage->video, err));
    options->width_px = o->width;
    options->height_px = o->height;
    options->eyes = (imi_point){(float)o->width / 2, (float)o->height * 0.4F};
    options->px_per_cm = stage->lens.focal_px / (USUAL_CM * stage->size);
    return imi_gen_head_new(o->victim, NULL, &stage->head, err);
}

/* A film fills the view as it filled that of the camera that took it. */
static void show_film(const imi_gen_stage *stage, imi_gen_sheet_options *options)
{
    const imi_gen_film *film = stage->options.film;
    double camera_px = (double)stage->options.width / film->width; /* by a pixel of the film */
    options->width_px = film->width;
    options->height_px = film->height;
    options->eyes = (imi_point){film->calm.face_x * (float)film->width,
                                film->calm.face_y * (float)film->height};
    options->px_per_cm = stage->lens.focal_px / (USUAL_CM * stage->size * camera_px);
}

/* picture: a still; remains NULL where what is shown moves. */
static imi_status choose_picture(imi_gen_stage *stage, imi_gen_sheet_options *options,
                                 imi_image **picture, imi_error *err)
{
    if (stage->traits->film) {
        show_film(stage, options);
    } else if (stage->traits->video) {
        IMI_TRY(show_video(stage, options, err));
    } else {
        IMI_TRY(show_portrait(stage, options, picture, err));
    }
    return IMI_OK;
}

static imi_status make_sheet(imi_gen_stage *stage, imi_gen_random *random, imi_error *err)
{
    IMI_AUTO(imi_image) picture = NULL;
    imi_gen_sheet_options options = {.frame_px = 0};
    stage->size = imi_gen_random_between(random, stage->traits->screen ? 0.45 : 0.6, 1);
    IMI_TRY(choose_picture(stage, &options, &picture, err));
    options.frame_px = (uint32_t)imi_gen_random_between(random, 0, 60);
    options.frame_grey = stage->traits->screen ? (uint8_t)imi_gen_random_between(random, 8, 40)
                                               : (uint8_t)imi_gen_random_between(random, 205, 245);
    options.medium = stage->traits->screen ? draw_screen(random, options.px_per_cm)
                                           : draw_print(random, options.px_per_cm);
    IMI_TRY(imi_gen_sheet_new(&options, &stage->sheet, err));
    if (picture != NULL) {
        imi_gen_sheet_show(stage->sheet, picture);
    }
    /* A head's half width is 7 cm: sheets are bent from hardly to around such a cylinder. */
    double radius = imi_gen_random_between(random, 8, 20) * stage->size;
    bool level = imi_gen_random_between(random, 0, 1) < 0.25;
    stage->bend_cm = !stage->traits->bent ? 0 : level ? -1.5 * radius : radius;
    stage->tilt = imi_gen_random_between(random, 0.9, 1.8);
    return imi_gen_room_new(stage->options.seed, &stage->room, err);
}

static imi_status make_mask(imi_gen_stage *stage, imi_gen_random *random, imi_error *err)
{
    imi_gen_medium medium = draw_print(random, IMI_GEN_EYES_PX / IMI_GEN_EYES_CM);
    medium.picture_high = (imi_point){1e6F, 1e6F};
    double radius_cm = imi_gen_random_between(random, 8, 14);
    IMI_TRY(imi_gen_mask_new(stage->options.victim, radius_cm, &medium, &stage->mask, err));
    return imi_gen_head_new(stage->options.other, NULL, &stage->head, err);
}

/* One picture, of which the attacker moves the pixels; larger than the view, so that its edges are
 * not seen. */
static imi_status make_bitmap(imi_gen_stage *stage, imi_gen_random *random, imi_error *err)
{
    const imi_gen_stage_options *o = &stage->options;
    uint32_t width = o->width * 3 / 2;
    uint32_t height = o->height * 3 / 2;
    imi_gen_lens lens = {stage->lens.focal_px, (width - 1) / 2.0, (height - 1) / 2.0};
    imi_gen_sheet_options options = {
        .width_px = width,
        .height_px = height,
        .eyes = {(float)lens.centre_x, (float)lens.centre_y},
        .px_per_cm = lens.focal_px / USUAL_CM,
        .medium = {.kind = IMI_GEN_PRINT, .contrast = 1, .tint = {1, 1, 1}},
    };
    imi_gen_pose pose = {.distance_cm = USUAL_CM};
    IMI_AUTO(imi_gen_head) head = NULL;
    IMI_AUTO(imi_gen_canvas) picture = NULL;
    IMI_TRY(imi_gen_canvas_new(width, height, &picture, err));
    IMI_TRY(imi_gen_head_new(o->victim, NULL, &head, err));
    imi_gen_head_draw(head, &pose, &lens, picture);
    IMI_TRY(imi_gen_sheet_new(&options, &stage->sheet, err));
    imi_gen_sheet_show(stage->sheet, picture->image);
    stage->size = 1;
    stage->tilt = imi_gen_random_between(random, 0.9, 1.6);
    return imi_gen_room_new(o->seed, &stage->room, err);
}

static imi_status make_heads(imi_gen_stage *stage, imi_gen_random *random, imi_error *err)
{
    const imi_gen_stage_options *o = &stage->options;
    bool victim = stage->traits->face == IMI_GEN_FACE_VICTIM;
    bool later = stage->traits->face == IMI_GEN_FACE_SWAPPED_LATER;
    stage->later_ms = later ? (int64_t)imi_gen_random_between(random, 1500, 5000) : 0;
    if (later || stage->traits->face == IMI_GEN_FACE_SWAPPED) {
        IMI_TRY(imi_gen_canvas_new(o->width, o->height, &stage->painted, err));
        IMI_TRY(imi_gen_head_new(o->other, o->victim, &stage->swapped, err));
    }
    return imi_gen_head_new(victim ? o->victim : o->other, NULL, &stage->head, err);
}

static imi_status set_scene(imi_gen_stage *stage, imi_error *err)
{
    imi_gen_random random = imi_gen_random_of(stage->options.seed, "stage");
    stage->room_cm = imi_gen_random_between(&random, 90, 160);
    stage->phase = imi_gen_random_between(&random, 0, TURN);
    switch (stage->traits->carrier) {
    case IMI_GEN_CARRIER_SHEET:
        return make_sheet(stage, &random, err);
    case IMI_GEN_CARRIER_MASK:
        return make_mask(stage, &random, err);
    case IMI_GEN_CARRIER_BITMAP:
        return make_bitmap(stage, &random, err);
    case IMI_GEN_CARRIER_HEAD:
    default:
        return make_heads(stage, &random, err);
    }
}

imi_status imi_gen_stage_new(const imi_gen_stage_options *options, imi_gen_stage **out,
                             imi_error *err)
{
    *out = NULL;
    const imi_gen_species_traits *traits = imi_gen_species_traits_of(options->species);
    if (traits == NULL || options->victim == NULL || options->other == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a stage needs a species and two persons");
    }
    IMI_AUTO(imi_gen_stage) stage = imi_alloc(sizeof *stage);
    if (stage == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a stage");
    }
    if (traits->film && options->film == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s needs a clip of the victim", traits->name);
    }
    stage->options = *options;
    stage->traits = traits;
    stage->lens = imi_gen_lens_of(options->width, options->height);
    imi_gen_lighting_traits lighting = imi_gen_lighting_traits_of(options->seed);
    imi_gen_lighting_init(&stage->lighting, &lighting);
    IMI_TRY(imi_gen_canvas_new(options->width, options->height, &stage->canvas, err));
    IMI_TRY(set_scene(stage, err));
    *out = IMI_STEAL(&stage);
    return IMI_OK;
}

void imi_gen_stage_destroy(imi_gen_stage **stage)
{
    if (stage == NULL || *stage == NULL) {
        return;
    }
    imi_gen_canvas_destroy(&(*stage)->canvas);
    imi_gen_canvas_destroy(&(*stage)->video);
    imi_gen_canvas_destroy(&(*stage)->painted);
    imi_gen_head_destroy(&(*stage)->head);
    imi_gen_head_destroy(&(*stage)->swapped);
    imi_gen_mask_destroy(&(*stage)->mask);
    imi_gen_sheet_destroy(&(*stage)->sheet);
    imi_image_destroy(&(*stage)->room);
    imi_free(*stage);
    *stage = NULL;
}

const imi_gen_lens *imi_gen_stage_lens(const imi_gen_stage *stage)
{
    return &stage->lens;
}

imi_gen_build imi_gen_stage_build(const imi_gen_stage *stage)
{
    if (stage->head != NULL) {
        imi_gen_point mesh[IMI_MESH_POINTS];
        imi_gen_pose rest = {.distance_cm = 0};
        imi_gen_head_place(stage->head, &rest, mesh);
        return (imi_gen_build){mesh[IMI_MESH_FOREHEAD_TOP], mesh[IMI_MESH_CHIN], IMI_GEN_NECK, 1};
    }
    const imi_gen_portrait *portrait = stage->options.victim;
    const imi_point3 *p = portrait->mesh.points;
    double cm_per_px = IMI_GEN_EYES_CM / IMI_GEN_EYES_PX;
    return (imi_gen_build){
        .forehead = {0, (p[IMI_MESH_FOREHEAD_TOP].y - portrait->eyes.y) * cm_per_px, 0},
        .chin = {0, (p[IMI_MESH_CHIN].y - portrait->eyes.y) * cm_per_px, 0},
        .tilt = stage->tilt,
    };
}

/* The picture that a replay shows: the person acts in it, the camera moves in it. */
static void draw_video(imi_gen_stage *stage, const imi_gen_pose *pose)
{
    imi_gen_canvas_clear(stage->video);
    imi_gen_head_draw(stage->head, pose, &stage->lens, stage->video);
    imi_gen_sheet_show(stage->sheet, stage->video->image);
}

/* What is rendered does by itself what is asked: its screen hardly moves. */
static imi_gen_pose rest_of_video(const imi_gen_stage *stage)
{
    return (imi_gen_pose){
        .distance_cm = USUAL_CM,
        .y_cm = -(0.1 * stage->options.height * USUAL_CM / stage->lens.focal_px),
    };
}

void imi_gen_stage_show(imi_gen_stage *stage, const imi_image *picture)
{
    if (stage->traits->film) {
        imi_gen_sheet_show(stage->sheet, picture);
    }
}

imi_gen_pose imi_gen_stage_hold(const imi_gen_stage *stage, const imi_sim_view *view)
{
    const imi_gen_stage_options *o = &stage->options;
    double distance_cm = USUAL_CM / (double)view->zoom;
    double cm_per_px = distance_cm / stage->lens.focal_px;
    return (imi_gen_pose){
        .distance_cm = distance_cm,
        .x_cm = (view->about_x + view->shift_x - 0.5) * o->width * cm_per_px,
        .y_cm = (view->about_y + view->shift_y - 0.5) * o->height * cm_per_px,
    };
}

/* How the sheet is held so that its picture does what a face was asked to do. */
static imi_gen_pose hold_sheet(const imi_gen_stage *stage, const imi_gen_pose *pose, int64_t at_ms)
{
    imi_gen_pose held = *pose;
    double t = (double)at_ms / 1000;
    if (stage->traits->video) {
        imi_gen_pose rest = stage->traits->film ? *pose : rest_of_video(stage);
        held = (imi_gen_pose){
            .distance_cm = rest.distance_cm + 0.5 * sin(0.43 * t),
            .x_cm = rest.x_cm + 0.4 * sin(1.9 * t + stage->phase),
            .y_cm = rest.y_cm + 0.3 * sin(2.3 * t),
            .turn = {.yaw_deg = 2 * sin(stage->phase + t), .roll_deg = sin(t * 0.7)},
        };
    }
    held.turn.yaw_deg *= stage->tilt;
    held.turn.pitch_deg *= stage->tilt;
    if (stage->traits->waved && t > 2.5) {
        double grown = imi_gen_ramp(t, 2.5, 4);
        held.turn.yaw_deg += grown * 22 * sin(TURN * 0.31 * t + stage->phase);
        held.turn.pitch_deg += grown * 16 * sin(TURN * 0.23 * t + 2 * stage->phase);
        held.turn.roll_deg += grown * 9 * sin(TURN * 0.17 * t);
    }
    held.x_cm *= stage->size;
    held.y_cm *= stage->size;
    held.distance_cm *= stage->size;
    return held;
}

/* A lamp's reflection wanders as the sheet is tilted; a band rolls over a screen. */
static void light_sheet(imi_gen_stage *stage, const imi_gen_pose *held, int64_t at_ms)
{
    imi_gen_medium *medium = imi_gen_sheet_medium(stage->sheet);
    medium->band_phase = 0.37 * (double)at_ms / 1000 + stage->phase;
    medium->glare_at =
        (imi_point){(float)(300 + 260 * sin(stage->phase) - 14 * held->turn.yaw_deg),
                    (float)(300 + 300 * cos(stage->phase) + 14 * held->turn.pitch_deg)};
}

static void draw_sheet(imi_gen_stage *stage, const imi_gen_pose *pose, int64_t at_ms)
{
    if (stage->video != NULL) {
        draw_video(stage, pose);
    }
    imi_gen_pose held = hold_sheet(stage, pose, at_ms);
    stage->held = held.turn;
    light_sheet(stage, &held, at_ms);
    imi_gen_sheet_draw(stage->sheet, &held, stage->bend_cm, &stage->lens, stage->canvas);
    imi_gen_room_draw(stage->room, stage->room_cm, &stage->lens, stage->canvas);
}

/* The attacker before the camera and, once there is one, the face that replaces the own. */
static void draw_head(imi_gen_stage *stage, const imi_gen_pose *pose, int64_t at_ms,
                      imi_gen_picture *out)
{
    imi_gen_head_draw(stage->head, pose, &stage->lens, stage->canvas);
    stage->painted_now = stage->swapped != NULL && at_ms >= stage->later_ms;
    if (stage->painted_now) {
        imi_gen_canvas_clear(stage->painted);
        imi_gen_head_draw(stage->swapped, pose, &stage->lens, stage->painted);
        out->swapped = stage->painted->image;
    }
}

imi_status imi_gen_stage_draw(imi_gen_stage *stage, const imi_gen_pose *pose, int64_t at_ms,
                              imi_gen_picture *out, imi_error *err)
{
    *out = (imi_gen_picture){.scene = NULL};
    if (!(pose->distance_cm > 5) || !isfinite(pose->distance_cm)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "nobody holds a phone at %.1f cm", pose->distance_cm);
    }
    imi_gen_canvas_clear(stage->canvas);
    if (stage->sheet != NULL) {
        draw_sheet(stage, pose, at_ms);
    } else {
        draw_head(stage, pose, at_ms, out);
    }
    if (stage->mask != NULL) {
        imi_gen_mask_draw(stage->mask, pose, &stage->lens, stage->canvas);
    }
    out->scene = stage->canvas->image;
    return IMI_OK;
}

/* A screen that is held before the camera; the room behind it is no part of it. */
static imi_gen_display display_of(const imi_gen_stage *stage)
{
    imi_gen_display display = {.until_cm = 0};
    if (stage->sheet != NULL && stage->traits->screen) {
        imi_gen_matrix turn = imi_gen_matrix_of(stage->held);
        display.normal = imi_gen_rotate(&turn, (imi_gen_point){0, 0, 1});
        display.until_cm = 0.95 * stage->room_cm;
    }
    return display;
}

void imi_gen_stage_light(imi_gen_stage *stage, const imi_light_sequence *sequence, int64_t shown_ms)
{
    imi_gen_lit scene = {&stage->lens, display_of(stage), stage->canvas};
    imi_gen_lighting_show(&stage->lighting, sequence, shown_ms, &scene);
    imi_gen_lighting_fall(&stage->lighting, &scene);
    if (stage->painted_now) {
        scene.canvas = stage->painted;
        imi_gen_lighting_fall(&stage->lighting, &scene);
    }
}
