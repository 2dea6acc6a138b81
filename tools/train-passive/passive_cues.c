/*
 * Cues of many pictures, one row each, for the training and the measuring of the combiner.
 * Reads names of JPEG files from standard input, one a line; writes CSV to standard output.
 */
#include "cli.h"
#include "imi/examine.h"
#include "imi/passive.h"
#include "portrait/portrait.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { NAME_SIZE = 4096 };

typedef struct run {
    imi_engine *engine;
    double measured_s;
    unsigned measured;
} run;

static imi_status read_image(const char *path, imi_image **out, imi_error *err)
{
    const imi_jpeg_limits limits = {16U << 20, 50000000U, 16384U, 48U, 64U, 0U};
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(path, limits.bytes, &jpeg, err));
    return imi_jpeg_decode(imi_buffer_view(&jpeg), &limits, out, err);
}

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* First without the networks, to know what the pixels' cues alone cost. */
static imi_status measure(run *self, const imi_image *image, const imi_face *face, imi_cues *out,
                          imi_error *err)
{
    double start = cpu_s();
    IMI_TRY(imi_examine_cues(self->engine, image, face, false, out, err));
    self->measured_s += cpu_s() - start;
    self->measured++;
    return imi_examine_cues(self->engine, image, face, true, out, err);
}

static imi_status write_row(run *self, const char *path, imi_error *err)
{
    IMI_AUTO(imi_image) image = NULL;
    IMI_TRY(read_image(path, &image, err));
    imi_face face;
    IMI_TRY(imi_engine_analyse(self->engine, image, IMI_CAPTURE_PORTRAIT, &face, err));
    if (face.reason == IMI_CAPTURE_NO_FACE) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no face");
    }
    imi_cues cues;
    IMI_TRY(measure(self, image, &face, &cues, err));
    printf("%s", path);
    for (int i = 0; i < IMI_CUE_COUNT; i++) {
        printf(",%.5f", (double)cues.value[i]);
    }
    float combined = imi_passive_combine(&cues);
    cues.value[IMI_CUE_NETWORKS] = NAN;
    printf(",%.5f,%.5f,%.5f\n", (double)combined, (double)imi_passive_combine(&cues),
           (double)cues.grid);
    return IMI_OK;
}

static void write_head(void)
{
    printf("file");
    for (int i = 0; i < IMI_CUE_COUNT; i++) {
        printf(",%s", imi_cue_name((imi_cue)i));
    }
    printf(",combined,combined_without_networks,grid\n");
}

static void write_rows(run *self)
{
    char path[NAME_SIZE];
    write_head();
    while (fgets(path, sizeof path, stdin) != NULL) {
        path[strcspn(path, "\n")] = '\0';
        imi_error err = IMI_ERROR_INIT;
        if (write_row(self, path, &err) != IMI_OK) {
            fprintf(stderr, "%s: %s\n", path, err.message);
        }
    }
    if (self->measured > 0) {
        fprintf(stderr, "%u pictures, cues in %.2f ms each\n", self->measured,
                1e3 * self->measured_s / self->measured);
    }
}

int main(int argc, char **argv)
{
    const char *models = NULL;
    const imi_cli_option options[] = {
        {"--models", &models, NULL, false, "DIR", "where manifest.json lies"}};
    const imi_cli_spec spec = {"imi-passive-cues", "< LIST", 0, options,
                               sizeof options / sizeof options[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO(imi_tool_engine) engine = NULL;
    if (imi_tool_engine_new(models, &engine, &err) != IMI_OK) {
        return imi_cli_fail(&spec, &err);
    }
    run self = {.engine = imi_tool_engine_view(engine)};
    write_rows(&self);
    return IMI_EXIT_SUCCESS;
}
