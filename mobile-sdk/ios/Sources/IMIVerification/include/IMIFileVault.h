/** A vault in one file that only this app can read. */
#import "IMIPlatform.h"

NS_ASSUME_NONNULL_BEGIN

@interface IMIFileVault : NSObject <IMIVault> {
    NSString *_path;
}
- (id)initWithPath:(NSString *)path;
@end

NS_ASSUME_NONNULL_END
