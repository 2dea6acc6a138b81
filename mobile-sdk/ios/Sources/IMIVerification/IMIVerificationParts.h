/** Inside of a verification: what its categories share. */
#import "IMICapture.h"
#import "include/IMIVerification.h"

#define IMI_AT(NAME) (1U << IMI_CORE_STATE_##NAME)
/** Sets of states. */
enum {
    IMI_TAKING = IMI_AT(CAPTURING) | IMI_AT(CAPTURING_OFFLINE),
    IMI_IN_CAPTURE = IMI_TAKING | IMI_AT(HOLDING) | IMI_AT(SENDING) | IMI_AT(SENDING_OFFLINE)
};

struct IMIRun {
    imi_core_pacer *pacer;
    uint32_t state, reason, phrase, advice, spoken;
    uint32_t cannot, attemptsLeft, keepReference;
    uint32_t actions[IMI_CORE_ACTIONS_MAX], actionCount;
    imi_core_feedback feedback; /* the last; sequence 0: none */
    uint32_t failures, unanswered, probes, refusals, retryAfter;
    int64_t expiresAt, waitUntil; /* of the phone's clock, ms since 1970 */
    int64_t retryAt, probeAt, offlineSince, savedAt; /* monotonic; 0: none */
    bool faceSeen, lost, cameraOpen, cameraReady, back, draining, closed;
};


@interface IMIVerification ()
@property(nonatomic, readwrite, retain) IMIView *view;
/** An event of the core; reason: why, where it does not go on. */
- (void)post:(uint32_t)event reason:(uint32_t)reason;
- (void)dropFrames;
@end

@interface IMIVerification (Calls) <IMIUnaryCallDelegate>
/** Those that the core's actions ask for. */
- (void)callFor:(uint32_t)actions;
- (void)call:(NSString *)method tag:(NSUInteger)tag message:(NSData *)message;
- (void)stopCalls:(NSUInteger)tag; /**< of one kind; of all with 0 */
- (void)remember:(const imi_core_joined *)joined from:(NSData *)message;
@end

@interface IMIVerification (Network)
- (int64_t)afterFailures:(uint32_t)failures;
- (void)heardFromServer;
- (void)heardNothing:(BOOL)wasProbe;
@end

@interface IMIVerification (Camera) <IMICaptureDelegate, IMICameraDelegate>
- (void)openCamera;
- (void)closeCamera;
@end

@interface IMIVerification (Saved)
- (void)save;
- (void)saveSession;
- (void)forget;
- (void)restore; /**< and erases what is of another session */
@end

@interface IMIVerification (Shown)
- (void)tell; /**< the pacer, what the state or reason says */
- (void)show; /**< the delegate, soon, if anything is new */
- (void)tick:(NSTimer *)timer;
@end

/** What a call is for. */
enum {
    IMI_CALL_CONTROL = 1, /* the state waits for it */
    IMI_CALL_PROBE,
    IMI_CALL_KEEP,
    IMI_CALL_CONSENT_RECORD,
    IMI_CALL_DECISION_RECEIPT
};

/** Empty for what is no UTF-8. */
NSString *IMITextOf(imi_core_view view);
imi_core_view IMIViewOf(NSData *data);
