#import "include/IMIFileVault.h"

@implementation IMIFileVault

- (id)initWithPath:(NSString *)path sealer:(id<IMISealer>)sealer
{
    self = [super init];
    if (self != nil) {
        _path = [path copy];
        _sealer = [sealer retain];
    }
    return self;
}

- (void)dealloc
{
    [_path release];
    [_sealer release];
    [super dealloc];
}

- (void)save:(NSData *)data
{
    NSUInteger options = NSDataWritingAtomic;
#ifdef __APPLE__
    /* Unreadable while the phone is locked. */
    options |= NSDataWritingFileProtectionComplete;
#endif
    NSData *sealed = [_sealer seal:data];
    if (sealed == nil || ![sealed writeToFile:_path options:options error:NULL]) {
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
    NSData *sealed = [NSData dataWithContentsOfFile:_path];
    NSData *data = sealed == nil ? nil : [_sealer open:sealed];
    if (sealed != nil && data == nil) {
        [self erase]; /* by a key that is gone, or damaged: of no use to anybody */
    }
    return data;
}

/* The key first: what of a file's bytes stays on the disk is unreadable then. */
- (void)erase
{
    [_sealer erase];
    [[NSFileManager defaultManager] removeItemAtPath:_path error:NULL];
}
@end
