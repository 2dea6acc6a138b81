/* usage: measure_light [ROUNDS]: the figures of docs/light.md, on rendered rooms. */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS_MAX = 1000 };

typedef struct room {
    const char *name;
    double screen, wall_share, sway, frames_a_second, approach;
    bool no_white_balance;
    double skin[3], ambient[3]; /* 0: as at evening */
    enum { ANSWERS, OTHER_LIGHT, LATE, NO_LIGHT } light;
} room;

/* Zeros: as at evening. */
static const room rooms[] = {
    {.name = "bona fide, screen 25 % of the room's light"},
    {.name = "  10 %", .screen = 0.10},
    {.name = "  5 %", .screen = 0.05},
    {.name = "  3 %", .screen = 0.03},
    {.name = "  2 %", .screen = 0.02},
    {.name = "  1 %", .screen = 0.01},
    {.name = "  dark skin", .skin = {0.12, 0.07, 0.05}},
    {.name = "  light skin", .skin = {0.65, 0.52, 0.45}},
    {.name = "  tungsten light", .ambient = {1.6, 0.9, 0.35}},
    {.name = "  restless", .sway = 5},
    {.name = "  comes near, 15 to 45 %", .screen = 0.15, .approach = 2},
    {.name = "  no white balance", .no_white_balance = true},
    {.name = "  wall at half a metre", .wall_share = 0.5},
    {.name = "  5 frames a second", .frames_a_second = 5},
    {.name = "light of another session", .light = OTHER_LIGHT},
    {.name = "right light, 1.5 s early", .light = LATE},
    {.name = "print with its background", .wall_share = 1},
    {.name = "  no white balance", .wall_share = 1, .no_white_balance = true},
    {.name = "recording without the light", .light = NO_LIGHT},
    {.name = "  restless", .light = NO_LIGHT, .sway = 5},
    {.name = "  very restless", .light = NO_LIGHT, .sway = 8},
};

static scene scene_in(const room *r, int round)
{
    scene s = scene_at_evening();
    s.seed = (uint64_t)round + 1;
    s.shown = s.falls = scene_sequence(s.seed);
    s.delay_ms = 37 * round % 350;
    s.screen = r->screen > 0 ? r->screen : s.screen;
    s.wall_share = r->wall_share > 0 ? r->wall_share : s.wall_share;
    s.sway = r->sway > 0 ? r->sway : s.sway;
    s.frames_a_second = r->frames_a_second > 0 ? r->frames_a_second : s.frames_a_second;
    s.approach = r->approach;
    s.white_balance = !r->no_white_balance;
    for (int c = 0; c < 3; c++) {
        s.skin[c] = r->skin[c] > 0 ? r->skin[c] : s.skin[c];
        s.ambient[c] = r->ambient[c] > 0 ? r->ambient[c] : s.ambient[c];
    }
    if (r->light == OTHER_LIGHT) {
        s.falls = scene_sequence(100000 + s.seed);
    }
    s.lead_ms = r->light == LATE ? 1500 : 0;
    s.falls.count = r->light == NO_LIGHT ? 0 : s.falls.count;
    return s;
}

static int compare_scores(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void measure(const room *r, int rounds)
{
    static float scores[ROUNDS_MAX];
    int measured = 0, positive = 0;
    for (int round = 0; round < rounds; round++) {
        scene s = scene_in(r, round);
        imi_finding finding = scene_play(&s);
        if (finding.measured) {
            scores[measured++] = finding.score;
            positive += finding.score > 0.0f;
        }
    }
    printf("%-44s measured %3d of %3d", r->name, measured, rounds);
    if (measured > 0) {
        qsort(scores, (size_t)measured, sizeof *scores, compare_scores);
        printf(", positive %3d, least %+.2f, median %+.2f, most %+.2f", positive, (double)scores[0],
               (double)scores[measured / 2], (double)scores[measured - 1]);
    }
    printf("\n");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 20;
    if (rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: measure_light [1..%d]\n", ROUNDS_MAX);
        return 2;
    }
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        measure(&rooms[i], rounds);
    }
    return 0;
}
