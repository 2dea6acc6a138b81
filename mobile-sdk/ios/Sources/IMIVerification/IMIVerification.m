#import "IMIVerificationParts.h"

#import "IMIJoinLink.h"
#import "IMINames.h"

#include <stdlib.h>

enum {
    TICK_MS = 50,
    ONLINE_ROOM = 3 /* frames that may wait while the server guides: more would be old */
};

@implementation IMIPlatform
@synthesize transport = _transport, key = _key, camera = _camera, vault = _vault;
@synthesize attestor = _attestor;

- (void)dealloc
{
    [_transport release];
    [_key release];
    [_camera release];
    [_vault release];
    [_attestor release];
    [super dealloc];
}
@end

@implementation IMIVerification
@synthesize view = _view;

// ---- Life ----

- (id)initWithLink:(NSString *)link
          platform:(IMIPlatform *)platform
          delegate:(id<IMIVerificationDelegate>)delegate
{
    self = [super init];
    NSString *origin = nil, *sessionID = nil, *secret = nil;
    if (self == nil || !IMIParseJoinLink(link, &origin, &sessionID, &secret)) {
        [self release];
        return nil;
    }
    _sessionID = [sessionID copy];
    _joinSecret = [secret copy];
    _platform = [platform retain];
    _delegate = delegate;
    _events = [[NSMutableArray alloc] init];
    _underWay = [[NSMutableArray alloc] init];
    _run = calloc(1, sizeof *_run);
    _run->pacer = imi_core_pacer_init(calloc(1, imi_core_pacer_size()), imi_core_pacer_size());
    _calls = [[IMICalls alloc] initWithOrigin:origin transport:[platform transport]];
    _capture = [[IMICapture alloc] initWithCalls:_calls key:[platform key] delegate:self];
    [self restore];
    [self tell];
    [self show];
    _ticker = [NSTimer scheduledTimerWithTimeInterval:TICK_MS / 1000.0
                                               target:self
                                             selector:@selector(tick:)
                                             userInfo:nil
                                              repeats:YES];
    return self;
}

- (void)close
{
    if (_run->closed) {
        return;
    }
    _run->closed = true;
    [_ticker invalidate]; /* it holds this object */
    _ticker = nil;
    [[_platform camera] close];
    [_capture hold];
    [self stopCalls:0];
    _delegate = nil;
}

- (void)dealloc
{
    [_capture release];
    [_calls release];
    [_platform release];
    [_view release];
    [_sessionID release];
    [_joinSecret release];
    [_joined release];
    [_claims release];
    [_agreed release];
    [_keepText release];
    [_consentRecord release];
    [_consentReceipt release];
    [_events release];
    [_underWay release];
    if (_run != NULL) {
        free(_run->pacer);
        free(_run);
    }
    [super dealloc];
}

// ---- What the app calls ----

- (void)start
{
    [self post:IMI_CORE_EVENT_START reason:0];
}

- (void)agreeToClaims:(NSArray *)names
{
    [_agreed release];
    _agreed = [names copy];
    [self post:IMI_CORE_EVENT_AGREE reason:0];
}

- (void)disagree
{
    [self post:IMI_CORE_EVENT_DISAGREE reason:0];
}

- (void)again
{
    [self post:IMI_CORE_EVENT_AGAIN reason:0];
}

- (void)pause
{
    [self post:IMI_CORE_EVENT_PAUSE reason:0];
}

- (void)resume
{
    [self post:IMI_CORE_EVENT_RESUME reason:0];
}

- (void)setCannot:(NSArray *)actions
{
    _run->cannot = IMIActionMask(actions);
}

/* A capture has one camera: it begins again, at no cost. */
- (void)setFrontCamera:(BOOL)front
{
    if (_run->back != front) {
        return;
    }
    _run->back = !front;
    if (_run->cameraOpen) {
        [self closeCamera];
        if ((IMI_IN_CAPTURE >> _run->state & 1) != 0) {
            [self post:IMI_CORE_EVENT_CAPTURE_DROPPED reason:0];
        } else {
            [self openCamera];
        }
    }
}

- (void)isSpeakingForMilliseconds:(NSUInteger)length
{
    imi_core_pacer_speaking(_run->pacer, (uint32_t)length, IMIMonotonicMilliseconds());
}

- (void)answerKeepReference:(BOOL)accepted
{
    uint8_t bytes[16];
    size_t size = imi_core_write_consent(accepted, NULL, 0, bytes, sizeof bytes);
    [self call:@"SubjectService/AnswerAdditionalReference"
           tag:IMI_CALL_KEEP
       message:[NSData dataWithBytes:bytes length:size]];
}

- (void)askForReceipts
{
    [self call:@"HolderService/GetConsent" tag:IMI_CALL_CONSENT_RECORD message:[NSData data]];
}

// ---- Events ----

#define DOES(NAME) ((actions & IMI_CORE_DO_##NAME) != 0)

/* What ends comes before what begins. */
- (void)perform:(uint32_t)actions
{
    if (DOES(CLOSE_CAMERA)) {
        [self closeCamera];
    }
    if (DOES(HOLD)) {
        [_capture hold];
    }
    if (DOES(DROP_FRAMES)) {
        [self dropFrames];
    }
    if (DOES(FORGET)) {
        [self forget];
    }
    [self callFor:actions];
    if (DOES(BACK_OFF)) {
        _run->retryAt = [self afterFailures:++_run->failures];
    }
    if (DOES(WAIT)) {
        _run->waitUntil = IMIUnixMilliseconds() + _run->retryAfter;
    }
    if (DOES(OPEN_CAMERA)) {
        [self openCamera];
    }
    if (DOES(SEND)) {
        [_capture send];
    }
}

- (void)take:(uint32_t)event reason:(uint32_t)reason
{
    imi_core_step step;
    imi_core_session_step(_run->state, event, &step);
    if (!step.handled) {
        return;
    }
    bool moved = step.next != _run->state;
    if (moved) {
        [self stopCalls:IMI_CALL_CONTROL];
        _run->retryAt = _run->waitUntil = 0;
        _run->failures = 0;
    }
    _run->state = step.next;
    if (moved || reason != IMI_CORE_REASON_NONE) {
        _run->reason = reason;
    }
    bool offline = _run->state == IMI_CORE_STATE_CAPTURING_OFFLINE;
    int64_t since = _run->offlineSince != 0 ? _run->offlineSince : IMIMonotonicMilliseconds();
    _run->offlineSince = offline ? since : 0;
    [_capture setRoom:_run->state == IMI_CORE_STATE_CAPTURING ? ONLINE_ROOM : NSUIntegerMax];
    [self perform:step.actions];
    if (moved || reason != IMI_CORE_REASON_NONE) {
        [self tell];
    }
    [self save];
}

- (void)post:(uint32_t)event reason:(uint32_t)reason
{
    if (_run->closed) {
        return;
    }
    [_events addObject:[NSNumber numberWithUnsignedInt:event | reason << 16]];
    if (_run->draining) {
        return;
    }
    _run->draining = true;
    while ([_events count] > 0) {
        uint32_t next = [[_events objectAtIndex:0] unsignedIntValue];
        [_events removeObjectAtIndex:0];
        [self take:next & 0xFFFF reason:next >> 16];
    }
    _run->draining = false;
    [self show];
}

- (void)dropFrames
{
    [_capture drop];
    _run->feedback = (imi_core_feedback){.sequence = 0};
    _run->faceSeen = false;
}
@end
