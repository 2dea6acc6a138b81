/** A phone for tests: key and vault of IMIVerification, on GNUstep. */
#import "IMIVerification.h"

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

/** Network and camera are those that it is given. */
@interface Phone : NSObject <IMIVerificationDelegate> {
    id<IMITransport> _transport;
    id<IMICamera> _camera;
  @public
    OpenSSLKey *key;
    MemoryVault *vault;
    IMIVerification *verification;
}
- (id)initWithTransport:(id<IMITransport>)transport camera:(id<IMICamera>)camera;
/** A new process, as it were. */
- (void)openLink:(NSString *)link;
/** Lets the run loop run for a moment; false once the deadline is over. */
- (BOOL)waits:(NSDate *)deadline;
@end
