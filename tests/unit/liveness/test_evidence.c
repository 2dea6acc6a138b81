/* What frames of a turned face say together. */
#include "evidence.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* So many frames that say the same, and a second apart. */
static imi_liveness_evidence frames(uint32_t count, float plane, float solidity)
{
    imi_liveness_evidence evidence = {.count = count, .until_ms = 1000 * (int64_t)count};
    for (uint32_t i = 0; i < IMI_EVIDENCE_FRAMES; i++) {
        evidence.plane[i] = plane;
        evidence.solidity[i] = solidity;
    }
    return evidence;
}

static bool is_solid(uint32_t count, float plane, float solidity)
{
    imi_liveness_evidence evidence = frames(count, plane, solidity);
    return imi_liveness_evidence_is_turned_solid(&evidence);
}

static bool is_flat(uint32_t count, float solidity)
{
    imi_liveness_evidence evidence = frames(count, 0.05F, solidity);
    return imi_liveness_evidence_is_flat(&evidence);
}

static void three_clear_frames_show_a_solid(void **state)
{
    (void)state;
    assert_true(is_solid(3, 0.05F, 1.6F));
    assert_false(is_solid(2, 0.05F, 1.6F));
    assert_false(is_solid(0, 0.05F, 1.6F));
}

static void less_clear_frames_show_it_when_there_are_many(void **state)
{
    (void)state;
    assert_true(is_solid(IMI_EVIDENCE_FRAMES, 0.05F, 1.48F));
    assert_false(is_solid(IMI_EVIDENCE_FRAMES - 1, 0.05F, 1.48F));
    assert_false(is_solid(10 * IMI_EVIDENCE_FRAMES, 0.05F, 1.29F));
}

static void what_a_plane_explains_shows_no_solid(void **state)
{
    (void)state;
    assert_false(is_solid(3, 0.017F, 2));
    assert_false(is_solid(IMI_EVIDENCE_FRAMES, 0.017F, 2));
    assert_true(is_solid(3, 0.019F, 2));
}

static void numbers_that_are_none_show_nothing(void **state)
{
    (void)state;
    assert_false(is_solid(IMI_EVIDENCE_FRAMES, NAN, 2));
    assert_false(is_solid(IMI_EVIDENCE_FRAMES, 0.05F, NAN));
    assert_false(is_flat(IMI_EVIDENCE_FRAMES, NAN));
}

static void only_many_frames_far_from_any_live_one_are_flat(void **state)
{
    (void)state;
    assert_true(is_flat(IMI_EVIDENCE_FRAMES, 0.59F));
    assert_false(is_flat(IMI_EVIDENCE_FRAMES, 0.73F));
    assert_false(is_flat(IMI_EVIDENCE_FRAMES - 1, 0.3F));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_clear_frames_show_a_solid),
        cmocka_unit_test(less_clear_frames_show_it_when_there_are_many),
        cmocka_unit_test(what_a_plane_explains_shows_no_solid),
        cmocka_unit_test(numbers_that_are_none_show_nothing),
        cmocka_unit_test(only_many_frames_far_from_any_live_one_are_flat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
