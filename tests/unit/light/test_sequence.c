/* What is drawn: within the limits for flashes, uniform, and as many as promised. */
#include "imi/light.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* WCAG 2.2, "general flash and red flash thresholds". */
static const double luminance_step_max = 0.10;
static const double darker_min = 0.80;
static const double saturated_red_share = 0.8;
enum { FLASHES_MAX = 3, GRAIN_MS = 10 };

typedef struct light {
    double red, green, blue; /* linear */
} light;

static double linear(uint8_t value)
{
    double v = value / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static light light_of(imi_light_colour colour)
{
    return (light){linear(colour.red), linear(colour.green), linear(colour.blue)};
}

static double luminance_of(light l)
{
    return 0.2126 * l.red + 0.7152 * l.green + 0.0722 * l.blue;
}

static light shown_at(const imi_light_sequence *sequence, uint32_t at_ms)
{
    uint32_t step = at_ms / sequence->step_ms;
    double faded = fmin(1, (double)(at_ms % sequence->step_ms) / IMI_LIGHT_RAMP_MS);
    light to = light_of(sequence->colours[step]);
    light from = light_of(sequence->colours[step == 0 ? 0 : step - 1]);
    return (light){faded * to.red + (1 - faded) * from.red,
                   faded * to.green + (1 - faded) * from.green,
                   faded * to.blue + (1 - faded) * from.blue};
}

/* Changes of luminance of a tenth or more against the direction of the last, a flash being two;
 * the darker of the two states below 0.80. */
static int count_general_transitions(const imi_light_sequence *sequence, uint32_t from_ms,
                                     uint32_t to_ms)
{
    int transitions = 0, direction = 0;
    double low = luminance_of(shown_at(sequence, from_ms)), high = low;
    for (uint32_t at = from_ms; at < to_ms; at += GRAIN_MS) {
        double now = luminance_of(shown_at(sequence, at));
        low = fmin(low, now);
        high = fmax(high, now);
        if (direction <= 0 && now - low >= luminance_step_max && low < darker_min) {
            transitions++;
            direction = 1;
            high = now;
        } else if (direction >= 0 && high - now >= luminance_step_max && now < darker_min) {
            transitions++;
            direction = -1;
            low = now;
        }
    }
    return transitions;
}

/* Moments of saturated red; without one there is no red flash. */
static int count_saturated_red(const imi_light_sequence *sequence)
{
    int count = 0;
    for (uint32_t at = 0; at < sequence->count * sequence->step_ms; at += GRAIN_MS) {
        light l = shown_at(sequence, at);
        count += l.red / (l.red + l.green + l.blue) >= saturated_red_share;
    }
    return count;
}

static int most_flashes_in_a_second(const imi_light_sequence *sequence)
{
    int most = 0;
    uint32_t end = sequence->count * sequence->step_ms;
    for (uint32_t from = 0; from + 1000 <= end; from += 100) {
        int transitions = count_general_transitions(sequence, from, from + 1000);
        most = transitions / 2 > most ? transitions / 2 : most;
    }
    return most;
}

static imi_light_sequence drawn(void)
{
    imi_light_sequence sequence;
    assert_int_equal(imi_light_draw(&sequence, NULL), IMI_OK);
    return sequence;
}

static void the_count_of_flashes_notices_a_strobe(void **state)
{
    (void)state;
    imi_light_sequence strobe = {.count = 8, .step_ms = 125};
    for (uint32_t i = 1; i < 8; i += 2) {
        strobe.colours[i] = (imi_light_colour){255, 255, 255};
    }
    assert_true(most_flashes_in_a_second(&strobe) >= FLASHES_MAX);
    imi_light_sequence red = {.count = 2, .step_ms = 1000, .colours = {{255, 0, 0}}};
    assert_true(count_saturated_red(&red) > 0);
}

static void a_drawn_sequence_holds_no_general_flash(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        imi_light_sequence sequence = drawn();
        assert_int_equal(count_general_transitions(&sequence, 0, sequence.count * sequence.step_ms),
                         0);
    }
}

static void no_two_colours_differ_by_a_tenth_of_luminance(void **state)
{
    (void)state;
    double least = 1, most = 0;
    for (int i = 0; i < 200; i++) {
        imi_light_sequence sequence = drawn();
        for (uint32_t c = 0; c < sequence.count; c++) {
            double luminance = luminance_of(light_of(sequence.colours[c]));
            least = fmin(least, luminance);
            most = fmax(most, luminance);
        }
    }
    assert_true(most - least < 0.02);
    assert_true(least > 0.38 && most < 0.43);
}

static void a_drawn_sequence_holds_no_saturated_red(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        imi_light_sequence sequence = drawn();
        assert_int_equal(count_saturated_red(&sequence), 0);
    }
}

static void a_colour_is_shown_for_700_ms_at_least_and_fades_in(void **state)
{
    (void)state;
    imi_light_sequence sequence = drawn();
    assert_true(sequence.step_ms >= 700);
    assert_true(IMI_LIGHT_RAMP_MS >= 250 && IMI_LIGHT_RAMP_MS < sequence.step_ms / 2);
}

static bool is_same(imi_light_colour a, imi_light_colour b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static void any_three_colours_in_a_row_differ(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        imi_light_sequence s = drawn();
        assert_int_equal(s.count, IMI_LIGHT_COLOURS_MAX);
        for (uint32_t c = 2; c < s.count; c++) {
            assert_false(is_same(s.colours[c], s.colours[c - 1]));
            assert_false(is_same(s.colours[c], s.colours[c - 2]));
            assert_false(is_same(s.colours[c - 1], s.colours[c - 2]));
        }
    }
}

static void there_are_as_many_sequences_as_the_rule_allows(void **state)
{
    (void)state;
    assert_int_equal(imi_light_space(), 6 * 5 * 4 * 4 * 4 * 4 * 4 * 4);
}

/* Of 3,000 first colours, 500 each are expected with a deviation of 20. */
static void every_colour_is_as_likely_to_come_first(void **state)
{
    (void)state;
    imi_light_colour seen[6];
    int counts[6] = {0}, kinds = 0;
    for (int i = 0; i < 3000; i++) {
        imi_light_colour first = drawn().colours[0];
        int kind = 0;
        while (kind < kinds && !is_same(seen[kind], first)) {
            kind++;
        }
        assert_true(kind < 6);
        seen[kind] = first;
        kinds = kind == kinds ? kinds + 1 : kinds;
        counts[kind]++;
    }
    assert_int_equal(kinds, 6);
    for (int kind = 0; kind < 6; kind++) {
        assert_true(counts[kind] > 380 && counts[kind] < 620);
    }
}

static void two_draws_differ(void **state)
{
    (void)state;
    int same = 0;
    for (int i = 0; i < 50; i++) {
        imi_light_sequence a = drawn(), b = drawn();
        same += memcmp(a.colours, b.colours, sizeof a.colours) == 0;
    }
    assert_true(same <= 1);
}

static void nowhere_to_draw_into_is_refused(void **state)
{
    (void)state;
    assert_int_equal(imi_light_draw(NULL, NULL), IMI_E_INVALID_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_count_of_flashes_notices_a_strobe),
        cmocka_unit_test(a_drawn_sequence_holds_no_general_flash),
        cmocka_unit_test(no_two_colours_differ_by_a_tenth_of_luminance),
        cmocka_unit_test(a_drawn_sequence_holds_no_saturated_red),
        cmocka_unit_test(a_colour_is_shown_for_700_ms_at_least_and_fades_in),
        cmocka_unit_test(any_three_colours_in_a_row_differ),
        cmocka_unit_test(there_are_as_many_sequences_as_the_rule_allows),
        cmocka_unit_test(every_colour_is_as_likely_to_come_first),
        cmocka_unit_test(two_draws_differ),
        cmocka_unit_test(nowhere_to_draw_into_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
