/*
 * Figures for docs/injection.md: in how many takes of a clip, or of a folder of frames, everything
 * changes at once.
 *
 * usage: measure_cuts [--as-is] PATH...
 *
 * Every clip is played at seven rates, each from up to four moments on, in takes of 15 s.
 * --as-is: once, with all pictures, for recordings that have the rate of a phone.
 */
#include "imi/stream.h"
#include "pictures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TAKE_MS = 15000,
    TAKE_MS_MIN = 3000,
    PHASE_MS = 40, /* one picture of a clip at 25 a second */
    PHASES_MAX = 4,
    PLAYS_MAX = 32
};

static const int RATES[] = {5, 6, 8, 10, 12, 15, 25};

/* A clip at one rate, from one moment on. */
typedef struct play {
    int rate; /* a second; 0: every picture */
    int64_t due_ms; /* the next picture */
    int64_t first_ms, last_ms; /* of the take */
    uint64_t sequence;
    imi_stream_watch *watch; /* NULL: no take is running */
    unsigned takes, cut; /* so far */
} play;

static size_t plan_plays(bool as_is, play out[PLAYS_MAX])
{
    size_t count = 0;
    if (as_is) {
        out[count++] = (play){.rate = 0};
        return count;
    }
    for (size_t i = 0; i < sizeof RATES / sizeof RATES[0]; i++) {
        for (int phase = 0; phase < PHASES_MAX && phase * PHASE_MS * RATES[i] < 1000; phase++) {
            out[count++] = (play){.rate = RATES[i], .due_ms = (int64_t)phase * PHASE_MS};
        }
    }
    return count;
}

/* Without faces, whose jumps count as well, only a cut takes more than half of the score. */
static bool shows_cut(const imi_stream_watch *watch)
{
    imi_findings findings = {0};
    imi_stream_watch_report(watch, &findings);
    const imi_finding *continuity = &findings.layer[IMI_LAYER_CONTINUITY];
    return continuity->measured && !(continuity->score >= 0.5F);
}

static void end_take(play *self)
{
    if (self->watch != NULL && self->last_ms - self->first_ms >= TAKE_MS_MIN) {
        self->takes++;
        self->cut += shows_cut(self->watch) ? 1 : 0;
    }
    imi_stream_watch_destroy(&self->watch);
}

static imi_status show(play *self, const imi_image *image, int64_t at_ms, imi_error *err)
{
    if (at_ms < self->due_ms) {
        return IMI_OK;
    }
    self->due_ms += self->rate > 0 ? 1000 / self->rate : 0;
    if (self->watch != NULL && at_ms - self->first_ms >= TAKE_MS) {
        end_take(self);
    }
    if (self->watch == NULL) {
        IMI_TRY(imi_stream_watch_new(NULL, &self->watch, err));
        self->first_ms = at_ms;
    }
    self->last_ms = at_ms;
    imi_stream_frame frame = {
        .sequence = ++self->sequence, .captured_at_ms = at_ms, .arrived_at_ms = -1, .image = image};
    return imi_stream_watch_feed(self->watch, &frame, err);
}

static imi_status play_all(pictures *from, play *plays, size_t count, imi_error *err)
{
    for (;;) {
        IMI_AUTO(imi_image) image = NULL;
        int64_t at_ms = 0;
        IMI_TRY(pictures_next(from, &image, &at_ms, err));
        if (image == NULL) {
            return IMI_OK;
        }
        for (size_t i = 0; i < count; i++) {
            IMI_TRY(show(&plays[i], image, at_ms, err));
        }
    }
}

/* One line a rate; plays of one rate come behind each other. */
static void print_plays(const char *path, const play *plays, size_t count)
{
    for (size_t i = 0; i < count;) {
        unsigned takes = 0;
        unsigned cut = 0;
        int rate = plays[i].rate;
        for (; i < count && plays[i].rate == rate; i++) {
            takes += plays[i].takes;
            cut += plays[i].cut;
        }
        printf("%s,%d,%u,%u\n", path, rate, takes, cut);
    }
}

static imi_status measure(const char *path, bool as_is, imi_error *err)
{
    play plays[PLAYS_MAX];
    size_t count = plan_plays(as_is, plays);
    pictures from;
    imi_status status = pictures_open(path, &from, err);
    if (status == IMI_OK) {
        status = play_all(&from, plays, count, err);
    }
    pictures_close(&from);
    for (size_t i = 0; i < count; i++) {
        end_take(&plays[i]);
    }
    print_plays(path, plays, count);
    return status;
}

int main(int argc, char **argv)
{
    bool as_is = argc > 1 && strcmp(argv[1], "--as-is") == 0;
    printf("path,rate,takes,with a cut\n");
    for (int i = as_is ? 2 : 1; i < argc; i++) {
        imi_error error = IMI_ERROR_INIT;
        if (measure(argv[i], as_is, &error) != IMI_OK) {
            fprintf(stderr, "measure_cuts: %s\n", error.message);
            return EXIT_FAILURE;
        }
    }
    return argc > 1 ? EXIT_SUCCESS : 2;
}
