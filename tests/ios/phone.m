#import "phone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { AWAIT_S = 90 };

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

- (id)initWithName:(NSString *)name
{
    self = [super init];
    network = [[BadTransport alloc] init];
    key = [[OpenSSLKey alloc] init];
    vault = [[MemoryVault alloc] init];
    camera = [[ClipCamera alloc]
        initWithFolder:[[[NSProcessInfo processInfo] environment] objectForKey:@"FRAMES"]];
    states = [[NSMutableArray alloc] init];
    [self openLink:[self link:name]];
    return self;
}

- (void)dealloc
{
    [verification close];
    [verification release];
    [network release];
    [key release];
    [vault release];
    [camera release];
    [states release];
    [receipts release];
    [super dealloc];
}

- (NSString *)link:(NSString *)name
{
    NSString *variable = [@"LINK_" stringByAppendingString:name];
    return [[[NSProcessInfo processInfo] environment] objectForKey:variable];
}

- (void)openLink:(NSString *)link
{
    IMIPlatform *platform = [[[IMIPlatform alloc] init] autorelease];
    [platform setTransport:network];
    [platform setKey:key];
    [platform setVault:vault];
    [platform setCamera:camera];
    [verification close];
    [verification release];
    verification = [[IMIVerification alloc] initWithLink:link platform:platform delegate:self];
    assert_non_null(verification);
}

- (void)verification:(IMIVerification *)told changedTo:(IMIView *)view
{
    assert_ptr_equal(told, verification);
    if (![[states lastObject] isEqual:[view state]]) {
        [states addObject:[view state]];
    }
    [camera->asked release];
    camera->asked = [[view phrase] copy];
}

- (void)verification:(IMIVerification *)told
     receivedConsent:(NSString *)consent
             receipt:(NSString *)consentReceipt
     decisionReceipt:(NSString *)decisionReceipt
{
    [receipts release];
    receipts = [[NSArray alloc] initWithObjects:consent, consentReceipt, decisionReceipt, nil];
}

- (BOOL)waits:(NSDate *)deadline
{
    NSAutoreleasePool *pool = [[NSAutoreleasePool alloc] init];
    NSDate *soon = [NSDate dateWithTimeIntervalSinceNow:0.02];
    [[NSRunLoop currentRunLoop] runMode:NSDefaultRunLoopMode beforeDate:soon];
    [pool release];
    return [deadline timeIntervalSinceNow] > 0;
}

- (IMIView *)fail:(NSString *)what
{
    IMIView *view = [verification view];
    fail_msg("%s never came: %s, %s, %s", [what UTF8String], [[states description] UTF8String],
             [[view phrase] UTF8String], [[view reason] UTF8String]);
    return nil;
}

- (IMIView *)awaitState:(NSString *)state
{
    NSDate *deadline = [NSDate dateWithTimeIntervalSinceNow:AWAIT_S];
    while (![[[verification view] state] isEqual:state] && [self waits:deadline]) {
    }
    BOOL came = [[[verification view] state] isEqual:state];
    return came ? [verification view] : [self fail:state];
}

- (IMIView *)awaitView:(BOOL (*)(IMIView *view))holds
{
    NSDate *deadline = [NSDate dateWithTimeIntervalSinceNow:AWAIT_S];
    while (!holds([verification view]) && [self waits:deadline]) {
    }
    return holds([verification view]) ? [verification view] : [self fail:@"what was awaited"];
}

static BOOL isOver(IMIView *view)
{
    return [view over];
}

- (IMIView *)awaitEnd
{
    return [self awaitView:isOver];
}
@end
