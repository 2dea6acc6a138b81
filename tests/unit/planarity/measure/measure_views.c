/*
 * measure_views [--window FRAMES] FILE...
 *
 * Lets the watch look at files of make_views and prints what it found, a line for each capture:
 * both layers, and each from changes of distance alone and from turns alone. With --window, a
 * long clip is cut into captures of so many frames.
 */
#include "view_file.h"
#include "watch_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct tally {
    const char *path;
    unsigned part, frames;
    clock_t spent;
} tally;

static void print_summary(imi_planarity_summary summary)
{
    printf(",%.3f,%.3f", (double)summary.score, (double)summary.uncertainty);
}

/* The kinds from first to last alone. */
static void print_kinds(const imi_pair_samples samples[IMI_PAIR_KINDS], int first, int last)
{
    imi_pair_samples some[IMI_PAIR_KINDS] = {{0}};
    for (int kind = first; kind <= last; kind++) {
        some[kind] = samples[kind];
    }
    print_summary(imi_pair_kinds_summarise(some));
}

static void print_capture(const imi_planarity_watch *watch, const tally *t)
{
    const char *slash = strrchr(t->path, '/');
    printf("%s,%u,%u,%.2f", slash == NULL ? t->path : slash + 1, t->part, t->frames,
           1e3 * (double)t->spent / CLOCKS_PER_SEC / fmax(t->frames, 1));
    const imi_pair_samples *layers[] = {watch->mesh, watch->tracks};
    for (int i = 0; i < 2; i++) {
        print_summary(i == 0 ? imi_pair_kinds_summarise(watch->mesh)
                             : imi_pair_turns_summarise(watch->tracks));
        print_kinds(layers[i], IMI_PAIR_NEAR, IMI_PAIR_NEAR);
        print_kinds(layers[i], IMI_PAIR_LEFT, IMI_PAIR_DOWN);
    }
    printf("\n");
}

/* Feed until the file or the window ends; *more tells which. */
static imi_status watch_capture(FILE *file, unsigned window, tally *t, bool *more, imi_error *err)
{
    IMI_AUTO(imi_planarity_watch) watch = NULL;
    IMI_TRY(imi_planarity_watch_new(&watch, err));
    t->frames = 0;
    t->spent = 0;
    *more = true;
    while (*more && (window == 0 || t->frames < window)) {
        imi_seen_view view;
        IMI_TRY(imi_seen_view_read(file, &view, err));
        *more = view.luma != NULL;
        if (*more) {
            IMI_AUTO(imi_image) luma = view.luma;
            clock_t start = clock();
            IMI_TRY(imi_planarity_watch_feed(watch, view.at_ms, luma,
                                             view.face ? &view.landmarks : NULL, err));
            t->spent += clock() - start;
            t->frames++;
        }
    }
    print_capture(watch, t);
    return IMI_OK;
}

static imi_status measure(const char *path, unsigned window, imi_error *err)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "cannot open %s", path);
    }
    imi_status status = IMI_OK;
    bool more = true;
    for (tally t = {.path = path}; more && status == IMI_OK; t.part++) {
        status = watch_capture(file, window, &t, &more, err);
    }
    fclose(file);
    return status;
}

int main(int argc, char **argv)
{
    imi_error err = IMI_ERROR_INIT;
    unsigned window = 0;
    int first = 1;
    if (argc > 3 && strcmp(argv[1], "--window") == 0) {
        window = (unsigned)strtoul(argv[2], NULL, 10);
        first = 3;
    }
    printf("capture,part,frames,ms_a_frame,geometry,sd,geometry_near,sd,geometry_turn,sd,"
           "parallax,sd,parallax_near,sd,parallax_turn,sd\n");
    for (int i = first; i < argc; i++) {
        if (measure(argv[i], window, &err) != IMI_OK) {
            fprintf(stderr, "measure_views: %s\n", err.message);
            return 3;
        }
    }
    return 0;
}
