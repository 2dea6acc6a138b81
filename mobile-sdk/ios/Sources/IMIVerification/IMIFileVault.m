#import "include/IMIFileVault.h"

@implementation IMIFileVault

- (id)initWithPath:(NSString *)path
{
    self = [super init];
    if (self != nil) {
        _path = [path copy];
    }
    return self;
}

- (void)dealloc
{
    [_path release];
    [super dealloc];
}

- (void)save:(NSData *)data
{
    NSUInteger options = NSDataWritingAtomic;
#ifdef __APPLE__
    /* Unreadable while the phone is locked. */
    options |= NSDataWritingFileProtectionComplete;
#endif
    if (![data writeToFile:_path options:options error:NULL]) {
        [self erase]; /* rather nothing than something old */
        return;
    }
#ifdef __APPLE__
    NSURL *url = [NSURL fileURLWithPath:_path];
    [url setResourceValue:[NSNumber numberWithBool:YES]
                   forKey:NSURLIsExcludedFromBackupKey
                    error:NULL];
#endif
}

- (NSData *)load
{
    return [NSData dataWithContentsOfFile:_path];
}

- (void)erase
{
    [[NSFileManager defaultManager] removeItemAtPath:_path error:NULL];
}
@end
