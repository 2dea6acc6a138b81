/*
 * The session's state machine: every pair of state and event, each with what must follow.
 */
#include "imi_core/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { STATES = IMI_CORE_STATE_COUNT, EVENTS = IMI_CORE_EVENT_COUNT };

/*
 * A letter for each state: the one that follows; '.': the event means nothing. Written by hand
 * from docs/mobile-core.md, not from the table under test.
 *   N new, J joining, C consent, c consenting, R ready, H camera help, B beginning, W waiting,
 *   P capturing, p capturing offline, F holding, S sending, s sending offline, U judging,
 *   T try again, Z paused, w withdrawing, D done, V staff review, X withdrawn, E expired, L blocked
 */
static const char letters[] = "NJCcRHBWPpFSsUTZwDVXEL";

/* Columns in the order of the events:
 *   start joined agree disagree recorded | camera ready, lost | begun must-wait wait-over |
 *   enough queue-empty store-full offline online complete dropped |
 *   pending done try-again review | again pause resume | failed retry over refused expire | reload
 */
static const char *const expected[STATES] = {
    "J.... .. ... ....... .... ... ..ELE J", /* N */
    ".C... .. ... ....... .... ... JJELE J", /* J */
    "..cw. .. ... ....... .... ... ..ELE J", /* C */
    "...wR .. ... ....... .D.V ... ccULE J", /* c */
    "...w. BH ... ....... .D.V .Z. ..ULE R", /* R */
    "...w. B. ... ....... .D.V RZ. ..ULE R", /* H */
    "...w. .H PW. ....... .D.V .Z. BBULE R", /* B */
    "...w. .. ..R ....... .D.V .Z. ..ULE R", /* W */
    "...w. .Z ... S..p.UR .D.V .Z. ..ULE S", /* P */
    "...w. .Z ... s.F.PUR .D.V .Z. ..ULE S", /* p */
    "...w. .. ... ....SUR .D.V .Z. ..ULE S", /* F */
    "...w. .. ... .P.s.UR .D.V .Z. ..ULE S", /* S */
    "...w. .. ... ....SUR .D.V .Z. ..ULE S", /* s */
    "...w. .. ... ....... UDTV ... UUELE U", /* U */
    "...w. .. ... ....... .D.V R.. ..ULE U", /* T */
    "...w. .. ... .....UZ .D.V ..R ..ULE Z", /* Z */
    "....X .. ... ....... .... ... wwELE w", /* w */
    "..... .. ... ....... .... ... ..... .", /* D */
    "..... .. ... ....... .... ... ..... .", /* V */
    "..... .. ... ....... .... ... ..... .", /* X */
    "..... .. ... ....... .... ... ..... .", /* E */
    "..... .. ... ....... .... ... ..... .", /* L */
};

static char cell(uint32_t state, uint32_t event)
{
    uint32_t column = 0;
    for (const char *at = expected[state]; *at != 0; at++) {
        if (*at == ' ') {
            continue;
        }
        if (column++ == event) {
            return *at;
        }
    }
    fail_msg("no cell for state %u, event %u", (unsigned)state, (unsigned)event);
    return 0;
}

static imi_core_step step(uint32_t state, uint32_t event)
{
    imi_core_step out;
    imi_core_session_step(state, event, &out);
    return out;
}

static void every_pair_of_state_and_event_leads_where_it_is_written(void **unused)
{
    (void)unused;
    uint32_t wrong = 0;
    for (uint32_t s = 0; s < STATES; s++) {
        for (uint32_t e = 0; e < EVENTS; e++) {
            imi_core_step got = step(s, e);
            char want = cell(s, e);
            char is = got.handled ? letters[got.next] : '.';
            if (want != is) {
                print_error("state %c event %u: %c, must be %c\n", letters[s], (unsigned)e, is,
                            want);
                wrong++;
            }
        }
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(strlen(letters), STATES);
}

static void event_that_means_nothing_changes_and_does_nothing(void **unused)
{
    (void)unused;
    for (uint32_t s = 0; s < STATES; s++) {
        for (uint32_t e = 0; e < EVENTS; e++) {
            imi_core_step got = step(s, e);
            if (!got.handled) {
                assert_int_equal(got.next, s);
                assert_int_equal(got.actions, 0);
            }
        }
    }
}

static void every_end_closes_the_camera_and_forgets(void **unused)
{
    (void)unused;
    const uint32_t all =
        IMI_CORE_DO_CLOSE_CAMERA | IMI_CORE_DO_HOLD | IMI_CORE_DO_DROP_FRAMES | IMI_CORE_DO_FORGET;
    for (uint32_t s = 0; s < STATES; s++) {
        for (uint32_t e = 0; e < EVENTS; e++) {
            imi_core_step got = step(s, e);
            bool ends = got.handled && imi_core_session_is_over(got.next);
            assert_int_equal(got.actions & all, ends ? all : got.actions & all);
            assert_int_equal((got.actions & IMI_CORE_DO_FORGET) != 0, ends);
        }
    }
}

/* The camera's being on is told by the state alone, so that it is never left on. */
static bool has_camera(uint32_t state)
{
    return state == IMI_CORE_STATE_READY || state == IMI_CORE_STATE_BEGINNING ||
           state == IMI_CORE_STATE_CAPTURING || state == IMI_CORE_STATE_CAPTURING_OFFLINE;
}

static void camera_is_closed_whenever_a_state_without_it_follows(void **unused)
{
    (void)unused;
    for (uint32_t s = 0; s < STATES; s++) {
        for (uint32_t e = 0; e < EVENTS; e++) {
            imi_core_step got = step(s, e);
            if (!got.handled || e == IMI_CORE_EVENT_RELOADED) {
                continue; /* nothing is open after a reload */
            }
            if (has_camera(s) && !has_camera(got.next)) {
                assert_true(got.actions & IMI_CORE_DO_CLOSE_CAMERA);
            }
            if (!has_camera(s) && has_camera(got.next) && s != IMI_CORE_STATE_CAMERA_HELP) {
                assert_true(got.actions & IMI_CORE_DO_OPEN_CAMERA);
            }
        }
    }
}

/* What must be done, exactly, for pairs that call the server. */
static void calls_are_made_where_they_belong(void **unused)
{
    (void)unused;
    const uint32_t calls = IMI_CORE_DO_JOIN | IMI_CORE_DO_CONSENT | IMI_CORE_DO_WITHDRAW |
                           IMI_CORE_DO_BEGIN | IMI_CORE_DO_ASK_OUTCOME;
    static const struct {
        uint8_t state;
        uint32_t call;
    } calling[] = {
        {IMI_CORE_STATE_JOINING, IMI_CORE_DO_JOIN},
        {IMI_CORE_STATE_CONSENTING, IMI_CORE_DO_CONSENT},
        {IMI_CORE_STATE_WITHDRAWING, IMI_CORE_DO_WITHDRAW},
        {IMI_CORE_STATE_BEGINNING, IMI_CORE_DO_BEGIN},
        {IMI_CORE_STATE_JUDGING, IMI_CORE_DO_ASK_OUTCOME},
    };
    for (uint32_t s = 0; s < STATES; s++) {
        for (uint32_t e = 0; e < EVENTS; e++) {
            imi_core_step got = step(s, e);
            uint32_t must = 0;
            for (size_t i = 0; i < sizeof calling / sizeof calling[0]; i++) {
                must |= calling[i].state == got.next ? calling[i].call : 0;
            }
            bool waits = (got.actions & IMI_CORE_DO_BACK_OFF) != 0;
            assert_int_equal(got.actions & calls, got.handled && !waits ? must : 0);
        }
    }
}

static void failed_calls_are_tried_again_after_a_while(void **unused)
{
    (void)unused;
    for (uint32_t s = 0; s < STATES; s++) {
        imi_core_step failed = step(s, IMI_CORE_EVENT_CALL_FAILED);
        imi_core_step due = step(s, IMI_CORE_EVENT_RETRY_DUE);
        assert_int_equal(failed.handled, due.handled);
        assert_int_equal(failed.actions, failed.handled ? IMI_CORE_DO_BACK_OFF : 0);
        assert_int_equal(due.actions == 0, !due.handled);
    }
}

static void frames_are_sent_only_where_the_network_is_there(void **unused)
{
    (void)unused;
    for (uint32_t s = 0; s < STATES; s++) {
        for (uint32_t e = 0; e < EVENTS; e++) {
            imi_core_step got = step(s, e);
            bool sends = got.next == IMI_CORE_STATE_CAPTURING || got.next == IMI_CORE_STATE_SENDING;
            assert_int_equal((got.actions & IMI_CORE_DO_SEND) != 0, got.handled && sends);
        }
    }
}

static void frames_of_a_capture_that_goes_on_are_never_dropped(void **unused)
{
    (void)unused;
    for (uint32_t s = IMI_CORE_STATE_CAPTURING; s <= IMI_CORE_STATE_SENDING_OFFLINE; s++) {
        for (uint32_t e = 0; e < EVENTS; e++) {
            imi_core_step got = step(s, e);
            bool goes_on =
                got.next >= IMI_CORE_STATE_CAPTURING && got.next <= IMI_CORE_STATE_SENDING_OFFLINE;
            if (goes_on || got.next == IMI_CORE_STATE_PAUSED) {
                assert_false(got.actions & IMI_CORE_DO_DROP_FRAMES);
            }
        }
    }
}

/* No state is a dead end: from each that is open, the person or the server leads to an end. */
static void every_state_is_reached_and_has_a_phrase(void **unused)
{
    (void)unused;
    bool reached[STATES] = {[IMI_CORE_STATE_NEW] = true};
    for (int round = 0; round < STATES; round++) {
        for (uint32_t s = 0; s < STATES; s++) {
            for (uint32_t e = 0; reached[s] && e < EVENTS; e++) {
                reached[step(s, e).next] = true;
            }
        }
    }
    for (uint32_t s = 0; s < STATES; s++) {
        assert_true(reached[s]);
        bool silent = imi_core_session_phrase(s) == IMI_CORE_PHRASE_NONE;
        assert_int_equal(silent, s == IMI_CORE_STATE_CAPTURING);
    }
}

static void numbers_out_of_range_do_nothing(void **unused)
{
    (void)unused;
    imi_core_step got = step(IMI_CORE_STATE_NEW, EVENTS);
    assert_false(got.handled);
    got = step(STATES, IMI_CORE_EVENT_START);
    assert_false(got.handled);
    assert_int_equal(got.next, IMI_CORE_STATE_BLOCKED);
    assert_false(step(UINT32_MAX, UINT32_MAX).handled);
    assert_true(imi_core_session_is_over(STATES));
    assert_int_equal(imi_core_session_phrase(STATES), IMI_CORE_PHRASE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_state_and_event_leads_where_it_is_written),
        cmocka_unit_test(event_that_means_nothing_changes_and_does_nothing),
        cmocka_unit_test(every_end_closes_the_camera_and_forgets),
        cmocka_unit_test(camera_is_closed_whenever_a_state_without_it_follows),
        cmocka_unit_test(calls_are_made_where_they_belong),
        cmocka_unit_test(failed_calls_are_tried_again_after_a_while),
        cmocka_unit_test(frames_are_sent_only_where_the_network_is_there),
        cmocka_unit_test(frames_of_a_capture_that_goes_on_are_never_dropped),
        cmocka_unit_test(every_state_is_reached_and_has_a_phrase),
        cmocka_unit_test(numbers_out_of_range_do_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
