/** A phone whose network is bad, with a person before it from a clip. */
#import "phone.h"
#import "timed_camera.h"

/** NSURLConnection, which GNUstep has; may lose calls and answers. */
@interface BadTransport : NSObject <IMITransport> {
  @public
    BOOL away; /* nothing gets through */
    int lossPercent; /* of calls, and again of answers */
    int posted, lost;
}
@end

/** A person in front of the camera, from a clip: stands neutral, and acts when asked. */
@interface ClipCamera : TimedCamera {
    NSMutableArray *_times, *_pictures, *_segments;
    NSArray *_acting; /* a line of segments.csv */
    NSString *_answered;
    double _actingSince;
  @public
    NSString *asked; /* the phrase that the person reads */
    BOOL denied;
}
- (id)initWithFolder:(NSString *)folder;
@end

@interface ClipPhone : Phone {
  @public
    BadTransport *network; /* held by Phone */
    ClipCamera *camera; /* likewise */
    NSMutableArray *states; /* all that were shown */
    NSArray *receipts;
}
/** From LINK_name, FRAMES and CA of the environment. */
- (id)initWithName:(NSString *)name;
- (NSString *)link:(NSString *)name;
/** The view in which this holds, or a failure of the test. */
- (IMIView *)awaitState:(NSString *)state;
- (IMIView *)awaitView:(BOOL (*)(IMIView *view))holds;
- (IMIView *)awaitEnd;
@end
