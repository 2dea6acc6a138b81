#import "IMIVerification.h"

/** A camera that takes a picture again and again; of what, its subclass says. */
@interface TimedCamera : NSObject <IMICamera> {
    id<IMICameraDelegate> _delegate;
    NSTimer *_shutter;
}
/** Tells that it is open. */
- (void)ready;
@end

/** What a subclass has. */
@interface TimedCamera (Pictures)
- (int)periodMs;
- (id<IMICameraFrame>)newPicture;
@end
