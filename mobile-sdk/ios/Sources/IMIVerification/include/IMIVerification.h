/**
 * One verification, from the join link to its end, on the portable core.
 *
 * Threads: all on the thread that made it, which needs a run loop; delegates are told later, never
 *          within a call.
 */
#import "IMIPlatform.h"
#import "IMIView.h"

NS_ASSUME_NONNULL_BEGIN

@class IMIVerification, IMICalls, IMICapture;

@protocol IMIVerificationDelegate <NSObject>
- (void)verification:(IMIVerification *)verification changedTo:(IMIView *)view;
@optional
/** JSON texts to keep: consent, its receipt, the decision's receipt; empty while there is none. */
- (void)verification:(IMIVerification *)verification
     receivedConsent:(NSString *)consent
             receipt:(NSString *)consentReceipt
     decisionReceipt:(NSString *)decisionReceipt;
@end

/** What it runs on. attestor may stay nil. */
@interface IMIPlatform : NSObject {
    id<IMITransport> _transport;
    id<IMIDeviceKey> _key;
    id<IMICamera> _camera;
    id<IMIVault> _vault;
    id<IMIAttestor> _attestor;
}
@property(nonatomic, retain) id<IMITransport> transport;
@property(nonatomic, retain) id<IMIDeviceKey> key;
@property(nonatomic, retain) id<IMICamera> camera;
@property(nonatomic, retain) id<IMIVault> vault;
@property(nonatomic, retain) id<IMIAttestor> IMI_NULLABLE attestor;
@end

@interface IMIVerification : NSObject {
  @private
    struct IMIRun *_run;
    IMIPlatform *_platform;
    IMICalls *_calls;
    IMICapture *_capture;
    id<IMIVerificationDelegate> _delegate; /* not retained */
    IMIView *_view;
    NSString *_sessionID, *_joinSecret;
    NSData *_joined; /* Join's answer */
    NSArray *_claims, *_agreed;
    NSString *_keepText, *_consentRecord, *_consentReceipt;
    NSMutableArray *_events, *_underWay;
    NSTimer *_ticker;
}

/**
 * Goes on where an earlier process left off.
 *
 * link: https://GATEWAY/j#SESSION_ID.SECRET; its origin is where calls go. nil for any other.
 */
- (id IMI_NULLABLE)initWithLink:(NSString *)link
                   platform:(IMIPlatform *)platform
                   delegate:(id<IMIVerificationDelegate>)delegate;

@property(nonatomic, readonly, retain) IMIView *view;

- (void)start;
- (void)agreeToClaims:(NSArray *)names; /**< must hold the required ones */
- (void)disagree; /**< to the consent text, or taking consent back later */
- (void)again;
- (void)pause;
- (void)resume;
/** Names of actions that the person cannot do; takes effect when the next capture begins. */
- (void)setCannot:(NSArray *)actions;
- (void)setFrontCamera:(BOOL)front;
/** A recording that takes so long has begun: the phrase is not cut off. */
- (void)isSpeakingForMilliseconds:(NSUInteger)length;
- (void)answerKeepReference:(BOOL)accepted;
- (void)askForReceipts;
/** Stops camera and calls; what a later process needs stays unless the session is over. */
- (void)close;
@end

@interface IMIVerification (Leftovers)
/** Erases images that a session left which the person abandoned and which has expired since. To be
 *  called when the app starts, before a session is opened. */
+ (void)eraseExpiredFrom:(id<IMIVault>)vault;
@end

NS_ASSUME_NONNULL_END
