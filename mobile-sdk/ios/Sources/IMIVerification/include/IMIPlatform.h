/**
 * What a platform brings: network, key, camera, and a place for what outlives the process.
 *
 * Threads: everything here is called on, and calls back on, the thread that made the
 *          IMIVerification; it needs a run loop.
 * Memory:  written without ARC and blocks, so that it also compiles where there are none.
 */
#import <Foundation/Foundation.h>

/* GCC knows no nullability. */
#ifdef __clang__
#define IMI_NULLABLE _Nullable
#else
#define IMI_NULLABLE
#endif
#ifndef NS_ASSUME_NONNULL_BEGIN
#define NS_ASSUME_NONNULL_BEGIN
#define NS_ASSUME_NONNULL_END
#endif

NS_ASSUME_NONNULL_BEGIN

@protocol IMICall <NSObject>
/** No answer is told after this. */
- (void)cancel;
@end

@protocol IMICallDelegate <NSObject>
/** status: of HTTP. */
- (void)call:(id<IMICall>)call answeredWithStatus:(NSInteger)status body:(NSData *)body;
/** No answer came. */
- (void)callFailed:(id<IMICall>)call;
@end

/** HTTPS. Redirects are not followed, nothing is cached, no cookies. */
@protocol IMITransport <NSObject>
/** delegate is not retained; it is told later, never within this. The call is autoreleased and lives
 *  until it was told or cancelled. */
- (id<IMICall>)postBody:(NSData *)body
                  toURL:(NSURL *)url
                headers:(NSDictionary *)headers
                timeout:(NSTimeInterval)seconds
               delegate:(id<IMICallDelegate>)delegate;
@end

/** A P-256 key that never leaves the phone. nil is a failure. */
@protocol IMIDeviceKey <NSObject>
/** SubjectPublicKeyInfo, 91 bytes; makes the key if there is none. */
- (NSData *IMI_NULLABLE)publicKey;
/** ES256: r and s, 32 bytes each. */
- (NSData *IMI_NULLABLE)signatureOfMessage:(NSData *)message;
- (NSData *)digestOfData:(NSData *)data; /**< SHA-256 */
- (void)erase;
@end

/** The platform's word for app and key. */
@protocol IMIAttestor <NSObject>
/** To be begun in the background: challenge is what the server will expect. */
- (void)prepareWithChallenge:(NSData *)challenge;
/** CBOR attestation object of App Attest; nil while there is none. */
- (NSData *IMI_NULLABLE)attestation;
@end

/** A picture as the camera gave it, upright. */
@protocol IMICameraFrame <NSObject>
- (const uint8_t *)luma; /**< one byte a pixel, rows from the top */
- (NSUInteger)width;
- (NSUInteger)height;
- (NSUInteger)bytesPerRow;
/** quality: 30 to 90 percent. 640x480 or better. */
- (NSData *IMI_NULLABLE)JPEGWithQuality:(NSUInteger)quality;
@end

typedef NS_ENUM(NSInteger, IMICameraLoss) {
    IMICameraDenied = 0,
    IMICameraMissing = 1,
    IMICameraTaken = 2 /* by a call or another app */
};

@protocol IMICameraDelegate <NSObject>
- (void)cameraIsReady;
- (void)cameraIsLost:(IMICameraLoss)loss;
/** Frames that come while one is being worked on may be left out. */
- (void)cameraTookFrame:(id<IMICameraFrame>)frame;
@end

@protocol IMICamera <NSObject>
/** front: the person holds the phone; otherwise a helper does. */
- (void)openFront:(BOOL)front delegate:(id<IMICameraDelegate>)delegate;
- (void)close; /**< nothing is told after this */
@end

/** Encrypts for a vault by a key that never leaves the phone. nil is a failure. */
@protocol IMISealer <NSObject>
/** Makes the key if there is none. */
- (NSData *IMI_NULLABLE)seal:(NSData *)data;
/** nil also for what was changed. */
- (NSData *IMI_NULLABLE)open:(NSData *)sealed;
/** The key: what it sealed cannot be read any more. */
- (void)erase;
@end

/** Where only this app can read it, left out of backups: it holds images and the credential. */
@protocol IMIVault <NSObject>
- (void)save:(NSData *)data;
- (NSData *IMI_NULLABLE)load;
- (void)erase;
@end

NS_ASSUME_NONNULL_END
