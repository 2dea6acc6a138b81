/* Time, and what is shown. */
#import "IMIVerificationParts.h"

#import "IMINames.h"
#import "IMIViewParts.h"

/* Where the reason tells more than the state. */
enum {
    REASON_TELLS = IMI_AT(JOINING) | IMI_AT(CONSENTING) | IMI_AT(CAMERA_HELP) | IMI_AT(BEGINNING) |
                   IMI_AT(WAITING) | IMI_AT(JUDGING) | IMI_AT(WITHDRAWING) | IMI_AT(BLOCKED)
};

static NSString *nameOfPhrase(uint32_t phrase)
{
    return [NSString stringWithUTF8String:imi_core_phrase_name(phrase)];
}

@implementation IMIVerification (Shown)

/* What the state says, or the reason for it. */
- (uint32_t)ownPhrase
{
    bool reasonTells = (REASON_TELLS >> _run->state & 1) != 0;
    return _run->reason != IMI_CORE_REASON_NONE && reasonTells
               ? imi_core_reason_phrase(_run->reason)
               : imi_core_session_phrase(_run->state);
}

- (void)tell
{
    uint32_t phrase = [self ownPhrase];
    if (_run->state == IMI_CORE_STATE_CAPTURING) {
        phrase = _run->feedback.guidance != IMI_CORE_PHRASE_NONE ? _run->feedback.guidance
                                                                 : IMI_CORE_PHRASE_SHOW_FACE;
    }
    imi_core_pacer_offer(_run->pacer, phrase, IMIMonotonicMilliseconds());
}

- (void)fillTexts:(IMIView *)view
{
    imi_core_joined joined;
    uint32_t phrase = _run->phrase != 0 ? _run->phrase : [self ownPhrase];
    [view setState:IMIStateName(_run->state)];
    [view setPhrase:nameOfPhrase(phrase != 0 ? phrase : IMI_CORE_PHRASE_SHOW_FACE)];
    [view setReason:[NSString stringWithUTF8String:imi_core_reason_name(_run->reason)]];
    bool advises = _run->state == IMI_CORE_STATE_TRY_AGAIN;
    [view setAdvice:nameOfPhrase(advises ? _run->advice : IMI_CORE_PHRASE_NONE)];
    if (imi_core_read_joined(IMIViewOf(_joined), &joined)) {
        [view setPurposeTitle:IMITextOf(joined.purpose_title)];
        [view setConsentText:IMITextOf(joined.consent_text)];
        [view setReceiver:IMITextOf(joined.receiver)];
    }
    [view setClaims:_claims == nil ? [NSArray array] : _claims];
    [view setKeepReferenceText:_keepText];
}

- (IMIView *)look
{
    IMIView *view = [[[IMIView alloc] init] autorelease];
    const imi_core_feedback *heard = &_run->feedback;
    [self fillTexts:view];
    if (heard->has_target && _run->state == IMI_CORE_STATE_CAPTURING) {
        [view setOval:(IMIOval){heard->target.centre_x_permille, heard->target.centre_y_permille,
                                heard->target.height_permille}];
    }
    [view setSpoken:_run->spoken];
    [view setLight:_run->cameraReady ? [_capture lightColour] : -1];
    [view setActionsDone:heard->actions_done];
    [view setActionsTotal:_run->actionCount];
    [view setAttemptsLeft:_run->attemptsLeft];
    [view setFramesWaiting:imi_core_queue_waiting([_capture queue])];
    [view setFaceSeen:_run->faceSeen];
    [view setWaitUntilUnixMs:_run->waitUntil];
    [view setExpiresAtUnixMs:_run->expiresAt];
    [view setKeepReference:_run->keepReference];
    [view setOver:imi_core_session_is_over(_run->state)];
    return view;
}

- (void)report
{
    [_delegate verification:self changedTo:_view];
}

- (void)show
{
    IMIView *view = [self look];
    if ([view isEqual:_view]) {
        return;
    }
    [self setView:view];
    [NSObject cancelPreviousPerformRequestsWithTarget:self selector:@selector(report) object:nil];
    [self performSelector:@selector(report) withObject:nil afterDelay:0];
}

- (void)guideOfflineAt:(int64_t)now
{
    uint32_t done = MIN(_run->feedback.actions_done, _run->actionCount);
    if (_run->offlineSince == 0) {
        return;
    }
    uint32_t phrase = imi_core_offline_phrase(_run->actions + done, _run->actionCount - done,
                                              (uint32_t)(now - _run->offlineSince));
    if (phrase == IMI_CORE_PHRASE_CAPTURE_DONE) {
        [self post:IMI_CORE_EVENT_ENOUGH reason:0];
    } else {
        imi_core_pacer_offer(_run->pacer, phrase, now);
    }
}

/* Who reads or decides in their own time is not told again and again. */
- (void)cueAt:(int64_t)now
{
    imi_core_cue cue;
    imi_core_pacer_tick(_run->pacer, now, &cue);
    bool repeats = (IMI_TAKING >> _run->state & 1) != 0;
    _run->spoken += cue.speak && (cue.phrase != _run->phrase || repeats);
    _run->phrase = cue.phrase;
}

- (void)tick:(NSTimer *)timer
{
    (void)timer;
    int64_t now = IMIMonotonicMilliseconds(), unixNow = IMIUnixMilliseconds();
    if (_run->retryAt != 0 && now >= _run->retryAt) {
        _run->retryAt = 0;
        [self post:IMI_CORE_EVENT_RETRY_DUE reason:0];
    }
    if (_run->waitUntil != 0 && unixNow >= _run->waitUntil) {
        [self post:IMI_CORE_EVENT_WAIT_OVER reason:0];
    }
    if (_run->expiresAt != 0 && unixNow >= _run->expiresAt) {
        [self post:IMI_CORE_EVENT_EXPIRE reason:IMI_CORE_REASON_SESSION_EXPIRED];
    }
    if (_run->probeAt != 0 && now >= _run->probeAt) {
        _run->probeAt = 0;
        [self call:@"SubjectService/GetOutcome" tag:IMI_CALL_PROBE message:[NSData data]];
    }
    [self guideOfflineAt:now];
    [self cueAt:now];
    [self show];
}
@end
