/**
 * Frames of a capture: chosen, encoded, signed into the chain, kept until they are answered.
 *
 * A capture has one JPEG quality: the server takes files made in two ways for two sources. So the
 * quality is found with the first frames, which are not sent.
 */
#import "IMICalls.h"

@protocol IMICaptureDelegate <NSObject>
- (void)captureChanged; /**< a frame was kept or answered: save */
- (void)captureHeard:(const imi_core_feedback *)feedback;
- (void)captureFailed:(imi_core_reason)reason;
- (void)captureIsFull;
- (void)captureIsEmpty; /**< all was answered, while sending */
@end

@interface IMICapture : NSObject <IMIUnaryCallDelegate> {
    IMICalls *_calls;
    id<IMIDeviceKey> _key;
    id<IMICaptureDelegate> _delegate; /* not retained */
    NSMutableData *_queueStorage, *_chooserStorage;
    imi_core_queue *_queue;
    imi_core_chooser *_chooser;
    NSMutableArray *_underWay; /* IMIUnaryCall */
    NSTimer *_retry;
    imi_core_begun _light; /* its colours; the rest is not kept */
    int64_t _lightSince;
    int64_t _lastCaptured;
    NSUInteger _quality, _trialsLeft, _room;
    BOOL _sending;
}
@property(nonatomic) NSUInteger room; /**< frames that may wait before no more are taken */
@property(nonatomic) NSUInteger quality; /**< of the JPEGs, in percent */
@property(nonatomic, readonly) imi_core_queue *queue;
- (id)initWithCalls:(IMICalls *)calls
                key:(id<IMIDeviceKey>)key
           delegate:(id<IMICaptureDelegate>)delegate;
/** A new capture; false for one that makes no sense. */
- (BOOL)beginWith:(const imi_core_begun *)begun;
/** The capture that an earlier process saved goes on in this quality. */
- (void)goOnWithQuality:(NSUInteger)quality;
- (BOOL)hasLight;
- (void)startLight; /**< once: a face was seen */
- (NSInteger)lightColour; /**< to fill the screen with; -1: none */
- (void)takeFrame:(id<IMICameraFrame>)frame;
- (void)send; /**< what was under way is sent again */
- (void)hold;
- (void)drop;
- (void)pump; /**< sends what the window has room for */
@end

/** Milliseconds that never step back. */
int64_t IMIMonotonicMilliseconds(void);
int64_t IMIUnixMilliseconds(void);
