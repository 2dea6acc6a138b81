/** A phone for tests: network, key, camera and screen of IMIVerification, on GNUstep. */
#import "IMIVerification.h"

/** NSURLConnection, which GNUstep has; may lose calls and answers. */
@interface BadTransport : NSObject <IMITransport> {
  @public
    BOOL away; /* nothing gets through */
    int lossPercent; /* of calls, and again of answers */
    int posted, lost;
}
@end

/** P-256 by OpenSSL. */
@interface OpenSSLKey : NSObject <IMIDeviceKey> {
  @public
    void *pair; /* EVP_PKEY */
    int erased;
}
@end

/** AES-256-GCM by OpenSSL. */
@interface OpenSSLSealer : NSObject <IMISealer> {
    NSData *_key;
  @public
    BOOL fails;
}
@end

@interface MemoryVault : NSObject <IMIVault> {
  @public
    NSData *content;
}
@end

/** A person in front of the camera, from a clip: stands neutral, and acts when asked. */
@interface ClipCamera : NSObject <IMICamera> {
    NSMutableArray *_times, *_pictures, *_segments;
    NSArray *_acting; /* a line of segments.csv */
    NSString *_answered;
    double _actingSince;
    id<IMICameraDelegate> _delegate;
    NSTimer *_shutter;
  @public
    NSString *asked; /* the phrase that the person reads */
    BOOL denied;
}
- (id)initWithFolder:(NSString *)folder;
@end

@interface Phone : NSObject <IMIVerificationDelegate> {
  @public
    BadTransport *network;
    OpenSSLKey *key;
    MemoryVault *vault;
    ClipCamera *camera;
    IMIVerification *verification;
    NSMutableArray *states; /* all that were shown */
    NSArray *receipts;
}
/** From LINK_name, FRAMES and CA of the environment. */
- (id)initWithName:(NSString *)name;
/** A new process, as it were. */
- (void)openLink:(NSString *)link;
- (NSString *)link:(NSString *)name;
/** The view in which this holds, or a failure of the test. */
- (IMIView *)awaitState:(NSString *)state;
- (IMIView *)awaitView:(BOOL (*)(IMIView *view))holds;
- (IMIView *)awaitEnd;
@end
