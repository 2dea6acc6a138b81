#include "play.h"

#include <stdio.h>
#include <string.h>

/* What the person cannot do, in the text form of challenges. */
static bool read_cannot(imictl_play *play)
{
    imi_challenge named;
    if (imi_challenge_parse(play->cannot, &named, NULL) != IMI_OK) {
        return false;
    }
    for (uint32_t i = 0; i < named.count; i++) {
        play->cannot_mask |= 1U << named.actions[i];
    }
    return true;
}

int imictl_play_check(const imi_cli_spec *spec, imictl_play *play)
{
    if ((play->media.clip == NULL) == (play->media.frames == NULL)) {
        return imi_cli_misuse(spec, "give --clip or --frames, one of them");
    }
    long rate = 0;
    if (!imi_cli_number(play->rate, 1, 60, &rate)) {
        return imi_cli_misuse(spec, "--rate takes 1 to 60");
    }
    play->media.frames_per_s = (double)rate;
    if (!imi_cli_number(play->interrupt, 1, 100000, &play->interrupt_every)) {
        return imi_cli_misuse(spec, "--interrupt takes a number of frames, 1 or more");
    }
    if (play->keep != NULL && strcmp(play->keep, "yes") != 0 && strcmp(play->keep, "no") != 0) {
        return imi_cli_misuse(spec, "--keep-reference takes yes or no");
    }
    if (play->cannot != NULL && !read_cannot(play)) {
        return imi_cli_misuse(spec, "--cannot takes actions, such as blink,nod");
    }
    if (!imi_cli_split_names(play->claim, &play->claims)) {
        return imi_cli_misuse(spec, "--claims takes at most 16 names, such as name,degree");
    }
    return IMI_EXIT_SUCCESS;
}

static void show_guidance(const imi_frame_feedback *feedback)
{
    const imi_oval *target = &feedback->target;
    fprintf(stderr, "guidance: %s", imi_guidance_name(feedback->guidance));
    if (feedback->has_target) {
        fprintf(stderr, " (oval of height %.2f at %.2f, %.2f)", (double)target->height,
                (double)target->centre_x, (double)target->centre_y);
    }
    fputc('\n', stderr);
}

/* Progress goes to standard error, so that standard output holds the result alone. */
static void show(void *user, const imi_phone_event *event)
{
    (void)user;
    char challenge[IMI_CHALLENGE_TEXT_SIZE];
    switch (event->kind) {
    case IMI_PHONE_CAPTURE_BEGUN:
        imi_challenge_format(event->challenge, challenge);
        fprintf(stderr, "challenge: %s\n", challenge);
        break;
    case IMI_PHONE_GUIDANCE:
        show_guidance(event->feedback);
        break;
    case IMI_PHONE_INTERRUPTED:
        fprintf(stderr, "interrupted: %s\n", imi_status_name(event->status));
        break;
    default:
        break;
    }
}

/* The capture's last answer says that it is over; what may be kept is in the outcome. */
static imi_status answer_offer(const imictl_play *play, imi_phone *phone, imi_phone_result *result,
                               imi_error *err)
{
    if (result->outcome != IMI_OUTCOME_DONE) {
        return IMI_OK;
    }
    IMI_TRY(imi_phone_outcome(phone, result, err));
    if (play->keep == NULL || result->keep_reference != IMI_KEEP_REFERENCE_OFFERED) {
        return IMI_OK;
    }
    return imi_phone_answer_additional(phone, strcmp(play->keep, "yes") == 0,
                                       &result->keep_reference, err);
}

const char *imictl_keep_name(imi_keep_reference keep)
{
    static const char *const names[] = {"none", "offered", "kept"};
    return (size_t)keep < sizeof names / sizeof names[0] ? names[keep] : "unknown";
}

imi_status imictl_play_run(const imictl_play *play, const imi_connection *connection,
                           const imi_media *media, const char *session_id, const char *join_secret,
                           imi_phone_result *out, imi_error *err)
{
    *out = (imi_phone_result){.outcome = IMI_OUTCOME_NONE};
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    IMI_AUTO(imi_source) source = NULL;
    IMI_AUTO(imi_phone) phone = NULL;
    IMI_TRY(imi_connection_as_phone(connection, &channel, err));
    IMI_TRY(imi_media_source(media, &source, err));
    imi_phone_options options = {
        .channel = channel,
        .frames_per_s = play->media.frames_per_s,
        .pace = play->lockstep ? IMI_PHONE_PACE_LOCKSTEP : IMI_PHONE_PACE_CAMERA,
        .unary = play->unary,
        .interrupt_every = (uint32_t)play->interrupt_every,
        .cannot_mask = play->cannot_mask,
        .claims = play->claims.names,
        .claim_count = play->claims.count,
        .observer = play->quiet ? NULL : show,
    };
    IMI_TRY(imi_phone_new(&options, &phone, err));
    IMI_TRY(imi_phone_join(phone, session_id, join_secret, err));
    if (play->wallet != NULL) {
        IMI_TRY(imi_phone_save(phone, play->wallet, err));
    }
    IMI_TRY(imi_phone_consent(phone, true, err));
    IMI_TRY(imi_phone_run(phone, source, out, err));
    return answer_offer(play, phone, out, err);
}
