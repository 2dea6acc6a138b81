/** A vault in one file that only this app can read, sealed by a key that dies with what it holds. */
#import "IMIPlatform.h"

NS_ASSUME_NONNULL_BEGIN

@interface IMIFileVault : NSObject <IMIVault> {
    NSString *_path;
    id<IMISealer> _sealer;
}
- (id)initWithPath:(NSString *)path sealer:(id<IMISealer>)sealer;
@end

NS_ASSUME_NONNULL_END
