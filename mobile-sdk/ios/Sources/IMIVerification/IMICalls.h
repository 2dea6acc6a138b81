/** Unary gRPC-Web calls, framed and taken apart by the core. */
#import "IMIPlatform.h"
#import "imi_core/imi_core.h"

@class IMIUnaryCall;

@protocol IMIUnaryCallDelegate <NSObject>
- (void)call:(IMIUnaryCall *)call answered:(imi_core_view)message;
- (void)call:(IMIUnaryCall *)call failed:(imi_core_reason)reason;
@end

@interface IMIUnaryCall : NSObject <IMICallDelegate> {
    id<IMICall> _call;
    id<IMIUnaryCallDelegate> _delegate; /* not retained */
    NSUInteger _tag;
    uint64_t _sequence;
}
@property(nonatomic) NSUInteger tag; /**< the caller's own */
@property(nonatomic) uint64_t sequence; /**< of SubmitFrame */
/** Nothing is told after this. */
- (void)cancel;
@end

@interface IMICalls : NSObject {
    NSString *_origin, *_credential;
    id<IMITransport> _transport;
}
@property(nonatomic, copy) NSString *credential; /**< nil before Join */
- (id)initWithOrigin:(NSString *)origin transport:(id<IMITransport>)transport;
/** method: "SubjectService/Join". The call is owned by the caller. */
- (IMIUnaryCall *)newCall:(NSString *)method
                  message:(NSData *)message
                  timeout:(NSTimeInterval)seconds
                 delegate:(id<IMIUnaryCallDelegate>)delegate;
@end
