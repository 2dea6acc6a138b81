/*
 * A camera for a browser: keeps the picture of a YUV4MPEG2 file as somebody before a phone looks
 * who hears what the page says. Standard input has what is said (see instruction.h); the program
 * ends with it. One line on standard output, "ready", once the file is there.
 */
#include "cli.h"
#include "imi/bytes.h"
#include "picture_file.h"
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

static imi_status run(const imi_media_options *person, const char *beside, const char *out,
                      imi_error *err)
{
    IMI_AUTO(imi_media) media = NULL;
    IMI_AUTO_BUFFER photo = IMI_BUFFER_INIT;
    IMI_AUTO(imi_live_scenes) scenes = NULL;
    IMI_AUTO(imi_picture_file) file = NULL;
    IMI_TRY(imi_media_open(person, &media, err));
    IMI_TRY(imi_file_read(beside, PHOTO_BYTES_MAX, &photo, err));
    IMI_TRY(imi_live_scenes_new(media, imi_buffer_view(&photo), &scenes, err));
    IMI_TRY(imi_picture_file_new(out, WIDTH, HEIGHT, FRAMES_PER_S, &file, err));
    live_camera camera = {.scenes = scenes, .file = file};
    return film(&camera, err);
}

int main(int argc, char **argv)
{
    imi_media_options person = {.clip = NULL};
    const char *beside = NULL;
    const char *out = NULL;
    const imi_cli_option rows[] = {
        {"--clip", &person.clip, NULL, true, "CLIP", "who is before the camera"},
        {"--segments", &person.segments, NULL, false, "FILE", "what the clip shows when"},
        {"--beside", &beside, NULL, true, "PHOTO.jpg", "who joins them"},
        {"--out", &out, NULL, true, "FILE.y4m", "what the browser plays"},
    };
    const imi_cli_spec spec = {"live_camera", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    imi_error err = IMI_ERROR_INIT;
    if (fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK) != 0 ||
        run(&person, beside, out, &err) != IMI_OK) {
        return imi_cli_fail(&spec, &err);
    }
    return IMI_EXIT_SUCCESS;
}
