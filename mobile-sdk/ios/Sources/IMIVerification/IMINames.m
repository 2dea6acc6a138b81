#import "IMINames.h"

#include "imi_core/imi_core.h"

NSString *IMIStateName(uint32_t state)
{
    static NSString *const names[] = {
        @"new",     @"joining",   @"consent",      @"consenting",        @"ready",
        @"camera_help", @"beginning", @"waiting",  @"capturing",         @"capturing_offline",
        @"holding", @"sending",   @"sending_offline", @"judging",        @"try_again",
        @"paused",  @"withdrawing", @"done",       @"staff_review",      @"withdrawn",
        @"expired", @"blocked",
    };
    _Static_assert(sizeof names / sizeof names[0] == IMI_CORE_STATE_COUNT, "each has a name");
    return state < IMI_CORE_STATE_COUNT ? names[state] : @"unknown";
}

uint32_t IMIActionMask(NSArray *names)
{
    NSArray *known = [NSArray arrayWithObjects:@"near_far", @"turn_left", @"turn_right",
                                               @"open_mouth", @"blink", @"follow", @"nod", nil];
    uint32_t mask = 0;
    for (NSString *name in names) {
        NSUInteger index = [known indexOfObject:name];
        mask |= index == NSNotFound ? 0 : 1U << (index + 1);
    }
    return mask;
}
