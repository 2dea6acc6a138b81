/* What outlives the process: kept whole, unreadable to others, and gone with the session. */
#import "IMIFileVault.h"
#import "phone.h"
#import "scripted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { MINUTE_MS = 60000 };

typedef struct disk {
    NSAutoreleasePool *pool;
    NSString *path;
    OpenSSLSealer *sealer;
    IMIFileVault *vault;
} disk;

static int set_up(void **state)
{
    static disk d;
    d.pool = [[NSAutoreleasePool alloc] init];
    NSString *name = [[NSProcessInfo processInfo] globallyUniqueString];
    d.path = [NSTemporaryDirectory() stringByAppendingPathComponent:name];
    d.sealer = [[[OpenSSLSealer alloc] init] autorelease];
    d.vault = [[[IMIFileVault alloc] initWithPath:d.path sealer:d.sealer] autorelease];
    *state = &d;
    return 0;
}

static int tear_down(void **state)
{
    disk *d = *state;
    [[NSFileManager defaultManager] removeItemAtPath:d->path error:NULL];
    [d->pool release];
    return 0;
}

static NSData *face(void)
{
    return [@"a face, as far as anybody can tell" dataUsingEncoding:NSASCIIStringEncoding];
}

static NSData *onDisk(disk *d)
{
    return [NSData dataWithContentsOfFile:d->path];
}

static void put(disk *d, NSData *data)
{
    assert_true([data writeToFile:d->path atomically:YES]);
}

static void what_was_saved_last_comes_back_until_it_is_erased(void **state)
{
    disk *d = *state;
    assert_null([d->vault load]);
    [d->vault save:[NSData dataWithBytes:"old" length:3]];
    [d->vault save:face()];
    IMIFileVault *later = [[IMIFileVault alloc] initWithPath:d->path sealer:d->sealer];
    assert_true([[later load] isEqual:face()]);
    [later erase];
    assert_null([d->vault load]);
    assert_null(onDisk(d));
    [later release];
}

static void on_the_disk_it_is_unreadable(void **state)
{
    disk *d = *state;
    [d->vault save:face()];
    NSRange whole = NSMakeRange(0, [onDisk(d) length]);
    NSData *word = [face() subdataWithRange:NSMakeRange(0, 6)];
    assert_true(whole.length > [face() length]);
    assert_int_equal([onDisk(d) rangeOfData:word options:0 range:whole].location, NSNotFound);
}

static void what_was_changed_or_cut_is_erased(void **state)
{
    disk *d = *state;
    [d->vault save:face()];
    NSData *good = onDisk(d);
    for (NSUInteger at = 0; at < [good length]; at++) {
        NSMutableData *bad = [NSMutableData dataWithData:good];
        ((uint8_t *)[bad mutableBytes])[at] ^= 1;
        put(d, at % 2 == 0 ? bad : [good subdataWithRange:NSMakeRange(0, at)]);
        assert_null([d->vault load]);
        assert_null(onDisk(d));
        [d->vault save:face()];
        good = onDisk(d);
    }
}

static void nobody_reads_a_copy_of_what_was_erased(void **state)
{
    disk *d = *state;
    [d->vault save:face()];
    NSData *copy = onDisk(d);
    [d->vault erase];
    put(d, copy);
    assert_null([d->vault load]);
}

static void without_a_key_nothing_is_kept(void **state)
{
    disk *d = *state;
    [d->vault save:face()];
    d->sealer->fails = YES;
    [d->vault save:face()];
    assert_null(onDisk(d));
}

/* What a verification keeps of a session that ends then. */
static void keepSession(disk *d, int64_t expiresAt)
{
    NSDictionary *list = [NSDictionary
        dictionaryWithObjectsAndKeys:@"ses", @"session", ScriptedJoined(expiresAt), @"joined",
                                     face(), @"core", nil];
    [d->vault save:[NSPropertyListSerialization
                       dataWithPropertyList:list
                                     format:NSPropertyListBinaryFormat_v1_0
                                    options:0
                                      error:NULL]];
}

static int64_t inMinutes(int minutes)
{
    return (int64_t)([[NSDate date] timeIntervalSince1970] * 1000) + minutes * MINUTE_MS;
}

static void what_an_expired_session_left_is_erased(void **state)
{
    disk *d = *state;
    keepSession(d, inMinutes(-1));
    [IMIVerification eraseExpiredFrom:d->vault];
    assert_null(onDisk(d));
}

static void a_session_that_may_go_on_stays(void **state)
{
    disk *d = *state;
    keepSession(d, inMinutes(1));
    [IMIVerification eraseExpiredFrom:d->vault];
    assert_non_null([d->vault load]);
}

static void what_nobody_can_read_is_erased(void **state)
{
    disk *d = *state;
    put(d, face());
    [IMIVerification eraseExpiredFrom:d->vault];
    assert_null(onDisk(d));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_saved_last_comes_back_until_it_is_erased),
        TEST(on_the_disk_it_is_unreadable),
        TEST(what_was_changed_or_cut_is_erased),
        TEST(nobody_reads_a_copy_of_what_was_erased),
        TEST(without_a_key_nothing_is_kept),
        TEST(what_an_expired_session_left_is_erased),
        TEST(a_session_that_may_go_on_stays),
        TEST(what_nobody_can_read_is_erased),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
