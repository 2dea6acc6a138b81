#include "story.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WRAP_AT = 88 };

/* What a real phone would say aloud. */
static const char *const phrases[IMI_GUIDANCE_COUNT] = {
    [IMI_GUIDANCE_NONE] = "",
    [IMI_GUIDANCE_SHOW_FACE] = "Bring your face into the picture.",
    [IMI_GUIDANCE_ONE_PERSON_ONLY] = "Only one person, please.",
    [IMI_GUIDANCE_MOVE_CLOSER] = "Bring the phone closer.",
    [IMI_GUIDANCE_MOVE_AWAY] = "Hold the phone farther away.",
    [IMI_GUIDANCE_CENTRE_FACE] = "Bring your face to the middle.",
    [IMI_GUIDANCE_LOOK_STRAIGHT] = "Look straight at the phone.",
    [IMI_GUIDANCE_HOLD_STILL] = "Hold still for a moment.",
    [IMI_GUIDANCE_MORE_LIGHT] = "Find more light.",
    [IMI_GUIDANCE_LESS_LIGHT] = "Find less light.",
    [IMI_GUIDANCE_EVEN_LIGHT] = "Turn so that the light falls evenly on your face.",
    [IMI_GUIDANCE_UNCOVER_FACE] = "Take away what covers your face.",
    [IMI_GUIDANCE_TURN_LEFT] = "Turn your head to your left.",
    [IMI_GUIDANCE_TURN_RIGHT] = "Turn your head to your right.",
    [IMI_GUIDANCE_OPEN_MOUTH] = "Open your mouth.",
    [IMI_GUIDANCE_BLINK] = "Close both eyes for a moment, then open them.",
    [IMI_GUIDANCE_BACK_TO_CENTRE] = "Turn back to the middle.",
    [IMI_GUIDANCE_CLOSE_MOUTH] = "Close your mouth.",
    [IMI_GUIDANCE_DONE] = "Done, thank you.",
    [IMI_GUIDANCE_FIT_OVAL] = "Bring your face into the oval.",
    [IMI_GUIDANCE_NOD] = "Nod once.",
};

static const char *const actions[IMI_ACTION_COUNT] = {
    [IMI_ACTION_NONE] = "nothing",
    [IMI_ACTION_NEAR_FAR] = "bring the phone closer",
    [IMI_ACTION_TURN_LEFT] = "turn left",
    [IMI_ACTION_TURN_RIGHT] = "turn right",
    [IMI_ACTION_OPEN_MOUTH] = "open the mouth",
    [IMI_ACTION_BLINK] = "close both eyes for a moment",
    [IMI_ACTION_FOLLOW] = "follow an oval",
    [IMI_ACTION_NOD] = "nod",
};

static const char *const outcomes[] = {
    [IMI_OUTCOME_NONE] = "nothing yet",
    [IMI_OUTCOME_IN_PROGRESS] = "still under way",
    [IMI_OUTCOME_DONE] = "\"Finished; the office has the result.\"",
    [IMI_OUTCOME_TRY_AGAIN] = "\"Please try once more.\"",
    [IMI_OUTCOME_STAFF_REVIEW] = "\"A member of staff will look at it.\"",
};

/* Where the story goes; set once, before it begins. */
static FILE *g_out;

void demo_story_tell_to(FILE *out)
{
    g_out = out;
}

void demo_story_begin(demo_story *story, const char *title)
{
    *story = (demo_story){.step = 0};
    fprintf(g_out, "\n== %s\n", title);
    fflush(g_out);
}

void demo_story_step(demo_story *story, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(g_out, "%3d. ", ++story->step);
    vfprintf(g_out, format, arguments);
    fputc('\n', g_out);
    va_end(arguments);
    fflush(g_out);
}

void demo_story_line(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("     ", g_out);
    vfprintf(g_out, format, arguments);
    fputc('\n', g_out);
    va_end(arguments);
    fflush(g_out);
}

/* Print a long text in lines of words. */
static void print_wrapped(const char *text)
{
    size_t column = 0;
    while (*text != '\0') {
        size_t word = strcspn(text, " ");
        if (column == 0 || column + 1 + word > WRAP_AT) {
            fprintf(g_out, "%s     | ", column == 0 ? "" : "\n");
            column = 0;
        } else {
            fputc(' ', g_out);
        }
        fprintf(g_out, "%.*s", (int)word, text);
        column += word + 1;
        text += word;
        text += strspn(text, " ");
    }
    fputc('\n', g_out);
}

static void tell_challenge(demo_story *story, const imi_challenge *challenge)
{
    demo_story_step(story, "The server draws a challenge at random:");
    for (uint32_t i = 0; i < challenge->count; i++) {
        imi_action action = challenge->actions[i];
        demo_story_line("(%u) %s", i + 1,
                        (unsigned)action < IMI_ACTION_COUNT ? actions[action] : "something new");
    }
    demo_story_step(story, "The camera runs; each frame is signed and sent. The phone is told:");
}

static void tell_guidance(const imi_frame_feedback *feedback)
{
    unsigned guidance = (unsigned)feedback->guidance;
    demo_story_line("frame %3llu: %s", (unsigned long long)feedback->sequence,
                    guidance < IMI_GUIDANCE_COUNT ? phrases[guidance] : "(something new)");
}

static void tell_progress(demo_story *story, const imi_frame_feedback *feedback)
{
    if (feedback->actions_done > story->actions_done) {
        demo_story_line("frame %3llu: %u of %u actions seen",
                        (unsigned long long)feedback->sequence, feedback->actions_done,
                        feedback->actions_total);
    }
    story->actions_done = feedback->actions_done;
}

void demo_story_hear(void *user, const imi_phone_event *event)
{
    demo_story *story = user;
    switch (event->kind) {
    case IMI_PHONE_JOINED:
        demo_story_step(story,
                        "The phone joins with the link's secret and a fresh key of its own.");
        demo_story_line("What it is for: %s", event->purpose_title);
        demo_story_step(story, "Before any picture is taken, the person reads and agrees:");
        print_wrapped(event->consent_text);
        break;
    case IMI_PHONE_CAPTURE_BEGUN:
        tell_challenge(story, event->challenge);
        break;
    case IMI_PHONE_GUIDANCE:
        tell_guidance(event->feedback);
        break;
    case IMI_PHONE_FEEDBACK:
        tell_progress(story, event->feedback);
        break;
    case IMI_PHONE_INTERRUPTED:
        demo_story_line("(the connection broke; the phone goes on where it was)");
        break;
    case IMI_PHONE_CAPTURE_ENDED:
        demo_story_line("At the end the phone shows: %s", outcomes[event->feedback->outcome]);
        break;
    default:
        break;
    }
}

void demo_story_decision(demo_story *story, const imi_backend_session *session)
{
    demo_story_step(story, "The office reads the decision: %s (%s)",
                    imi_backend_decision_name(session->decision), session->reason);
    if (session->compared) {
        demo_story_line("comparison score (similarity): %.4f, from -1 to 1", session->similarity);
        demo_story_line("calibrated false match rate at that score: %.2e", session->fmr);
        demo_story_line("(the share of comparisons of different people that score this high)");
    }
    demo_story_line("policy %s, models %s", session->policy_version, session->model_version);
}

/* Members of a JSON object, one a line. */
static void print_object(imi_view text)
{
    json_t *object = json_loadb((const char *)text.data, text.size, 0, NULL);
    const char *key;
    json_t *value;
    json_free_t release = NULL;
    json_get_alloc_funcs(NULL, &release); /* strict parsing may have given jansson an allocator */
    json_object_foreach(object, key, value)
    {
        char *shown = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(6));
        demo_story_line("  %-15s %s", key, shown == NULL ? "?" : shown);
        release(shown);
    }
    json_decref(object);
}

static void print_part(const char *title, imi_view part)
{
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    if (imi_base64url_decode(part, &text, NULL) == IMI_OK) {
        demo_story_line("%s:", title);
        print_object(imi_buffer_view(&text));
    }
}

void demo_story_token(demo_story *story, const char *token)
{
    demo_story_step(story, "With it comes a signed token (JWT, %zu characters):", strlen(token));
    const char *body = strchr(token, '.');
    const char *signature = body == NULL ? NULL : strchr(body + 1, '.');
    if (signature == NULL) {
        return;
    }
    print_part("header", (imi_view){(const uint8_t *)token, (size_t)(body - token)});
    print_part("claims", (imi_view){(const uint8_t *)body + 1, (size_t)(signature - body - 1)});
}

void demo_story_receipt(demo_story *story, const char *log, const imi_receipt_facts *facts)
{
    demo_story_step(
        story, "The public log %s holds the decision; its receipt is checked alone, too:", log);
    demo_story_line("entry %llu of a tree of %llu, whose root the log has signed:",
                    (unsigned long long)facts->index, (unsigned long long)facts->checkpoint.size);
    print_object(imi_buffer_view(&facts->event));
    demo_story_line("Whoever has no receipt sees a salted digest there, and nothing of this.");
}
