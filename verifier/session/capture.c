/*
 * Frames of a capture as the phone sends them.
 */
#include "credential.h"
#include "live_capture.h"
#include "service_internal.h"

#include <string.h>

static const imi_jpeg_limits frame_limits = IMI_JPEG_LIMITS_FRAME;

/* The capture that a credential is for, with a reference for the caller. The live capture
 * knows the credential, so that a frame does not cost a read of the store. */
static imi_status find_capture(imi_service *service, const char *credential, const char *capture_id,
                               imi_live_capture **out, imi_error *err)
{
    *out = NULL;
    char session_id[IMI_ID_SIZE];
    const char *secret = NULL;
    IMI_AUTO(imi_live_capture) capture = NULL;
    if (imi_credential_split(credential, session_id, &secret)) {
        capture = imi_captures_acquire(&service->captures, session_id);
    }
    if (capture == NULL) {
        imi_session_record record;
        IMI_TRY(imi_session_authenticate(service, credential, &record, err));
        IMI_FAIL(err, IMI_E_FRAME_CHAIN, "no such capture: begin another");
    }
    if (!imi_credential_matches(secret, capture->credential_hash) ||
        imi_service_now_ms(service) >= capture->expires_ms) {
        IMI_FAIL(err, IMI_E_UNAUTHENTICATED, "the credential is not valid");
    }
    if (strcmp(capture->capture_id, capture_id) != 0) {
        IMI_FAIL(err, IMI_E_FRAME_CHAIN, "no such capture: begin another");
    }
    *out = IMI_STEAL(&capture);
    return IMI_OK;
}

static imi_status submit_frame(imi_service *service, const char *credential, const imi_frame *frame,
                               imi_frame_reply reply, void *user, imi_error *err)
{
    if (frame == NULL || frame->capture_id == NULL || reply == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a frame, its capture and a reply are needed");
    }
    IMI_AUTO(imi_live_capture) capture = NULL;
    IMI_TRY(find_capture(service, credential, frame->capture_id, &capture, err));
    if (frame->jpeg.size > frame_limits.bytes) {
        IMI_FAIL(err, IMI_E_IMAGE_TOO_LARGE, "a frame has at most %zu bytes", frame_limits.bytes);
    }
    return imi_live_capture_submit(capture, frame, reply, user, err);
}

imi_status imi_service_submit_frame(imi_service *service, const char *credential,
                                    const imi_frame *frame, imi_frame_reply reply, void *user,
                                    imi_error *err)
{
    imi_status status = submit_frame(service, credential, frame, reply, user, err);
    atomic_fetch_add(
        status == IMI_OK ? &service->counters.frames_taken : &service->counters.frames_refused, 1);
    return status;
}
