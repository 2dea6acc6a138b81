#import "scripted.h"

enum { TURN_MS = 300 };

@interface ScriptedCall : NSObject <IMICall> {
  @public
    id<IMICallDelegate> delegate;
    NSData *body;
}
@end

@implementation ScriptedCall

- (void)dealloc
{
    [body release];
    [super dealloc];
}

- (void)cancel
{
    delegate = nil;
    [NSObject cancelPreviousPerformRequestsWithTarget:self];
}

- (void)answer
{
    [delegate call:self answeredWithStatus:200 body:body];
}

- (void)fail
{
    [delegate callFailed:self];
}
@end

// ---- Messages ----

static void putNumber(NSMutableData *out, unsigned field, uint64_t value)
{
    uint8_t bytes[12] = {(uint8_t)(field << 3)};
    size_t size = 1;
    for (; value > 127; value >>= 7) {
        bytes[size++] = (uint8_t)(value | 128);
    }
    bytes[size++] = (uint8_t)value;
    [out appendBytes:bytes length:size];
}

/* Of less than 128 bytes. */
static void putBytes(NSMutableData *out, unsigned field, const void *content, size_t size)
{
    uint8_t head[] = {(uint8_t)(field << 3 | 2), (uint8_t)size};
    [out appendBytes:head length:sizeof head];
    [out appendBytes:content length:size];
}

static void putPart(NSMutableData *out, uint8_t flag, NSData *content)
{
    uint8_t head[] = {flag, 0, 0, (uint8_t)([content length] >> 8), (uint8_t)[content length]};
    [out appendBytes:head length:sizeof head];
    [out appendData:content];
}

NSData *ScriptedJoined(int64_t expiresAt)
{
    NSMutableData *message = [NSMutableData data];
    putBytes(message, 1, "credential", 10);
    putNumber(message, 4, (uint64_t)expiresAt);
    return message;
}

@implementation ScriptedTransport

- (id)init
{
    self = [super init];
    _calls = [[NSCountedSet alloc] init];
    return self;
}

- (void)dealloc
{
    [_calls release];
    [joinBody release];
    [super dealloc];
}

- (NSUInteger)callsOf:(NSString *)method
{
    return [_calls countForObject:method];
}

/* Two colours, a minute each. */
- (void)putCapture:(NSMutableData *)message
{
    static const uint8_t nonce[32] = {1};
    NSMutableData *light = [NSMutableData data];
    putNumber(light, 1, 60000);
    putNumber(light, 2, 0x0000FF);
    putNumber(light, 2, 0x00FF00);
    putBytes(message, 1, "capture", 7);
    putBytes(message, 2, nonce, sizeof nonce);
    putNumber(message, 3, 2);
    putNumber(message, 5, 200000);
    putBytes(message, 7, [light bytes], [light length]);
    _sequence = 0;
}

- (NSData *)messageFor:(NSString *)method
{
    NSMutableData *message = [NSMutableData data];
    if ([method isEqual:@"Join"]) {
        return ScriptedJoined((int64_t)([[NSDate date] timeIntervalSince1970] + 600) * 1000);
    }
    if ([method isEqual:@"BeginCapture"] && turns > 0) {
        turns--;
        putNumber(message, 8, TURN_MS);
        putNumber(message, 9, 1);
    } else if ([method isEqual:@"BeginCapture"]) {
        [self putCapture:message];
    } else if ([method isEqual:@"SubmitFrame"]) {
        NSMutableData *feedback = [NSMutableData data];
        putNumber(feedback, 1, ++_sequence);
        putNumber(feedback, 2, guidance);
        putBytes(message, 1, [feedback bytes], [feedback length]);
    }
    return message;
}

- (id<IMICall>)postBody:(NSData *)body
                  toURL:(NSURL *)url
                headers:(NSDictionary *)headers
                timeout:(NSTimeInterval)seconds
               delegate:(id<IMICallDelegate>)delegate
{
    NSString *method = [[url path] lastPathComponent];
    ScriptedCall *call = [[[ScriptedCall alloc] init] autorelease];
    unsigned status = [method isEqual:@"SubmitFrame"] ? frameStatus : 0;
    NSString *trailer = [NSString stringWithFormat:@"grpc-status:%u\r\n", status];
    NSMutableData *answer = [NSMutableData data];
    [_calls addObject:method];
    if ([method isEqual:@"Join"]) {
        [joinBody release];
        joinBody = [body copy];
    }
    if (status == 0) {
        putPart(answer, 0, [self messageFor:method]);
    }
    putPart(answer, 0x80, [trailer dataUsingEncoding:NSASCIIStringEncoding]);
    call->delegate = delegate;
    call->body = [answer retain];
    if (!silent) {
        SEL what = away ? @selector(fail) : @selector(answer);
        [call performSelector:what withObject:nil afterDelay:0.02];
    }
    return call;
}
@end

@implementation ScriptedPhone

- (id)init
{
    self = [super initWithTransport:[[[ScriptedTransport alloc] init] autorelease]
                             camera:[[[NoiseCamera alloc] init] autorelease]];
    server = (ScriptedTransport *)_transport;
    return self;
}
@end
