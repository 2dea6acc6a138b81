/** A phone with a server and a camera of its own, for what others do only by chance, or never. */
#import "phone.h"
#import "timed_camera.h"

/** An answer to Join, of a session that ends then (ms since 1970). */
NSData *ScriptedJoined(int64_t expiresAt);

/** Answers at once, as it is told. */
@interface ScriptedTransport : NSObject <IMITransport> {
    NSCountedSet *_calls;
    unsigned _sequence;
  @public
    unsigned guidance; /* told for each frame */
    unsigned frameStatus; /* of gRPC, for each frame */
    unsigned turns; /* so often others have theirs first */
    BOOL silent; /* no answer to anything */
    BOOL away; /* every call fails */
    NSData *joinBody; /* the last */
}
- (NSUInteger)callsOf:(NSString *)method;
@end

/** Pictures that show nothing. */
@interface NoiseCamera : TimedCamera
@end

@interface ScriptedPhone : Phone {
  @public
    ScriptedTransport *server; /* held by Phone */
}
@end
