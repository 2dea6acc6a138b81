/* What a session comes to where server, phone or person do what they rarely do. */
#import "pool.h"
#import "scripted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SECRET @"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq"
#define ONE @"https://imi.example/j#one." SECRET
#define OTHER @"https://imi.example/j#other." SECRET

enum { AWAIT_S = 60, FRAMES = 5, INVALID_ARGUMENT = 3, TURN_LEFT = 12, SHOW_FACE = 1 };

static void await(ScriptedPhone *phone, BOOL (*holds)(ScriptedPhone *phone))
{
    NSDate *deadline = [NSDate dateWithTimeIntervalSinceNow:AWAIT_S];
    while (!holds(phone) && [phone waits:deadline]) {
    }
    if (!holds(phone)) {
        fail_msg("ended in %s", [[[phone->verification view] state] UTF8String]);
    }
}

static BOOL isAt(ScriptedPhone *phone, NSString *state)
{
    return [[[phone->verification view] state] isEqual:state];
}

static BOOL hears(ScriptedPhone *phone, NSString *phrase)
{
    return [[[phone->verification view] phrase] isEqual:phrase];
}

static BOOL asks(ScriptedPhone *phone)
{
    return isAt(phone, @"consent");
}

static BOOL hasJoined(ScriptedPhone *phone)
{
    return phone->server->joinBody != nil;
}

static BOOL needsHelp(ScriptedPhone *phone)
{
    return isAt(phone, @"camera_help") && hears(phone, @"another_way");
}

static BOOL triesAgain(ScriptedPhone *phone)
{
    return [phone->server callsOf:@"SubmitFrame"] > 4;
}

static BOOL hasSentFrames(ScriptedPhone *phone)
{
    return [phone->server callsOf:@"SubmitFrame"] >= FRAMES;
}

static BOOL isAskedToTurn(ScriptedPhone *phone)
{
    return hears(phone, @"turn_left");
}

static BOOL shines(ScriptedPhone *phone)
{
    return [[phone->verification view] light] >= 0;
}

static BOOL waitsForOthers(ScriptedPhone *phone)
{
    return isAt(phone, @"waiting") && hears(phone, @"connecting");
}

static BOOL takesFrames(ScriptedPhone *phone)
{
    return isAt(phone, @"capturing");
}

static void join(ScriptedPhone *phone, NSString *link)
{
    [phone openLink:link];
    [phone->verification start];
    await(phone, asks);
}

static void agree(ScriptedPhone *phone)
{
    join(phone, ONE);
    [phone->verification agreeToClaims:[NSArray array]];
}

static void key_of_an_abandoned_session_is_not_used_again(void **state)
{
    (void)state;
    ScriptedPhone *phone = [[ScriptedPhone alloc] init];
    join(phone, ONE);
    NSData *before = [phone->key publicKey];
    [phone openLink:OTHER];
    assert_null([phone->vault load]);
    [phone->verification start];
    await(phone, asks);
    assert_false([[phone->key publicKey] isEqual:before]);
    [phone release];
}

static void key_without_a_vault_is_not_used_again(void **state)
{
    (void)state;
    ScriptedPhone *phone = [[ScriptedPhone alloc] init];
    NSData *left = [phone->key publicKey];
    join(phone, ONE);
    assert_false([[phone->key publicKey] isEqual:left]);
    [phone release];
}

static void who_ends_the_app_while_joining_joins_again_by_the_same_key(void **state)
{
    (void)state;
    ScriptedPhone *phone = [[ScriptedPhone alloc] init];
    phone->server->silent = YES;
    [phone openLink:ONE];
    [phone->verification start];
    await(phone, hasJoined);
    NSData *first = [[phone->server->joinBody retain] autorelease];
    phone->server->silent = NO;
    join(phone, ONE);
    assert_true([phone->server->joinBody isEqual:first]);
    [phone release];
}

static void session_that_goes_on_keeps_its_key(void **state)
{
    (void)state;
    ScriptedPhone *phone = [[ScriptedPhone alloc] init];
    join(phone, ONE);
    NSData *before = [phone->key publicKey];
    [phone openLink:ONE];
    await(phone, asks);
    assert_true([[phone->key publicKey] isEqual:before]);
    [phone release];
}

static void light_begins_when_a_face_was_seen(void **state)
{
    (void)state;
    ScriptedPhone *phone = [[ScriptedPhone alloc] init];
    phone->server->guidance = SHOW_FACE;
    agree(phone);
    await(phone, hasSentFrames);
    assert_int_equal([[phone->verification view] light], -1);
    assert_false([[phone->verification view] faceSeen]);
    phone->server->guidance = TURN_LEFT;
    await(phone, shines);
    assert_int_equal([[phone->verification view] light], 0x0000FF);
    assert_true([[phone->verification view] faceSeen]);
    [phone release];
}

static void what_the_phone_itself_asks_for_says_nothing_of_a_face(void **state)
{
    (void)state;
    ScriptedPhone *phone = [[ScriptedPhone alloc] init];
    phone->server->guidance = SHOW_FACE;
    agree(phone);
    await(phone, hasSentFrames);
    phone->server->away = YES;
    await(phone, isAskedToTurn);
    assert_true(isAt(phone, @"capturing_offline"));
    assert_false([[phone->verification view] faceSeen]);
    assert_int_equal([[phone->verification view] light], -1);
    [phone release];
}

static void phone_whose_frames_are_all_refused_is_told_another_way(void **state)
{
    (void)state;
    ScriptedPhone *phone = [[ScriptedPhone alloc] init];
    phone->server->frameStatus = INVALID_ARGUMENT;
    agree(phone);
    await(phone, needsHelp);
    assert_string_equal([[[phone->verification view] reason] UTF8String], "not_supported");
    NSUInteger refused = [phone->server callsOf:@"SubmitFrame"];
    phone->server->frameStatus = 0;
    [phone->verification again];
    await(phone, triesAgain);
    assert_true([phone->server callsOf:@"SubmitFrame"] > refused);
    [phone release];
}

static void who_waits_for_others_is_told_no_more_and_goes_on(void **state)
{
    (void)state;
    ScriptedPhone *phone = [[ScriptedPhone alloc] init];
    phone->server->turns = 2;
    agree(phone);
    await(phone, waitsForOthers);
    assert_string_equal([[[phone->verification view] reason] UTF8String], "server_busy");
    await(phone, takesFrames);
    assert_int_equal([phone->server callsOf:@"BeginCapture"], 3);
    [phone release];
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(key_of_an_abandoned_session_is_not_used_again),
        POOL_TEST(key_without_a_vault_is_not_used_again),
        POOL_TEST(who_ends_the_app_while_joining_joins_again_by_the_same_key),
        POOL_TEST(session_that_goes_on_keeps_its_key),
        POOL_TEST(light_begins_when_a_face_was_seen),
        POOL_TEST(what_the_phone_itself_asks_for_says_nothing_of_a_face),
        POOL_TEST(phone_whose_frames_are_all_refused_is_told_another_way),
        POOL_TEST(who_waits_for_others_is_told_no_more_and_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
