/* Camera and frames of a verification, and whether the network is there. */
#import "IMIVerificationParts.h"

#include <stdlib.h>

enum {
    LOST_AFTER = 2, /* calls without an answer, one of which may be chance */
    REFUSALS_MAX = 4 /* captures in a row whose frames are refused: this phone will not do */
};

@implementation IMIVerification (Network)

- (int64_t)afterFailures:(uint32_t)failures
{
    return IMIMonotonicMilliseconds() + imi_core_backoff_ms(failures, arc4random());
}

- (void)heardFromServer
{
    _run->unanswered = 0;
    if (_run->lost) {
        _run->lost = false;
        _run->probeAt = 0;
        [self stopCalls:IMI_CALL_PROBE];
        if (_run->retryAt != 0) {
            _run->retryAt = IMIMonotonicMilliseconds();
        }
        [self post:IMI_CORE_EVENT_ONLINE reason:0];
    }
}

- (void)heardNothing:(BOOL)wasProbe
{
    if (wasProbe) {
        _run->probeAt = [self afterFailures:++_run->probes];
    } else if (!_run->lost && ++_run->unanswered >= LOST_AFTER) {
        _run->lost = true;
        _run->probes = 1;
        _run->probeAt = [self afterFailures:1];
        [self post:IMI_CORE_EVENT_OFFLINE reason:IMI_CORE_REASON_NO_NETWORK];
    }
}
@end

@implementation IMIVerification (Camera)

- (void)openCamera
{
    if (_run->cameraReady) {
        [self post:IMI_CORE_EVENT_CAMERA_READY reason:0];
    } else if (!_run->cameraOpen) {
        _run->cameraOpen = true;
        [[_platform camera] openFront:!_run->back delegate:self];
    }
}

- (void)closeCamera
{
    if (_run->cameraOpen) {
        _run->cameraOpen = _run->cameraReady = false;
        [[_platform camera] close];
    }
}

- (void)cameraIsReady
{
    _run->cameraReady = _run->cameraOpen;
    [self post:IMI_CORE_EVENT_CAMERA_READY reason:0];
}

- (void)cameraIsLost:(IMICameraLoss)loss
{
    uint32_t reason = loss == IMICameraDenied    ? IMI_CORE_REASON_CAMERA_DENIED
                      : loss == IMICameraMissing ? IMI_CORE_REASON_CAMERA_MISSING
                                                 : IMI_CORE_REASON_CAMERA_TAKEN;
    [self closeCamera];
    [self post:IMI_CORE_EVENT_CAMERA_LOST reason:reason];
}

- (void)cameraTookFrame:(id<IMICameraFrame>)frame
{
    if ((IMI_TAKING >> _run->state & 1) != 0) {
        [_capture takeFrame:frame];
    }
}

- (void)captureChanged
{
    [self save];
    [self show];
}

- (void)captureIsFull
{
    [self post:IMI_CORE_EVENT_STORE_FULL reason:IMI_CORE_REASON_STORAGE_FULL];
}

- (void)captureIsEmpty
{
    [self post:IMI_CORE_EVENT_QUEUE_EMPTY reason:0];
}

- (void)captureHeard:(const imi_core_feedback *)feedback
{
    _run->refusals = 0;
    _run->feedback = *feedback;
    [self heardFromServer];
    if (_run->state == IMI_CORE_STATE_CAPTURING) {
        imi_core_pacer_offer(_run->pacer, feedback->guidance, IMIMonotonicMilliseconds());
    }
    /* The only guidance without a face is to show it. What the phone itself asks for, offline, says
       nothing of a face. */
    if (feedback->guidance > IMI_CORE_PHRASE_SHOW_FACE && (IMI_TAKING >> _run->state & 1) != 0) {
        _run->faceSeen = true;
        [_capture startLight];
    }
    if (feedback->guidance == IMI_CORE_PHRASE_CAPTURE_DONE ||
        feedback->outcome > IMI_CORE_OUTCOME_IN_PROGRESS) {
        [self post:IMI_CORE_EVENT_COMPLETE reason:0];
    }
    [self show];
}

- (void)captureFailed:(imi_core_reason)reason
{
    if (reason == IMI_CORE_REASON_NO_NETWORK) {
        [self heardNothing:NO];
    } else if (reason == IMI_CORE_REASON_SESSION_OVER) {
        [self post:IMI_CORE_EVENT_SESSION_OVER reason:0];
    } else if (reason == IMI_CORE_REASON_LINK_REFUSED ||
               reason == IMI_CORE_REASON_KEY_STORE_FAILED) {
        [self post:IMI_CORE_EVENT_REFUSED reason:reason];
    } else if (reason == IMI_CORE_REASON_FRAME_REFUSED) {
        [self post:IMI_CORE_EVENT_CAPTURE_DROPPED reason:0];
        if (++_run->refusals >= REFUSALS_MAX) {
            [self closeCamera];
            [self post:IMI_CORE_EVENT_CAMERA_LOST reason:IMI_CORE_REASON_NOT_SUPPORTED];
        }
    }
}
@end
