/*
 * Figures for docs/injection.md: what imi/stream.h makes of live clips and of the same clips
 * played as an injector would.
 *
 * usage: measure_stream [--live] CLIP...
 *
 * --live: all of every clip as it is, and no attacks.
 */
#include "pictures.h"
#include "stream_attacks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PERIOD_MS = 80,
    TAKE_FRAMES = 180, /* 15 s */
    TAKE_FRAMES_MIN = 36,
    TAKES_PER_CLIP = 6, /* of attacks */
    TAKES_MAX = 1000
};

static const int qualities[] = {70, 85, 90};
static const float noises[] = {1, 2, 3};

/* One row: a species at a quality and a noise. */
typedef struct row {
    unsigned attempts, continuity_vetoes, camera_vetoes, either;
    float lowest[2], highest[2]; /* scores: continuity, camera */
} row;

/* The next stretch of a clip at 12 frames a second; shorter at its end. */
static imi_status load_take(pictures *from, stream_take *out, imi_error *err)
{
    *out = (stream_take){.pictures = imi_alloc_array(TAKE_FRAMES, sizeof(imi_image *))};
    if (out->pictures == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a take");
    }
    int64_t due_ms = -1;
    while (out->count < TAKE_FRAMES) {
        IMI_AUTO(imi_image) image = NULL;
        int64_t at_ms = 0;
        IMI_TRY(pictures_next(from, &image, &at_ms, err));
        if (image == NULL) {
            return IMI_OK;
        }
        if (at_ms >= due_ms) {
            out->pictures[out->count++] = IMI_STEAL(&image);
            due_ms = at_ms + PERIOD_MS;
        }
    }
    return IMI_OK;
}

static void free_take(stream_take *take)
{
    for (size_t i = 0; i < take->count; i++) {
        imi_image_destroy(&take->pictures[i]);
    }
    imi_free(take->pictures);
    *take = (stream_take){0};
}

static void add_result(row *into, const imi_findings *findings)
{
    const imi_finding *continuity = &findings->layer[IMI_LAYER_CONTINUITY];
    const imi_finding *camera = &findings->layer[IMI_LAYER_CAMERA];
    float scores[2] = {continuity->score, camera->score};
    for (int i = 0; i < 2; i++) {
        if (into->attempts == 0 || scores[i] < into->lowest[i]) {
            into->lowest[i] = scores[i];
        }
        if (into->attempts == 0 || scores[i] > into->highest[i]) {
            into->highest[i] = scores[i];
        }
    }
    into->attempts++;
    into->continuity_vetoes += continuity->veto;
    into->camera_vetoes += camera->veto;
    into->either += continuity->veto || camera->veto;
}

/* Play the take in one way; plans that need another take use the one before. */
static bool play(const stream_take *take, const stream_plan *plan, const char *name, row *into)
{
    imi_findings findings;
    if (!stream_play(take, plan, &findings)) {
        return false;
    }
    add_result(into, &findings);
    const imi_finding *continuity = &findings.layer[IMI_LAYER_CONTINUITY];
    const imi_finding *camera = &findings.layer[IMI_LAYER_CAMERA];
    printf("%s,%s,%d,%.0f,%.2f,%s,%.2f,%s\n", name, stream_species_name(plan->species),
           plan->quality, (double)plan->noise, (double)continuity->score,
           continuity->code == NULL ? "" : continuity->code, (double)camera->score,
           camera->code == NULL ? "" : camera->code);
    return true;
}

static bool only_live; /* set once at the start */

static bool play_all(const stream_take *take, const stream_take *other, const char *name,
                     row rows[STREAM_SPECIES_COUNT][3])
{
    static uint64_t seed = 1;
    unsigned end = only_live ? STREAM_LIVE + 1 : STREAM_SPECIES_COUNT;
    for (unsigned species = 0; species < end; species++) {
        for (unsigned i = 0; i < 3; i++) {
            stream_plan plan = {.species = (stream_species)species,
                                .seed = seed++,
                                .quality = qualities[i],
                                .noise = noises[i],
                                .other = other};
            bool possible = species != STREAM_SPLICED || other != NULL;
            if (possible && !play(take, &plan, name, &rows[species][i])) {
                return false;
            }
        }
    }
    return true;
}

static void print_rows(row rows[STREAM_SPECIES_COUNT][3])
{
    printf("\nspecies,quality,noise,attempts,vetoed,by continuity,by camera,"
           "continuity from,to,camera from,to\n");
    for (unsigned species = 0; species < STREAM_SPECIES_COUNT; species++) {
        for (unsigned i = 0; i < 3; i++) {
            const row *r = &rows[species][i];
            if (r->attempts == 0) {
                continue;
            }
            printf("%s,%d,%.0f,%u,%u,%u,%u,%.2f,%.2f,%.2f,%.2f\n",
                   stream_species_name((stream_species)species), qualities[i], (double)noises[i],
                   r->attempts, r->either, r->continuity_vetoes, r->camera_vetoes,
                   (double)r->lowest[0], (double)r->highest[0], (double)r->lowest[1],
                   (double)r->highest[1]);
        }
    }
}

static imi_status measure_takes(pictures *from, const char *path, stream_take *previous,
                                row rows[STREAM_SPECIES_COUNT][3], imi_error *err)
{
    stream_take first = {0};
    for (int i = 0; i < (only_live ? TAKES_MAX : TAKES_PER_CLIP); i++) {
        stream_take take = {0};
        imi_status status = load_take(from, &take, err);
        bool enough = status == IMI_OK && take.count >= TAKE_FRAMES_MIN;
        bool went_well =
            !enough || play_all(&take, previous->count > 0 ? previous : NULL, path, rows);
        if (i == 0) {
            first = take;
        } else {
            free_take(&take);
        }
        if (!went_well) {
            free_take(&first);
            IMI_FAIL(err, IMI_E_INTERNAL, "a take of %s could not be played", path);
        }
        if (!enough) {
            break;
        }
    }
    free_take(previous);
    *previous = first;
    return IMI_OK;
}

static imi_status measure_clip(const char *path, stream_take *previous,
                               row rows[STREAM_SPECIES_COUNT][3], imi_error *err)
{
    pictures from;
    imi_status status = pictures_open(path, &from, err);
    if (status == IMI_OK) {
        status = measure_takes(&from, path, previous, rows, err);
    }
    pictures_close(&from);
    return status;
}

int main(int argc, char **argv)
{
    static row rows[STREAM_SPECIES_COUNT][3];
    stream_take previous = {0};
    only_live = argc > 1 && strcmp(argv[1], "--live") == 0;
    for (int i = only_live ? 2 : 1; i < argc; i++) {
        imi_error error = IMI_ERROR_INIT;
        if (measure_clip(argv[i], &previous, rows, &error) != IMI_OK) {
            fprintf(stderr, "measure_stream: %s\n", error.message);
            return EXIT_FAILURE;
        }
    }
    free_take(&previous);
    print_rows(rows);
    return argc > 1 ? EXIT_SUCCESS : 2;
}
