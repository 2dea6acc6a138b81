#include "phone.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME_MS = 80, PLAY_MAX = 400 };
static const int64_t BEGIN_MS = 1800000000000; /* by the phone's clock */

void phone_answer_init(phone_answer *answer)
{
    *answer = (phone_answer){.replies = 0};
    pthread_mutex_init(&answer->mutex, NULL);
    pthread_cond_init(&answer->changed, NULL);
}

void phone_answer_wait(phone_answer *answer, int replies)
{
    pthread_mutex_lock(&answer->mutex);
    while (answer->replies < replies) {
        pthread_cond_wait(&answer->changed, &answer->mutex);
    }
    pthread_mutex_unlock(&answer->mutex);
}

void phone_answer_reply(void *user, imi_status status, const imi_error *error,
                        const imi_frame_feedback *feedback)
{
    phone_answer *answer = user;
    pthread_mutex_lock(&answer->mutex);
    answer->status = status;
    answer->error = *error;
    answer->feedback = *feedback;
    answer->replies++;
    pthread_cond_broadcast(&answer->changed);
    pthread_mutex_unlock(&answer->mutex);
}

phone *phone_new(fixture *f, uint32_t person)
{
    phone *p = calloc(1, sizeof *p);
    assert_non_null(p);
    p->f = f;
    p->key = device_key_new();
    p->look = scene_neutral(person);
    p->frame_ms = FRAME_MS;
    return p;
}

void phone_destroy(phone **p)
{
    device_key_destroy(&(*p)->key);
    free(*p);
    *p = NULL;
}

imi_status phone_join(phone *p, const imi_created_session *session)
{
    imi_joined joined;
    imi_status status = imi_service_join(p->f->service, session->session_id, session->join_secret,
                                         device_key_spki(p->key), &joined, NULL);
    if (status == IMI_OK) {
        imi_copy_text(p->session_id, sizeof p->session_id, session->session_id);
        imi_copy_text(p->credential, sizeof p->credential, joined.credential);
    }
    return status;
}

void phone_enter(phone *p, const imi_created_session *session)
{
    imi_session_state state = IMI_SESSION_NONE;
    assert_int_equal(phone_join(p, session), IMI_OK);
    assert_int_equal(imi_service_consent(p->f->service, p->credential,
                                         &(imi_consent_answer){.accepted = true}, &state, NULL),
                     IMI_OK);
    assert_int_equal(state, IMI_SESSION_CONSENTED);
}

imi_status phone_begin(phone *p)
{
    imi_status status =
        imi_service_begin_capture(p->f->service, p->credential, &p->says, &p->capture, NULL);
    if (status == IMI_OK) {
        p->chain = (phone_chain){.key = p->key, .time_ms = BEGIN_MS};
        imi_copy_text(p->chain.capture_id, sizeof p->chain.capture_id, p->capture.capture_id);
        imi_copy(p->chain.nonce, p->capture.nonce, sizeof p->chain.nonce);
        p->guidance = IMI_GUIDANCE_NONE;
        p->look.distance = scene_neutral(0).distance;
        p->look.yaw_deg = 0;
        p->blink_frames = 0;
    }
    return status;
}

int64_t phone_elapsed_ms(const phone *p)
{
    return p->chain.time_ms - BEGIN_MS;
}

imi_status phone_send_jpeg(phone *p, imi_view jpeg, imi_frame_feedback *out)
{
    phone_chain before = p->chain;
    imi_frame frame;
    phone_chain_sign(&p->chain, jpeg, p->frame_ms, &frame);
    if (p->shows_light) {
        frame.light_shown_ms = p->light_stands ? 1 : (uint32_t)phone_elapsed_ms(p) + 1;
    }
    phone_answer answer;
    phone_answer_init(&answer);
    if (p->moves_clock) {
        imi_clock_manual_advance(&p->f->clock, p->frame_ms);
    }
    imi_status status = imi_service_submit_frame(p->f->service, p->credential, &frame,
                                                 phone_answer_reply, &answer, NULL);
    if (status != IMI_OK) {
        p->chain = before;
        return status;
    }
    phone_answer_wait(&answer, 1);
    *out = answer.feedback;
    return answer.status;
}

imi_status phone_send(phone *p, imi_frame_feedback *out)
{
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    scene_draw_jpeg(&p->look, &jpeg);
    imi_status status = phone_send_jpeg(p, imi_buffer_view(&jpeg), out);
    if (status == IMI_OK && out->guidance != IMI_GUIDANCE_NONE) {
        p->guidance = out->guidance;
    }
    return status;
}

static float towards(float value, float goal, float step)
{
    return value < goal ? fminf(value + step, goal) : fmaxf(value - step, goal);
}

static void blink(phone *p)
{
    if (p->guidance == IMI_GUIDANCE_BLINK && p->blink_frames == 0) {
        p->blink_frames = 12;
    }
    if (p->blink_frames > 0) {
        p->blink_frames--;
        p->look.eyes = p->blink_frames >= 6 && p->blink_frames < 9 ? 0.1F : 0.3F;
    }
}

void phone_move(phone *p)
{
    p->look.seed = (p->look.seed + 1) % 16000;
    if (p->ignores_guidance) {
        return;
    }
    imi_guidance g = p->guidance;
    bool nearer = g == IMI_GUIDANCE_MOVE_CLOSER;
    p->look.distance = towards(p->look.distance, nearer ? 4.7F : 8, 0.25F);
    /* Nobody moves an arm without moving the head a little. */
    float yaw = g == IMI_GUIDANCE_TURN_LEFT    ? 24
                : g == IMI_GUIDANCE_TURN_RIGHT ? -24
                : nearer                       ? 6.5F
                                               : 0;
    p->look.yaw_deg = towards(p->look.yaw_deg, yaw, 3);
    p->look.mouth = towards(p->look.mouth, g == IMI_GUIDANCE_OPEN_MOUTH ? 0.4F : 0.02F, 0.08F);
    blink(p);
}

imi_status phone_play(phone *p, int frames_max, imi_frame_feedback *out)
{
    for (int i = 0; i < frames_max; i++) {
        IMI_TRY(phone_send(p, out));
        if (out->guidance == IMI_GUIDANCE_DONE) {
            return IMI_OK;
        }
        phone_move(p);
    }
    return IMI_OK;
}

imi_frame_feedback phone_run(phone *p, const imi_created_session *session)
{
    imi_frame_feedback last = {0};
    phone_enter(p, session);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_int_equal(phone_play(p, PLAY_MAX, &last), IMI_OK);
    assert_int_equal(last.guidance, IMI_GUIDANCE_DONE);
    return last;
}
