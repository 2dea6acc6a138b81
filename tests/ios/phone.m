#import "phone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

@implementation MemoryVault
- (void)save:(NSData *)data
{
    [data retain];
    [content release];
    content = data;
}

- (NSData *)load
{
    return content;
}

- (void)erase
{
    [content release];
    content = nil;
}

- (void)dealloc
{
    [content release];
    [super dealloc];
}
@end

@implementation Phone

- (id)initWithTransport:(id<IMITransport>)transport camera:(id<IMICamera>)camera
{
    self = [super init];
    _transport = [transport retain];
    _camera = [camera retain];
    key = [[OpenSSLKey alloc] init];
    vault = [[MemoryVault alloc] init];
    return self;
}

- (void)dealloc
{
    [verification close];
    [verification release];
    [_transport release];
    [_camera release];
    [key release];
    [vault release];
    [super dealloc];
}

- (void)openLink:(NSString *)link
{
    IMIPlatform *platform = [[[IMIPlatform alloc] init] autorelease];
    [platform setTransport:_transport];
    [platform setKey:key];
    [platform setVault:vault];
    [platform setCamera:_camera];
    [verification close];
    [verification release];
    verification = [[IMIVerification alloc] initWithLink:link platform:platform delegate:self];
    assert_non_null(verification);
}

- (void)verification:(IMIVerification *)told changedTo:(IMIView *)view
{
    assert_ptr_equal(told, verification);
}

- (BOOL)waits:(NSDate *)deadline
{
    NSAutoreleasePool *pool = [[NSAutoreleasePool alloc] init];
    NSDate *soon = [NSDate dateWithTimeIntervalSinceNow:0.02];
    [[NSRunLoop currentRunLoop] runMode:NSDefaultRunLoopMode beforeDate:soon];
    [pool release];
    return [deadline timeIntervalSinceNow] > 0;
}
@end
