/*
 * clip_judge TRACK SEGMENTS CLIP CHALLENGE [ANSWER]
 *
 * One capture: the clip acts ANSWER (the challenge itself if not given) when it is asked, and
 * the verdict is printed. Exit status 0 live, 1 not, 2 usage, 3 failure.
 */
#include "actor.h"

#include <stdio.h>

static imi_status run(int argc, char **argv, imi_performance *out, imi_error *err)
{
    IMI_AUTO(imi_seen_track) track = NULL;
    IMI_AUTO(imi_segments) segments = NULL;
    imi_challenge challenge;
    imi_challenge answer;
    IMI_TRY(imi_seen_track_load(argv[1], &track, err));
    IMI_TRY(imi_segments_load(argv[2], argv[3], &segments, err));
    IMI_TRY(imi_challenge_parse(argv[4], &challenge, err));
    IMI_TRY(imi_challenge_parse(argv[argc == 6 ? 5 : 4], &answer, err));
    imi_actor_options options = {.track = track,
                                 .segments = segments,
                                 .take = imi_take_of(&answer),
                                 .period_ms = 80,
                                 .reaction_ms = 400};
    return imi_actor_perform(&options, &challenge, out, err);
}

int main(int argc, char **argv)
{
    imi_error err = IMI_ERROR_INIT;
    imi_performance result = {0};
    if (argc != 5 && argc != 6) {
        fprintf(stderr, "usage: clip_judge TRACK SEGMENTS CLIP CHALLENGE [ANSWER]\n");
        return 2;
    }
    if (run(argc, argv, &result, &err) != IMI_OK) {
        fprintf(stderr, "clip_judge: %s\n", err.message);
        return 3;
    }
    printf("%s: %s, %u actions done, %.1f s, flatness residual %.4f\n",
           result.verdict.live ? "live" : "not live",
           imi_liveness_reason_name(result.verdict.reason), result.verdict.actions_done,
           (double)result.took_ms / 1000, (double)result.verdict.flatness_residual);
    return result.verdict.live ? 0 : 1;
}
