/*
 * A camera for a browser: keeps the picture of a YUV4MPEG2 file as somebody before a phone looks
 * who hears what the page says. Standard input has what is said (see instruction.h); the program
 * ends with it. One line on standard output, "ready", once the file is there.
 *
 * The person is of a clip, and acts each action as often as it is asked for; or generated from a
 * still (tests/attacks/generator), and does what is asked until something else is.
 */
#include "cast.h"
#include "casting.h"
#include "cli.h"
#include "imi/bytes.h"
#include "imi/crypto.h"
#include "phone-sim/media.h"
#include "picture_file.h"
#include "portrait/portrait.h"
#include "scenes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WIDTH = 640, HEIGHT = 480, FRAMES_PER_S = 20, LINE_SIZE = 256, PHOTO_BYTES_MAX = 4 << 20 };

typedef struct live_camera {
    imi_live_scenes *scenes;
    imi_picture_file *file;
    imi_live_instructions instructions;
    char line[LINE_SIZE]; /* of standard input, as far as it was read */
    size_t line_size;
    bool ended; /* standard input */
} live_camera;

static void take_line(live_camera *camera)
{
    imi_error err = IMI_ERROR_INIT;
    camera->line[camera->line_size] = '\0';
    camera->line_size = 0;
    if (imi_live_follow(&camera->instructions, camera->line, &err) != IMI_OK) {
        fprintf(stderr, "live_camera: %s\n", err.message);
    }
}

/* All that standard input holds now; it does not wait. */
static void listen(live_camera *camera)
{
    char letter;
    ssize_t got;
    while ((got = read(STDIN_FILENO, &letter, 1)) == 1) {
        if (letter == '\n') {
            take_line(camera);
        } else if (camera->line_size + 1 < sizeof camera->line) {
            camera->line[camera->line_size++] = letter;
        }
    }
    camera->ended = got == 0 || (errno != EAGAIN && errno != EINTR);
}

static imi_status show(live_camera *camera, int64_t at_ms, imi_error *err)
{
    static const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    IMI_AUTO(imi_image) image = NULL;
    imi_view jpeg = imi_live_scenes_look(camera->scenes, at_ms, &camera->instructions);
    IMI_TRY(imi_jpeg_decode(jpeg, &limits, &image, err));
    return imi_picture_file_show(camera->file, image, err);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A machine that is too slow for the rate skips moments and does not fall behind. */
static void wait_for_next(int64_t start_ms)
{
    const int64_t period_ms = 1000 / FRAMES_PER_S;
    int64_t left_ms = period_ms - (now_ms() - start_ms) % period_ms;
    struct timespec wait = {.tv_nsec = left_ms * 1000000};
    nanosleep(&wait, NULL);
}

static imi_status film(live_camera *camera, imi_error *err)
{
    int64_t start_ms = now_ms();
    IMI_TRY(show(camera, 0, err));
    puts("ready");
    fflush(stdout);
    while (!camera->ended) {
        wait_for_next(start_ms);
        listen(camera);
        IMI_TRY(show(camera, now_ms() - start_ms, err));
    }
    return IMI_OK;
}

typedef struct live_options {
    imi_media_options clip;
    const char *models, *cast, *root, *name; /* of a generated person; cast NULL: of a clip */
    const char *beside, *out;
} live_options;

/* Who is before the camera, and what they were made of. */
typedef struct person {
    imi_media *media;
    imi_gen_cast *cast;
    imi_source *source;
    imi_view still; /* borrowed from one of the others */
} person;

static void clean_up_person(person *owned)
{
    imi_source_destroy(&owned->source);
    imi_media_destroy(&owned->media);
    imi_gen_cast_destroy(&owned->cast);
}

static imi_status play_clip(const live_options *options, person *out, imi_error *err)
{
    IMI_TRY(imi_media_open(&options->clip, &out->media, err));
    out->still = imi_buffer_view(&imi_media_still(out->media)->jpeg);
    return imi_media_source(out->media, &out->source, err);
}

static imi_status load_cast(const live_options *options, imi_gen_cast **out, imi_error *err)
{
    IMI_AUTO(imi_tool_engine) engine = NULL;
    IMI_TRY(imi_tool_engine_new(options->models, &engine, err));
    return imi_gen_cast_load(options->cast, options->root, imi_tool_engine_view(engine), out, err);
}

static imi_status generate(const live_options *options, person *out, imi_error *err)
{
    IMI_TRY(load_cast(options, &out->cast, err));
    const imi_gen_person *found = NULL;
    for (size_t i = 0; i < out->cast->count; i++) {
        if (options->name != NULL && strcmp(out->cast->persons[i].name, options->name) == 0) {
            found = &out->cast->persons[i];
        }
    }
    if (found == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "--name is nobody of the cast");
    }
    uint64_t seed = 0;
    IMI_TRY(imi_random((uint8_t *)&seed, sizeof seed, err));
    out->still = imi_buffer_view(&found->reference_jpeg);
    imi_gen_casting casting = {found, found};
    return imi_gen_casting_source(&casting, IMI_GEN_BONA_FIDE, seed, &out->source, err);
}

static imi_status run_person(const live_options *options, person *shown, imi_error *err)
{
    IMI_AUTO_BUFFER beside = IMI_BUFFER_INIT;
    IMI_AUTO(imi_live_scenes) scenes = NULL;
    IMI_AUTO(imi_picture_file) file = NULL;
    IMI_TRY(options->cast != NULL ? generate(options, shown, err) : play_clip(options, shown, err));
    IMI_TRY(imi_file_read(options->beside, PHOTO_BYTES_MAX, &beside, err));
    IMI_TRY(
        imi_live_scenes_new(&shown->source, shown->still, imi_buffer_view(&beside), &scenes, err));
    IMI_TRY(imi_picture_file_new(options->out, WIDTH, HEIGHT, FRAMES_PER_S, &file, err));
    live_camera camera = {.scenes = scenes, .file = file};
    return film(&camera, err);
}

static imi_status run(const live_options *options, imi_error *err)
{
    person shown = {.source = NULL};
    imi_status status = run_person(options, &shown, err);
    clean_up_person(&shown);
    return status;
}

int main(int argc, char **argv)
{
    live_options options = {.cast = NULL};
    const imi_cli_option rows[] = {
        {"--clip", &options.clip.clip, NULL, false, "CLIP", "who is before the camera, or"},
        {"--cast", &options.cast, NULL, false, "FILE.csv", "person,still,reference"},
        {"--name", &options.name, NULL, false, "NAME", "who of the cast"},
        {"--root", &options.root, NULL, false, "DIR", "where the cast's pictures lie"},
        {"--models", &options.models, NULL, false, "DIR", "folder of the models"},
        {"--beside", &options.beside, NULL, true, "PHOTO.jpg", "who joins them"},
        {"--out", &options.out, NULL, true, "FILE.y4m", "what the browser plays"},
    };
    const imi_cli_spec spec = {"live_camera", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    if ((options.clip.clip == NULL) == (options.cast == NULL) ||
        (options.cast != NULL && options.root == NULL)) {
        return imi_cli_misuse(&spec, "give a clip, or a cast with its root");
    }
    imi_error err = IMI_ERROR_INIT;
    if (fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK) != 0 || run(&options, &err) != IMI_OK) {
        return imi_cli_fail(&spec, &err);
    }
    return IMI_EXIT_SUCCESS;
}
