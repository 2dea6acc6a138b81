/*
 * usage: measure_light_clip MODELS CLIP...: coloured light, added by arithmetic to the frames of
 * real clips, before the watch; the figures of docs/light.md.
 */
#include "clip.h"
#include "imi/engine.h"
#include "imi_models/models.h"
#include "palette.h"
#include "scene.h"
#include "shown_light.h"

#include <math.h>
#include <stdio.h>

enum { PERIOD_MS = 100, SEQUENCE_MS = 8000, JPEG_QUALITY = 85, CASES = 6 };

/* How the light falls in each case. */
typedef struct fall {
    const char *name;
    double screen, wall_share; /* of the room's light, and of that on the background */
    bool other; /* another session's sequence */
} fall;

static const fall falls[CASES] = {
    {"bona fide, screen 25 %", 0.25, 0.12, false}, {"bona fide, screen 10 %", 0.10, 0.12, false},
    {"bona fide, screen 5 %", 0.05, 0.12, false},  {"another session's light", 0.25, 0.12, true},
    {"one plane, as a print", 0.25, 1, false},     {"no light", 0, 0, false},
};

typedef struct tally {
    int windows, measured, positive;
    double least, most;
} tally;

typedef struct studio {
    imi_light_sequence shown, other;
    imi_light_watch *watches[CASES];
    double gains[CASES][3]; /* the camera's white balance, which answers the light */
    uint64_t window;
    tally tallies[CASES];
    float linear[256];
    uint8_t encoded[4097];
} studio;

static void init_curves(studio *s)
{
    for (int i = 0; i < 256; i++) {
        s->linear[i] = imi_light_linear((uint8_t)i);
    }
    for (int i = 0; i <= 4096; i++) {
        double v = i / 4096.0;
        v = v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055;
        s->encoded[i] = (uint8_t)lround(255 * v);
    }
}

static void close_window(studio *s)
{
    for (int i = 0; i < CASES; i++) {
        imi_findings findings = {0};
        imi_light_watch_report(s->watches[i], &findings);
        imi_light_watch_destroy(&s->watches[i]);
        const imi_finding *finding = &findings.layer[IMI_LAYER_LIGHT];
        tally *t = &s->tallies[i];
        t->windows++;
        if (finding->measured) {
            double score = (double)finding->score;
            t->least = t->measured == 0 ? score : fmin(t->least, score);
            t->most = t->measured == 0 ? score : fmax(t->most, score);
            t->measured++;
            t->positive += score > 0;
        }
    }
}

static imi_status open_window(studio *s, imi_error *err)
{
    s->window++;
    s->shown = scene_sequence(s->window);
    s->other = scene_sequence(100000 + s->window);
    for (int i = 0; i < CASES; i++) {
        IMI_TRY(imi_light_watch_new(&s->shown, &s->watches[i], err));
        for (int c = 0; c < 3; c++) {
            s->gains[i][c] = 1;
        }
    }
    return IMI_OK;
}

/* Head, hair and ears: an ellipse about the mesh. */
static bool is_head(const imi_landmarks *landmarks, int x, int y)
{
    const imi_point3 *top = &landmarks->points[IMI_MESH_FOREHEAD_TOP];
    const imi_point3 *chin = &landmarks->points[IMI_MESH_CHIN];
    double radius = 0.62 * (double)(chin->y - top->y);
    double across = (x - (double)(top->x + chin->x) / 2) / (0.85 * radius);
    double along = (y - (double)(top->y + chin->y) / 2) / radius;
    return across * across + along * along < 1;
}

static void relight(const studio *s, const imi_image *image, const imi_landmarks *landmarks,
                    const fall *f, const double gains[3], const double light[3], imi_image *out)
{
    for (uint32_t y = 0; y < image->height; y++) {
        const uint8_t *from = imi_image_row(image, y);
        uint8_t *to = out->pixels + (size_t)y * out->stride_bytes;
        for (uint32_t x = 0; x < image->width; x++) {
            double share = is_head(landmarks, (int)x, (int)y) ? 1 : f->wall_share;
            for (int c = 0; c < 3; c++) {
                double falls_on = 1 + f->screen * share * light[c];
                double value = gains[c] * falls_on * (double)s->linear[from[3 * x + c]];
                to[3 * x + c] = s->encoded[(int)fmax(0, fmin(4096, 4096 * value))];
            }
        }
    }
}

static imi_status feed_case(studio *s, int i, const imi_image *image,
                            const imi_landmarks *landmarks, int64_t shown_ms, imi_error *err)
{
    static const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    const fall *f = &falls[i];
    double light[3];
    shown_light_at(f->other ? &s->other : &s->shown, shown_ms - 150, light);
    for (int c = 0; c < 3; c++) {
        double seen = 1 + f->screen * light[c] * (0.4 + 0.6 * f->wall_share);
        s->gains[i][c] += (1 - exp(-PERIOD_MS / 2000.0)) * (1 / seen - s->gains[i][c]);
    }
    IMI_AUTO(imi_image) lit = NULL;
    IMI_TRY(imi_image_new(image->width, image->height, IMI_PIXEL_RGB8, &lit, err));
    relight(s, image, landmarks, f, s->gains[i], light, lit);
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    IMI_TRY(imi_jpeg_encode(lit, JPEG_QUALITY, &jpeg, err));
    IMI_AUTO(imi_image) decoded = NULL;
    IMI_TRY(imi_jpeg_decode(imi_buffer_view(&jpeg), &limits, &decoded, err));
    return imi_light_watch_feed(s->watches[i], decoded, landmarks, shown_ms, err);
}

static imi_status look(studio *s, imi_engine *engine, const imi_image *image, int64_t shown_ms,
                       imi_error *err)
{
    imi_face face = {0};
    IMI_TRY(imi_engine_analyse(engine, image, IMI_CAPTURE_MOTION, &face, err));
    if (!(face.landmarks.presence > 0.5f)) {
        return IMI_OK;
    }
    for (int i = 0; i < CASES; i++) {
        IMI_TRY(feed_case(s, i, image, &face.landmarks, shown_ms, err));
    }
    return IMI_OK;
}

/* Windows of one sequence each, one after the other; a rest at the end is left out. */
static imi_status measure_clip(studio *s, imi_engine *engine, const char *path, imi_error *err)
{
    IMI_AUTO(imi_clip) clip = NULL;
    IMI_TRY(imi_clip_open(path, &clip, err));
    int64_t window_from = 0, due_ms = 0;
    IMI_TRY(open_window(s, err));
    for (;;) {
        IMI_AUTO(imi_image) image = NULL;
        int64_t at_ms = 0;
        IMI_TRY(imi_clip_next(clip, &image, &at_ms, err));
        if (image == NULL) {
            break;
        }
        if (at_ms - window_from >= SEQUENCE_MS) {
            close_window(s);
            IMI_TRY(open_window(s, err));
            window_from = at_ms;
        }
        if (at_ms >= due_ms) {
            due_ms = at_ms + PERIOD_MS;
            IMI_TRY(look(s, engine, image, at_ms - window_from, err));
        }
    }
    for (int i = 0; i < CASES; i++) {
        imi_light_watch_destroy(&s->watches[i]);
    }
    return IMI_OK;
}

static imi_status measure(int count, char **paths, const char *folder, imi_error *err)
{
    imi_model_set models = {0};
    IMI_TRY(imi_model_set_load(folder, &models, err));
    imi_engine_parts parts = imi_model_set_parts(&models);
    imi_engine *engine = NULL;
    imi_status status = imi_engine_new(&parts, &engine, err);
    static studio s;
    init_curves(&s);
    for (int i = 0; status == IMI_OK && i < count; i++) {
        status = measure_clip(&s, engine, paths[i], err);
    }
    for (int i = 0; i < CASES; i++) {
        const tally *t = &s.tallies[i];
        printf("%-24s measured %3d of %3d, positive %3d, from %+.2f to %+.2f\n", falls[i].name,
               t->measured, t->windows, t->positive, t->least, t->most);
    }
    imi_engine_destroy(&engine);
    imi_model_set_clean_up(&models);
    return status;
}

int main(int argc, char **argv)
{
    imi_error err = IMI_ERROR_INIT;
    if (argc < 3) {
        fprintf(stderr, "usage: measure_light_clip MODELS CLIP...\n");
        return 2;
    }
    if (measure(argc - 2, argv + 2, argv[1], &err) != IMI_OK) {
        fprintf(stderr, "measure_light_clip: %s\n", err.message);
        return 3;
    }
    return 0;
}
