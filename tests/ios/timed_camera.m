#import "timed_camera.h"

@implementation TimedCamera

- (void)openFront:(BOOL)front delegate:(id<IMICameraDelegate>)delegate
{
    _delegate = delegate;
    [self performSelector:@selector(ready) withObject:nil afterDelay:0];
    _shutter = [NSTimer scheduledTimerWithTimeInterval:[self periodMs] / 1000.0
                                                target:self
                                              selector:@selector(shoot:)
                                              userInfo:nil
                                               repeats:YES];
}

- (void)ready
{
    [_delegate cameraIsReady];
}

- (void)shoot:(NSTimer *)timer
{
    id<IMICameraFrame> picture = [self newPicture];
    [_delegate cameraTookFrame:picture];
    [picture release];
}

- (void)close
{
    _delegate = nil;
    [_shutter invalidate];
    _shutter = nil;
    [NSObject cancelPreviousPerformRequestsWithTarget:self];
}
@end
