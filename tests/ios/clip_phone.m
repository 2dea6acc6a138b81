#import "clip_phone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { AWAIT_S = 90 };

@implementation ClipPhone

- (id)initWithName:(NSString *)name
{
    NSString *frames = [[[NSProcessInfo processInfo] environment] objectForKey:@"FRAMES"];
    self = [super initWithTransport:[[[BadTransport alloc] init] autorelease]
                             camera:[[[ClipCamera alloc] initWithFolder:frames] autorelease]];
    network = (BadTransport *)_transport;
    camera = (ClipCamera *)_camera;
    states = [[NSMutableArray alloc] init];
    [self openLink:[self link:name]];
    return self;
}

- (void)dealloc
{
    [verification close]; /* before what it tells is kept in goes */
    [states release];
    [receipts release];
    [super dealloc];
}

- (NSString *)link:(NSString *)name
{
    NSString *variable = [@"LINK_" stringByAppendingString:name];
    return [[[NSProcessInfo processInfo] environment] objectForKey:variable];
}

- (void)verification:(IMIVerification *)told changedTo:(IMIView *)view
{
    [super verification:told changedTo:view];
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
