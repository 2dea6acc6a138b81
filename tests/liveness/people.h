/**
 * The people of the sample clips, and how often what they or their recordings did was taken for
 * live.
 */
#ifndef IMI_TESTS_PEOPLE_H
#define IMI_TESTS_PEOPLE_H

#include "actor.h"

enum { IMI_PEOPLE = 3, IMI_OTHERS = 4, IMI_PATH_SIZE = 1024, IMI_EXIT_SKIPPED = 77 };

/** Somebody in a clip, which may not show every action. */
typedef struct imi_person {
    const char *name;
    imi_seen_track *track;
    imi_segments *segments;
} imi_person;

/** Load everybody from a folder of tracks. Destroy them also after a failure. */
IMI_MUST_USE imi_status imi_people_load(const char *folder, const char *segments,
                                        imi_person out[IMI_PEOPLE], imi_error *err);
void imi_people_destroy(imi_person people[IMI_PEOPLE]);

/** Load one of the people whose clips are not shipped. Errors: IMI_E_NOT_FOUND without a track. */
IMI_MUST_USE imi_status imi_people_load_other(const char *folder, const char *segments,
                                              unsigned which, imi_person *out, imi_error *err);
void imi_person_clean_up(imi_person *person);

/** Does the clip show everything that a script asks for? Ovals beside the middle are panned to. */
bool imi_person_can_act(const imi_person *person, const imi_challenge *script);
/** A calm person who acts a script: 12 frames a second, 0.4 s to react. */
imi_actor_options imi_person_acting(const imi_person *person, const imi_challenge *script);

/** Verdicts counted by reason. */
typedef struct imi_tally {
    unsigned count, live;
    unsigned reasons[IMI_LIVENESS_PASSIVE + 1];
    int64_t longest_ms;
} imi_tally;

void imi_tally_add(imi_tally *tally, const imi_performance *performance);
/** One line: runs, how many were taken for live with the exact 95 % interval, reasons. */
void imi_tally_print(const imi_tally *tally, const char *what);

bool imi_same_script(const imi_challenge *a, const imi_challenge *b);

#endif
