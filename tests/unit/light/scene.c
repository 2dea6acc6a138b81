#include "scene.h"

#include "head.h"
#include "palette.h"
#include "shown_light.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { WIDTH = HEAD_IMAGE_WIDTH / 2, HEIGHT = HEAD_IMAGE_HEIGHT / 2, JPEG_QUALITY = 85 };

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return *state >> 33;
}

/* Sum of uniform numbers: near enough to a normal one of deviation 1. */
static double next_normal(uint64_t *state)
{
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        sum += (double)next_random(state) / (double)(1U << 30) - 1;
    }
    return sum;
}

imi_light_sequence scene_sequence(uint64_t seed)
{
    uint32_t picks[IMI_LIGHT_COLOURS_MAX];
    uint64_t state = seed * 7919 + 1;
    for (int i = 0; i < IMI_LIGHT_COLOURS_MAX; i++) {
        picks[i] = (uint32_t)next_random(&state);
    }
    imi_light_sequence sequence;
    imi_light_compose(picks, &sequence);
    return sequence;
}

scene scene_at_evening(void)
{
    imi_light_sequence sequence = scene_sequence(1);
    return (scene){
        .shown = sequence,
        .falls = sequence,
        .ambient = {1.1, 1.0, 0.8},
        .screen = 0.25,
        .wall_share = 0.12, /* face at 35 cm, wall at one metre */
        .skin = {0.48, 0.32, 0.24},
        .delay_ms = 150,
        .frames_a_second = 10,
        .white_balance = true,
        .sway = 1,
        .seed = 1,
    };
}

typedef struct camera {
    double gain[3]; /* exposure and white balance */
    bool settled;
} camera;

/* What the surfaces give back, made once: a patterned wall and mottled skin. */
typedef struct surfaces {
    float wall[HEIGHT][WIDTH][3], skin[HEIGHT][WIDTH][3];
    uint8_t developed[4096]; /* sRGB of linear light, 0 to 1 */
} surfaces;

static uint8_t encode(double linear)
{
    double v = linear <= 0.0031308 ? 12.92 * linear : 1.055 * pow(linear, 1 / 2.4) - 0.055;
    return (uint8_t)lround(255 * v);
}

static surfaces *make_surfaces(const double skin[3])
{
    static const double paint[3] = {0.55, 0.52, 0.46};
    surfaces *made = imi_alloc(sizeof *made);
    assert_non_null(made);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            double mottle = 1 + 0.12 * sin(0.31 * x + 0.17 * y);
            double pattern = 0.8 + 0.2 * sin(0.15 * x) * cos(0.11 * y);
            for (int c = 0; c < 3; c++) {
                made->skin[y][x][c] = (float)(skin[c] * mottle);
                made->wall[y][x][c] = (float)(paint[c] * pattern);
            }
        }
    }
    for (int i = 0; i < 4096; i++) {
        made->developed[i] = encode((i + 0.5) / 4096);
    }
    return made;
}

static uint8_t develop(const surfaces *made, double linear)
{
    return made->developed[(int)fmax(0, fmin(4095, 4096 * linear))];
}

/* Head, ears and hair are of one ellipse, somewhat larger than the mesh. */
static bool is_head(const imi_point3 *top, const imi_point3 *chin, int x, int y, bool fills_frame)
{
    double radius = 0.62 * (double)(chin->y - top->y);
    double across = ((double)x - (double)(top->x + chin->x) / 2) / (0.85 * radius);
    double along = ((double)y - (double)(top->y + chin->y) / 2) / radius;
    return fills_frame || across * across + along * along < 1;
}

static void expose(const scene *s, const surfaces *made, const head_view *view,
                   const double on_head[3], const double on_wall[3], imi_image *image,
                   uint64_t *noise)
{
    const imi_point3 *top = &view->landmarks.points[IMI_MESH_FOREHEAD_TOP];
    const imi_point3 *chin = &view->landmarks.points[IMI_MESH_CHIN];
    for (int y = 0; y < HEIGHT; y++) {
        uint8_t *row = image->pixels + (size_t)y * image->stride_bytes;
        for (int x = 0; x < WIDTH; x++) {
            bool head = is_head(top, chin, x, y, s->fills_frame);
            const double *falls = head ? on_head : on_wall;
            const float *back = head ? made->skin[y][x] : made->wall[y][x];
            for (int c = 0; c < 3; c++) {
                double value = falls[c] * (double)back[c];
                row[3 * x + c] = develop(made, value + 0.02 * sqrt(value) * next_normal(noise));
            }
        }
    }
}

/* Towards a grey skin and wall of middle brightness, with a time constant of two seconds. */
static void adapt(const scene *s, const double light[3], camera *eye)
{
    for (int c = 0; c < 3; c++) {
        double seen = s->ambient[c] * (0.4 * s->skin[c] + 0.3) +
                      s->screen * light[c] * (0.4 * s->skin[c] + 0.3 * s->wall_share);
        double wanted = 0.25 / (s->white_balance ? seen : 0.5);
        double pace = eye->settled ? 1 - exp(-1 / (2 * s->frames_a_second)) : 1;
        eye->gain[c] += pace * (wanted - eye->gain[c]);
    }
    eye->settled = true;
}

/* The head turns a little; light from a window beside it then falls otherwise. */
static void sway(const scene *s, int64_t at_ms, head_pose *pose, double tint[3])
{
    double swing = s->sway * sin((double)at_ms / 1300.0 + (double)s->seed);
    pose->shift_x += 3 * swing;
    pose->yaw_deg += 2 * swing;
    tint[0] = 1 + 0.002 * swing;
    tint[1] = 1;
    tint[2] = 1 - 0.003 * swing;
}

static void halve(imi_landmarks *landmarks)
{
    for (int i = 0; i < IMI_MESH_POINTS; i++) {
        landmarks->points[i].x /= 2;
        landmarks->points[i].y /= 2;
    }
}

/* As the server gets it: encoded by the phone, decoded again. */
static void feed_jpeg(const imi_image *image, const imi_landmarks *landmarks, int64_t shown_ms,
                      imi_light_watch *watch)
{
    static const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    assert_int_equal(imi_jpeg_encode(image, JPEG_QUALITY, &jpeg, NULL), IMI_OK);
    IMI_AUTO(imi_image) decoded = NULL;
    assert_int_equal(imi_jpeg_decode(imi_buffer_view(&jpeg), &limits, &decoded, NULL), IMI_OK);
    assert_int_equal(imi_light_watch_feed(watch, decoded, landmarks, shown_ms, NULL), IMI_OK);
}

void scene_feed(const scene *s, imi_light_watch *watch, int64_t from_ms, int64_t to_ms)
{
    IMI_AUTO(imi_image) image = NULL;
    assert_int_equal(imi_image_new(WIDTH, HEIGHT, IMI_PIXEL_RGB8, &image, NULL), IMI_OK);
    surfaces *made = make_surfaces(s->skin);
    camera eye = {.settled = false};
    uint64_t noise = s->seed;
    int64_t period_ms = (int64_t)(1000 / s->frames_a_second);
    for (int64_t now = from_ms; now < to_ms; now += period_ms) {
        double light[3], tint[3];
        shown_light_at(&s->falls, now - s->delay_ms + s->lead_ms, light);
        for (int c = 0; c < 3; c++) {
            light[c] *= 1 + s->approach * fmax(0, (double)now) / 8000;
        }
        head_pose pose = head_at_rest();
        sway(s, now, &pose, tint);
        head_view view;
        head_look(&pose, &view);
        halve(&view.landmarks);
        adapt(s, light, &eye);
        double on_head[3], on_wall[3];
        for (int c = 0; c < 3; c++) {
            on_head[c] = eye.gain[c] * (s->ambient[c] * tint[c] + s->screen * light[c]);
            on_wall[c] = eye.gain[c] * (s->ambient[c] + s->screen * s->wall_share * light[c]);
        }
        expose(s, made, &view, on_head, on_wall, image, &noise);
        feed_jpeg(image, &view.landmarks, now, watch);
    }
    imi_free(made);
}

imi_finding scene_play(const scene *s)
{
    IMI_AUTO(imi_light_watch) watch = NULL;
    assert_int_equal(imi_light_watch_new(&s->shown, &watch, NULL), IMI_OK);
    scene_feed(s, watch, -500, (int64_t)s->shown.count * s->shown.step_ms + 500);
    imi_findings findings = {0};
    imi_light_watch_report(watch, &findings);
    return findings.layer[IMI_LAYER_LIGHT];
}
