/**
 * A subject's phone with a person before it, who does what the guidance says.
 */
#ifndef IMI_TESTS_PHONE_H
#define IMI_TESTS_PHONE_H

#include "device_key.h"
#include "fixture.h"

/** Answer to one frame, filled in by a reply on another thread. */
typedef struct phone_answer {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int replies;
    imi_status status;
    imi_error error;
    imi_frame_feedback feedback;
} phone_answer;

void phone_answer_init(phone_answer *answer);
/** Wait until at least this many replies have come. */
void phone_answer_wait(phone_answer *answer, int replies);
/** An imi_frame_reply; user is the phone_answer. */
void phone_answer_reply(void *user, imi_status status, const imi_error *error,
                        const imi_frame_feedback *feedback);

typedef struct phone {
    fixture *f;
    device_key *key;
    char session_id[IMI_ID_SIZE];
    char credential[IMI_CREDENTIAL_TEXT_SIZE];
    imi_begin_capture says; /* before each capture; nothing at first */
    imi_capture_begun capture;
    phone_chain chain;
    scene look; /* what the camera sees now */
    imi_guidance guidance; /* heard last */
    int blink_frames; /* of a blink under way */
    bool ignores_guidance; /* a person who does nothing */
    int64_t frame_ms; /* between frames */
    bool shows_light; /* colours, from the beginning of the capture on */
    bool light_stands; /* it always says that the first colour has just appeared */
    bool moves_clock; /* the service's clock goes on with the frames; for one phone at a time */
} phone;

/** A phone with a fresh key and this person before it. */
phone *phone_new(fixture *f, uint32_t person);
void phone_destroy(phone **p);

imi_status phone_join(phone *p, const imi_created_session *session);
/** Join, consent; must succeed. */
void phone_enter(phone *p, const imi_created_session *session);
/** Begin a capture and start its chain. */
imi_status phone_begin(phone *p);

/** From the beginning of the capture to the last frame. */
int64_t phone_elapsed_ms(const phone *p);
/** Send the JPEG as the next frame and wait for the answer. A refusal at once is returned and
 *  does not move the phone's chain. */
imi_status phone_send_jpeg(phone *p, imi_view jpeg, imi_frame_feedback *out);
/** Send what the camera sees now. */
imi_status phone_send(phone *p, imi_frame_feedback *out);
/** Move the person one frame on, as the guidance asks. */
void phone_move(phone *p);

/** Send frames and follow the guidance until it says done, at most this many frames.
 *  Returns the first status that is not IMI_OK. */
imi_status phone_play(phone *p, int frames_max, imi_frame_feedback *out);

/** Enter, begin and play a whole capture of a fresh session; must get through.
 *  Returns what the phone was told at the end. */
imi_frame_feedback phone_run(phone *p, const imi_created_session *session);

#endif
