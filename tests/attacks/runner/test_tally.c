#include "tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static imi_attack_tally tally_of(size_t attempts, size_t accepted)
{
    imi_attack_tally tally = {.attempts = 0};
    for (size_t i = 0; i < attempts; i++) {
        imi_attempt attempt = {.outcome =
                                   i < accepted ? IMI_ATTEMPT_ACCEPTED : IMI_ATTEMPT_REFUSED};
        imi_attack_tally_add(&tally, &attempt);
    }
    return tally;
}

static void check_line(const imi_attack_tally *tally, imi_gen_species species, const char *part)
{
    IMI_AUTO_BUFFER line = IMI_BUFFER_INIT;
    assert_int_equal(IMI_OK, imi_attack_tally_format(tally, species, &line, NULL));
    assert_int_equal(IMI_OK, imi_buffer_terminate(&line, NULL));
    assert_non_null(strstr((const char *)line.data, part));
}

static void no_acceptance_has_an_exact_bound(void **state)
{
    (void)state;
    imi_attack_tally tally = tally_of(150, 0);
    check_line(&tally, IMI_GEN_PRINT_FLAT, "IAPAR   0.0 %    0.0 to   2.4 %");
}

static void accepted_attacks_are_errors_and_refused_people_too(void **state)
{
    (void)state;
    imi_attack_tally tally = tally_of(20, 15);
    check_line(&tally, IMI_GEN_PRINT_FLAT, "IAPAR  75.0 %");
    check_line(&tally, IMI_GEN_BONA_FIDE, "BPCER  25.0 %");
}

static void silence_is_counted_and_is_no_acceptance(void **state)
{
    (void)state;
    imi_attack_tally tally = tally_of(1, 0);
    const imi_attempt silent = {.outcome = IMI_ATTEMPT_NO_RESPONSE};
    imi_attack_tally_add(&tally, &silent);
    assert_int_equal(2, tally.attempts);
    assert_int_equal(1, tally.no_response);
    assert_int_equal(0, tally.accepted);
}

static const imi_attack_limits NO_LIMITS = {100, 100};

static void nothing_tried_is_no_success(void **state)
{
    (void)state;
    imi_attack_tally none = {.attempts = 0};
    assert_true(imi_attack_tally_exceeds(&none, IMI_GEN_PRINT_FLAT, &NO_LIMITS));
}

static void a_failed_attempt_is_no_success(void **state)
{
    (void)state;
    imi_attack_tally tally = tally_of(10, 0);
    tally.failed = 1;
    assert_true(imi_attack_tally_exceeds(&tally, IMI_GEN_PRINT_FLAT, &NO_LIMITS));
}

static void attacks_may_be_accepted_as_often_as_their_limit_says(void **state)
{
    (void)state;
    const imi_attack_limits loose = {2, 0};
    const imi_attack_limits strict = {1, 100};
    imi_attack_tally tally = tally_of(100, 2);
    assert_false(imi_attack_tally_exceeds(&tally, IMI_GEN_PRINT_FLAT, &loose));
    assert_true(imi_attack_tally_exceeds(&tally, IMI_GEN_PRINT_FLAT, &strict));
}

static void people_may_be_refused_as_often_as_their_limit_says(void **state)
{
    (void)state;
    const imi_attack_limits loose = {0, 5};
    const imi_attack_limits strict = {100, 4};
    imi_attack_tally tally = tally_of(100, 95);
    assert_false(imi_attack_tally_exceeds(&tally, IMI_GEN_BONA_FIDE, &loose));
    assert_true(imi_attack_tally_exceeds(&tally, IMI_GEN_BONA_FIDE, &strict));
}

static void people_without_an_answer_count_as_refused(void **state)
{
    (void)state;
    const imi_attack_limits limits = {0, 5};
    const imi_attempt silent = {.outcome = IMI_ATTEMPT_NO_RESPONSE};
    imi_attack_tally tally = tally_of(9, 9);
    assert_false(imi_attack_tally_exceeds(&tally, IMI_GEN_BONA_FIDE, &limits));
    imi_attack_tally_add(&tally, &silent);
    assert_true(imi_attack_tally_exceeds(&tally, IMI_GEN_BONA_FIDE, &limits));
}

static void a_server_that_refuses_everybody_fails(void **state)
{
    (void)state;
    imi_attack_tally nobody = tally_of(3, 0);
    imi_attack_tally somebody = tally_of(3, 1);
    assert_true(imi_attack_tally_exceeds(&nobody, IMI_GEN_BONA_FIDE, &NO_LIMITS));
    assert_false(imi_attack_tally_exceeds(&somebody, IMI_GEN_BONA_FIDE, &NO_LIMITS));
}

static void layers_are_read_from_the_evidence(void **state)
{
    (void)state;
    const char *evidence = "challenge:missing(timeout) geometry:-1.8 parallax:+0.4 "
                           "passive:+1.3(reduced) continuity:veto(frozen) sum:+7.0";
    assert_false(imi_attack_evidence_favours(evidence, IMI_LAYER_CHALLENGE));
    assert_false(imi_attack_evidence_favours(evidence, IMI_LAYER_GEOMETRY));
    assert_true(imi_attack_evidence_favours(evidence, IMI_LAYER_PARALLAX));
    assert_true(imi_attack_evidence_favours(evidence, IMI_LAYER_PASSIVE));
    assert_false(imi_attack_evidence_favours(evidence, IMI_LAYER_CONTINUITY));
    assert_false(imi_attack_evidence_favours(evidence, IMI_LAYER_CAMERA));
    assert_false(imi_attack_evidence_favours("", IMI_LAYER_GEOMETRY));
    assert_false(imi_attack_evidence_favours(evidence, IMI_LAYER_COUNT));
}

static void layers_are_counted_by_themselves(void **state)
{
    (void)state;
    imi_attack_tally tally = {.attempts = 0};
    const imi_attempt fooled = {.evidence = "geometry:+0.8 passive:-1.0"};
    const imi_attempt not_fooled = {.evidence = "geometry:-0.8 passive:-1.0"};
    imi_attack_tally_add(&tally, &fooled);
    imi_attack_tally_add(&tally, &not_fooled);
    assert_int_equal(1, tally.favoured[IMI_LAYER_GEOMETRY]);
    assert_int_equal(0, tally.favoured[IMI_LAYER_PASSIVE]);
}

static imi_attack_tally tally_of_evidence(const char *evidence)
{
    imi_attack_tally tally = {.attempts = 0};
    imi_attempt attempt = {.outcome = IMI_ATTEMPT_REFUSED};
    imi_copy_text(attempt.evidence, sizeof attempt.evidence, evidence);
    imi_attack_tally_add(&tally, &attempt);
    return tally;
}

static void pictures_that_look_solid_exceed_the_limit_though_none_is_accepted(void **state)
{
    (void)state;
    const imi_attack_limits limits = {2, 100};
    imi_attack_tally solid = tally_of_evidence("geometry:+0.8 parallax:-0.7 passive:-4.0");
    assert_true(imi_attack_tally_exceeds(&solid, IMI_GEN_PRINT_BENT, &limits));
    assert_true(imi_attack_tally_exceeds(&solid, IMI_GEN_SCREEN_STILL, &limits));
    assert_false(imi_attack_tally_exceeds(&solid, IMI_GEN_VIDEO_REPLAY, &limits));
    assert_false(imi_attack_tally_exceeds(&solid, IMI_GEN_MASK_CUT_OUT, &limits));
}

static void pictures_may_look_solid_as_often_as_their_limit_says(void **state)
{
    (void)state;
    const imi_attack_limits limits = {2, 100};
    imi_attack_tally tally = tally_of(150, 0);
    tally.solid = 3;
    assert_false(imi_attack_tally_exceeds(&tally, IMI_GEN_PRINT_FLAT, &limits));
    tally.solid = 4;
    assert_true(imi_attack_tally_exceeds(&tally, IMI_GEN_PRINT_FLAT, &limits));
    check_line(&tally, IMI_GEN_PRINT_FLAT, " 4\n");
}

static void pictures_that_look_flat_or_like_nothing_do_not(void **state)
{
    (void)state;
    static const char *const flat[] = {
        "geometry:+0.8 parallax:-0.8",
        "geometry:-1.0 parallax:+0.9",
        "geometry:veto(flat) parallax:+1.5",
        "geometry:missing parallax:unmeasured passive:+2.0",
        "",
    };
    const imi_attack_limits limits = {2, 100};
    for (size_t i = 0; i < sizeof flat / sizeof flat[0]; i++) {
        imi_attack_tally tally = tally_of_evidence(flat[i]);
        assert_int_equal(0, tally.solid);
        assert_false(imi_attack_tally_exceeds(&tally, IMI_GEN_PRINT_BENT, &limits));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_acceptance_has_an_exact_bound),
        cmocka_unit_test(accepted_attacks_are_errors_and_refused_people_too),
        cmocka_unit_test(silence_is_counted_and_is_no_acceptance),
        cmocka_unit_test(nothing_tried_is_no_success),
        cmocka_unit_test(a_failed_attempt_is_no_success),
        cmocka_unit_test(attacks_may_be_accepted_as_often_as_their_limit_says),
        cmocka_unit_test(people_may_be_refused_as_often_as_their_limit_says),
        cmocka_unit_test(people_without_an_answer_count_as_refused),
        cmocka_unit_test(a_server_that_refuses_everybody_fails),
        cmocka_unit_test(layers_are_read_from_the_evidence),
        cmocka_unit_test(layers_are_counted_by_themselves),
        cmocka_unit_test(pictures_that_look_solid_exceed_the_limit_though_none_is_accepted),
        cmocka_unit_test(pictures_may_look_solid_as_often_as_their_limit_says),
        cmocka_unit_test(pictures_that_look_flat_or_like_nothing_do_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
