/*
 * The SDK through a gateway to a server. The environment has a link for each journey, FRAMES of a
 * clip and the gateway's CA; journey.py starts all of it and looks at the decision.
 */
#import "clip_phone.h"
#import "pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { TRIES_MAX = 3 };

static BOOL isGuided(IMIView *view)
{
    return [view actionsTotal] > 0 && [view faceSeen];
}

static BOOL keepsFrames(IMIView *view)
{
    return [view framesWaiting] >= 4;
}

static BOOL hasSentFrames(IMIView *view)
{
    return [view framesWaiting] <= 2;
}

static IMIView *join(ClipPhone *phone)
{
    [phone->verification start];
    return [phone awaitState:@"consent"];
}

static void capture(ClipPhone *phone)
{
    join(phone);
    [phone->verification agreeToClaims:[NSArray array]];
    [phone awaitView:isGuided];
}

static BOOL isJudged(IMIView *view)
{
    return [view over] || [[view state] isEqual:@"try_again"];
}

/* Who was too slow for a challenge tries again, as people do. */
static IMIView *getThrough(ClipPhone *phone)
{
    IMIView *end = [phone awaitView:isJudged];
    for (int i = 0; i < TRIES_MAX && ![end over]; i++) {
        [phone->verification again];
        [phone awaitState:@"capturing"];
        end = [phone awaitView:isJudged];
    }
    return end;
}

static void assertHasReceipts(ClipPhone *phone)
{
    for (int i = 0; i < 100 && [[phone->receipts lastObject] length] == 0; i++) {
        NSDate *soon = [NSDate dateWithTimeIntervalSinceNow:0.2];
        [phone->verification askForReceipts];
        while ([soon timeIntervalSinceNow] > 0) {
            [[NSRunLoop currentRunLoop] runMode:NSDefaultRunLoopMode beforeDate:soon];
        }
    }
    assert_true([[phone->receipts objectAtIndex:0] hasPrefix:@"{"]);
    assert_true([[phone->receipts lastObject] hasPrefix:@"{"]);
}

/* With a pause and the end of the process between. */
static void person_gets_through_over_a_bad_network_and_a_restart_of_the_app(void **state)
{
    (void)state;
    ClipPhone *phone = [[ClipPhone alloc] initWithName:@"RESTARTED"];
    phone->network->lossPercent = 4;
    capture(phone);
    [phone->verification pause];
    [phone awaitState:@"paused"];
    assert_true([phone->vault->content length] > 0);
    [phone openLink:[phone link:@"RESTARTED"]];
    [phone awaitState:@"paused"];
    [phone->verification resume];
    assert_string_equal([[getThrough(phone) state] UTF8String], "done");
    assert_true(phone->network->lost > 0);
    assert_int_equal(phone->key->erased, 2); /* before the first join, and at the end */
    assert_true([phone->vault->content length] < 200); /* how it ended */
    phone->network->lossPercent = 0;
    assertHasReceipts(phone);
    [phone openLink:[phone link:@"RESTARTED"]];
    assert_string_equal([[[phone->verification view] state] UTF8String], "done");
    [phone release];
}

static void network_that_goes_away_is_waited_for(void **state)
{
    (void)state;
    ClipPhone *phone = [[ClipPhone alloc] initWithName:@"CUT"];
    capture(phone);
    phone->network->away = YES;
    IMIView *offline = [phone awaitState:@"capturing_offline"];
    assert_string_equal([[offline reason] UTF8String], "no_network");
    [phone awaitView:keepsFrames];
    phone->network->away = NO;
    IMIView *online = [phone awaitState:@"capturing"];
    assert_string_equal([[online reason] UTF8String], "none");
    [phone awaitView:hasSentFrames];
    [phone->verification disagree];
    assert_string_equal([[[phone awaitEnd] state] UTF8String], "withdrawn");
    [phone release];
}

static void consent_text_is_told_and_a_no_ends_it(void **state)
{
    (void)state;
    ClipPhone *phone = [[ClipPhone alloc] initWithName:@"REFUSED"];
    IMIView *asked = join(phone);
    assert_string_equal([[asked purposeTitle] UTF8String], "Demonstration");
    assert_true([[asked consentText] length] > 0);
    assert_true([asked expiresAtUnixMs] > 0);
    [phone->verification disagree];
    assert_string_equal([[[phone awaitEnd] state] UTF8String], "withdrawn");
    [phone release];
}

static void who_can_do_nothing_of_it_is_seen_to_by_a_person(void **state)
{
    (void)state;
    ClipPhone *phone = [[ClipPhone alloc] initWithName:@"STAFF"];
    join(phone);
    [phone->verification setCannot:[NSArray arrayWithObjects:@"near_far", @"turn_left",
                                                             @"turn_right", @"open_mouth", @"blink",
                                                             @"follow", @"nod", nil]];
    [phone->verification agreeToClaims:[NSArray array]];
    assert_string_equal([[[phone awaitEnd] state] UTF8String], "staff_review");
    [phone release];
}

static void wrong_secret_blocks_and_says_what_to_do(void **state)
{
    (void)state;
    ClipPhone *phone = [[ClipPhone alloc] initWithName:@"WRONG"];
    NSString *link = [phone link:@"WRONG"];
    NSString *start = [link substringToIndex:[link length] - 43];
    NSString *secret = [@"" stringByPaddingToLength:43 withString:@"A" startingAtIndex:0];
    [phone openLink:[start stringByAppendingString:secret]];
    [phone->verification start];
    IMIView *end = [phone awaitEnd];
    assert_string_equal([[end state] UTF8String], "blocked");
    assert_string_equal([[end reason] UTF8String], "link_refused");
    [phone release];
}

static void second_phone_is_refused(void **state)
{
    (void)state;
    ClipPhone *first = [[ClipPhone alloc] initWithName:@"TAKEN"];
    ClipPhone *second = [[ClipPhone alloc] initWithName:@"TAKEN"];
    join(first);
    [second->verification start];
    assert_string_equal([[[second awaitEnd] state] UTF8String], "blocked");
    [first->verification disagree];
    assert_string_equal([[[first awaitEnd] state] UTF8String], "withdrawn");
    [second release];
    [first release];
}

static BOOL needsCamera(IMIView *view)
{
    return [[view state] isEqual:@"camera_help"] && [[view phrase] isEqual:@"camera_help"];
}

static void camera_that_is_denied_is_helped_with_and_tried_again(void **state)
{
    (void)state;
    ClipPhone *phone = [[ClipPhone alloc] initWithName:@"DENIED"];
    phone->camera->denied = YES;
    join(phone);
    [phone->verification agreeToClaims:[NSArray array]];
    IMIView *view = [phone awaitView:needsCamera];
    assert_string_equal([[view reason] UTF8String], "camera_denied");
    phone->camera->denied = NO;
    [phone->verification again];
    [phone awaitState:@"capturing"];
    [phone->verification disagree];
    assert_string_equal([[[phone awaitEnd] state] UTF8String], "withdrawn");
    [phone release];
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(person_gets_through_over_a_bad_network_and_a_restart_of_the_app),
        POOL_TEST(network_that_goes_away_is_waited_for),
        POOL_TEST(consent_text_is_told_and_a_no_ends_it),
        POOL_TEST(who_can_do_nothing_of_it_is_seen_to_by_a_person),
        POOL_TEST(wrong_secret_blocks_and_says_what_to_do),
        POOL_TEST(second_phone_is_refused),
        POOL_TEST(camera_that_is_denied_is_helped_with_and_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
