/* What of a verification outlives the process. */
#import "IMIVerificationParts.h"

enum { OFFLINE_SAVE_MS = 2000 }; /* frames that wait for the network can wait for this, too */

static NSDictionary *dictionaryOf(NSData *data)
{
    id list = data == nil ? nil
                          : [NSPropertyListSerialization propertyListWithData:data
                                                                      options:NSPropertyListImmutable
                                                                       format:NULL
                                                                        error:NULL];
    return [list isKindOfClass:[NSDictionary class]] ? list : nil;
}

@implementation IMIVerification (Saved)

- (void)keep:(NSDictionary *)list
{
    NSData *data = [NSPropertyListSerialization dataWithPropertyList:list
                                                              format:NSPropertyListBinaryFormat_v1_0
                                                             options:0
                                                               error:NULL];
    if (data != nil) {
        [[_platform vault] save:data];
    }
}

- (void)save
{
    int64_t now = IMIMonotonicMilliseconds();
    bool offline = _run->state == IMI_CORE_STATE_CAPTURING_OFFLINE;
    if (_joined == nil || imi_core_session_is_over(_run->state) ||
        (offline && now - _run->savedAt < OFFLINE_SAVE_MS)) {
        return;
    }
    NSMutableData *core =
        [NSMutableData dataWithLength:imi_core_state_saved_size([_capture queue])];
    [core setLength:imi_core_state_save(_run->state, _run->expiresAt, [_capture queue],
                                        [core mutableBytes], [core length])];
    NSNumber *light = [NSNumber numberWithBool:[_capture hasLight]];
    NSNumber *quality = [NSNumber numberWithUnsignedInteger:[_capture quality]];
    [self keep:[NSDictionary dictionaryWithObjectsAndKeys:_sessionID, @"session", _joined, @"joined",
                                                          core, @"core", light, @"light", quality,
                                                          @"quality", nil]];
    _run->savedAt = now;
}

/* Nothing stays but how it ended. */
- (void)forget
{
    [[_platform vault] erase];
    [[_platform key] erase];
    [self keep:[NSDictionary dictionaryWithObjectsAndKeys:_sessionID, @"session",
                                                          [NSNumber numberWithUnsignedInt:_run->state],
                                                          @"ended", nil]];
}

/* Before the key is first told: who ends the app now may join again by it. */
- (void)saveSession
{
    [self keep:[NSDictionary dictionaryWithObject:_sessionID forKey:@"session"]];
}

/* A key that two sessions use would say that they are of one person. Without a vault it is an
   earlier session's, too: keychains outlive the app. */
- (void)eraseOthers
{
    [[_platform vault] erase];
    [[_platform key] erase];
}

- (void)restore
{
    NSDictionary *saved = dictionaryOf([[_platform vault] load]);
    if (![[saved objectForKey:@"session"] isEqual:_sessionID]) {
        [self eraseOthers];
        return;
    }
    uint32_t ended = [[saved objectForKey:@"ended"] unsignedIntValue];
    if (ended != 0) {
        _run->state = ended;
        return;
    }
    NSData *joinedData = [saved objectForKey:@"joined"];
    imi_core_joined joined;
    imi_core_loaded loaded;
    if (!imi_core_read_joined(IMIViewOf(joinedData), &joined) ||
        !imi_core_state_load(IMIViewOf([saved objectForKey:@"core"]), [_capture queue], &loaded)) {
        return;
    }
    [self remember:&joined from:joinedData];
    [_capture goOnWithQuality:[[saved objectForKey:@"quality"] unsignedIntegerValue]];
    _run->state = loaded.state;
    [self post:IMI_CORE_EVENT_RELOADED reason:0];
    /* How far the colours had come is not known any more. */
    if ([[saved objectForKey:@"light"] boolValue]) {
        [self post:IMI_CORE_EVENT_CAPTURE_DROPPED reason:0];
    }
}
@end

@implementation IMIVerification (Leftovers)

+ (void)eraseExpiredFrom:(id<IMIVault>)vault
{
    NSData *joined = [dictionaryOf([vault load]) objectForKey:@"joined"];
    imi_core_joined read;
    if (imi_core_read_joined(IMIViewOf(joined), &read) &&
        read.expires_at_unix_ms <= IMIUnixMilliseconds()) {
        [vault erase];
    }
}
@end
