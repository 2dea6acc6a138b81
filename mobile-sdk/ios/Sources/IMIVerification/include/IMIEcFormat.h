/** P-256 in the forms of Apple's Security framework, and in those of the protocol. */
#import "IMIPlatform.h"

NS_ASSUME_NONNULL_BEGIN

/** SubjectPublicKeyInfo of a point as 0x04, x, y (65 bytes); nil for anything else. */
NSData *IMI_NULLABLE IMISubjectPublicKeyInfo(NSData *point);
/** r and s, 32 bytes each, of an ECDSA signature in DER; nil for anything else. */
NSData *IMI_NULLABLE IMIRawSignature(NSData *der);

NS_ASSUME_NONNULL_END
