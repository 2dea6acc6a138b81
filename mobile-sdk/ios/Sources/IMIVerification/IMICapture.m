#import "IMICapture.h"

#include <stdlib.h>

enum {
    WINDOW = 2, /* docs/mobile-core.md */
    STORAGE_BYTES = 4 << 20, /* of JPEGs that wait for the network */
    FIRST_QUALITY = 60,
    TRIALS_MAX = 5 /* frames that the quality may take to be found */
};
/* A frame that takes longer is sent again; the server answers it once. */
static const NSTimeInterval frameTimeout = 10;

int64_t IMIMonotonicMilliseconds(void)
{
    return (int64_t)([[NSProcessInfo processInfo] systemUptime] * 1000);
}

int64_t IMIUnixMilliseconds(void)
{
    return (int64_t)([[NSDate date] timeIntervalSince1970] * 1000);
}

static uint32_t drawRandom(void *user)
{
    (void)user;
    return arc4random();
}

@implementation IMICapture
@synthesize room = _room, quality = _quality, queue = _queue;

- (id)initWithCalls:(IMICalls *)calls
                key:(id<IMIDeviceKey>)key
           delegate:(id<IMICaptureDelegate>)delegate
{
    self = [super init];
    if (self != nil) {
        imi_core_queue_options options = {.window = WINDOW, .random = drawRandom};
        _calls = [calls retain];
        _key = [key retain];
        _delegate = delegate;
        _underWay = [[NSMutableArray alloc] init];
        _queueStorage =
            [[NSMutableData alloc] initWithLength:imi_core_queue_size() + STORAGE_BYTES];
        _chooserStorage = [[NSMutableData alloc] initWithLength:imi_core_chooser_size()];
        _queue = imi_core_queue_init([_queueStorage mutableBytes], [_queueStorage length], &options);
        _chooser =
            imi_core_chooser_init([_chooserStorage mutableBytes], [_chooserStorage length]);
        _quality = FIRST_QUALITY;
        _room = NSUIntegerMax;
    }
    return self;
}

- (void)dealloc
{
    [self hold];
    [self drop];
    [_calls release];
    [_key release];
    [_underWay release];
    [_queueStorage release];
    [_chooserStorage release];
    [super dealloc];
}

- (BOOL)beginWith:(const imi_core_begun *)begun
{
    [self drop];
    _trialsLeft = TRIALS_MAX;
    _light = *begun;
    _lightSince = -1;
    return imi_core_queue_begin(_queue, begun->capture_id, begun->nonce.data,
                                begun->max_frame_bytes);
}

- (void)goOnWithQuality:(NSUInteger)quality
{
    _quality = quality;
    _trialsLeft = 0;
}

// ---- Light ----

- (BOOL)hasLight
{
    return _light.colour_count > 0;
}

- (void)startLight
{
    if ([self hasLight] && _lightSince < 0) {
        _lightSince = IMIMonotonicMilliseconds();
    }
}

/* Milliseconds since the first colour, counted from 1; 0 while none is shown. */
- (uint32_t)lightShown
{
    int64_t shown = IMIMonotonicMilliseconds() - _lightSince;
    int64_t end = (int64_t)_light.colour_count * _light.light_step_ms;
    return _lightSince >= 0 && shown < end ? (uint32_t)shown + 1 : 0;
}

- (NSInteger)lightColour
{
    uint32_t shown = [self lightShown];
    return shown == 0 ? -1 : (NSInteger)_light.colours[(shown - 1) / _light.light_step_ms];
}

// ---- Camera frames ----

- (void)findQuality:(id<IMICameraFrame>)frame forBytes:(uint32_t)bytes
{
    NSUInteger size = [[frame JPEGWithQuality:_quality] length];
    NSUInteger better = imi_core_jpeg_quality((uint32_t)_quality, (uint32_t)size, bytes);
    _trialsLeft = better == _quality ? 0 : _trialsLeft - 1;
    _quality = better;
}

- (BOOL)isToBeSent:(id<IMICameraFrame>)frame period:(uint32_t)period
{
    imi_core_luma luma = {[frame luma], (uint32_t)[frame width], (uint32_t)[frame height],
                          (uint32_t)[frame bytesPerRow]};
    imi_core_quality quality;
    return imi_core_quality_measure(&luma, NULL, &quality) &&
           imi_core_chooser_take(_chooser, &quality, period, IMIMonotonicMilliseconds());
}

/* Sign and keep one frame. */
- (void)keepJPEG:(NSData *)jpeg lightShown:(uint32_t)lightShown
{
    uint8_t message[IMI_CORE_FRAME_MESSAGE_SIZE];
    int64_t now = IMIUnixMilliseconds();
    imi_core_frame kept = {.captured_at_unix_ms = now > _lastCaptured ? now : _lastCaptured + 1,
                           .light_shown_ms = lightShown,
                           .jpeg = {[jpeg bytes], [jpeg length]}};
    NSData *digest = [_key digestOfData:jpeg];
    if ([digest length] != IMI_CORE_DIGEST_SIZE ||
        !imi_core_queue_message(_queue, kept.captured_at_unix_ms, [digest bytes], message)) {
        return;
    }
    NSData *signature =
        [_key signatureOfMessage:[NSData dataWithBytes:message length:sizeof message]];
    if ([signature length] != IMI_CORE_SIGNATURE_SIZE) {
        [_delegate captureFailed:IMI_CORE_REASON_KEY_STORE_FAILED];
        return;
    }
    [signature getBytes:kept.signature length:IMI_CORE_SIGNATURE_SIZE];
    imi_core_push verdict = imi_core_queue_push(_queue, &kept);
    if (verdict == IMI_CORE_PUSH_OK) {
        _lastCaptured = kept.captured_at_unix_ms;
        [_delegate captureChanged];
        [self pump];
    } else if (verdict == IMI_CORE_PUSH_FULL) {
        [_delegate captureIsFull];
    }
}

- (void)takeFrame:(id<IMICameraFrame>)frame
{
    imi_core_plan plan;
    imi_core_queue_plan(_queue, &plan);
    if (imi_core_queue_waiting(_queue) >= _room) {
        return;
    }
    if (_trialsLeft > 0) {
        [self findQuality:frame forBytes:plan.jpeg_bytes];
    } else if ([self isToBeSent:frame period:plan.period_ms]) {
        uint32_t shown = [self lightShown];
        NSData *jpeg = [frame JPEGWithQuality:_quality];
        if (jpeg != nil) {
            [self keepJPEG:jpeg lightShown:shown];
        }
    }
}

// ---- Sending ----

- (void)sendFrame:(const imi_core_frame *)frame
{
    size_t room = frame->jpeg.size + IMI_CORE_FRAME_ENVELOPE_MAX;
    NSMutableData *message = [NSMutableData dataWithLength:room];
    [message setLength:imi_core_write_frame(imi_core_queue_capture_id(_queue), frame,
                                            [message mutableBytes], room)];
    IMIUnaryCall *call = [_calls newCall:@"SubjectService/SubmitFrame"
                                 message:message
                                 timeout:frameTimeout
                                delegate:self];
    [call setSequence:frame->sequence];
    [_underWay addObject:call];
    [call release];
}

- (void)pump
{
    imi_core_frame frame;
    while (_sending && imi_core_queue_next(_queue, IMIMonotonicMilliseconds(), &frame)) {
        [self sendFrame:&frame];
    }
}

- (void)send
{
    if (!_sending) {
        imi_core_queue_reconnected(_queue);
    }
    _sending = YES;
    [self pump];
    if (imi_core_queue_waiting(_queue) == 0) {
        [_delegate captureIsEmpty];
    }
}

- (void)hold
{
    _sending = NO;
    [_retry invalidate];
    _retry = nil;
}

- (void)drop
{
    [_underWay makeObjectsPerformSelector:@selector(cancel)];
    [_underWay removeAllObjects];
    imi_core_queue_drop(_queue);
    _light = (imi_core_begun){.colour_count = 0};
    _lightSince = -1;
}

- (void)call:(IMIUnaryCall *)call answered:(imi_core_view)message
{
    imi_core_feedback feedback;
    if (!imi_core_read_feedback(message, &feedback)) {
        [self call:call failed:IMI_CORE_REASON_ANSWER_MALFORMED];
        return;
    }
    [[call retain] autorelease];
    [_underWay removeObjectIdenticalTo:call];
    imi_core_queue_answered(_queue, feedback.sequence, IMIMonotonicMilliseconds());
    [_delegate captureChanged];
    [_delegate captureHeard:&feedback];
    [self pump];
    if (_sending && imi_core_queue_waiting(_queue) == 0) {
        [_delegate captureIsEmpty];
    }
}

- (void)call:(IMIUnaryCall *)call failed:(imi_core_reason)reason
{
    [[call retain] autorelease];
    [_underWay removeObjectIdenticalTo:call];
    uint32_t wait = imi_core_queue_failed(_queue, [call sequence], IMIMonotonicMilliseconds());
    [_retry invalidate];
    _retry = _sending ? [NSTimer scheduledTimerWithTimeInterval:(wait + 1) / 1000.0
                                                         target:self
                                                       selector:@selector(retryIsDue:)
                                                       userInfo:nil
                                                        repeats:NO]
                      : nil;
    [_delegate captureFailed:reason];
}

- (void)retryIsDue:(NSTimer *)timer
{
    (void)timer;
    _retry = nil;
    [self pump];
}
@end
