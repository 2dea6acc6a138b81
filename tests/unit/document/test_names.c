/* Names as people write them against ICAO's spelling of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "document/name_match.h"

static imi_name_match compare(const char *name, const char *spelling)
{
    return imi_name_compare(imi_view_of_text(name), spelling);
}

static void same_letters_are_equal(void **state)
{
    (void)state;
    assert_int_equal(compare("Eriksson", "ERIKSSON"), IMI_NAME_EQUAL);
}

static void separators_do_not_count(void **state)
{
    (void)state;
    assert_int_equal(compare("Anna-Maria O'Brien", "ANNA MARIA OBRIEN"), IMI_NAME_EQUAL);
    assert_int_equal(compare("ANNA MARIA", "ANNAMARIA"), IMI_NAME_EQUAL);
}

static void every_allowed_transliteration_is_equal(void **state)
{
    (void)state;
    assert_int_equal(compare("Müller", "MUELLER"), IMI_NAME_EQUAL);
    assert_int_equal(compare("Müller", "MULLER"), IMI_NAME_EQUAL);
    assert_int_equal(compare("Müller", "MUXXLLER"), IMI_NAME_EQUAL);
    assert_int_equal(compare("Åström", "AASTROEM"), IMI_NAME_EQUAL);
    assert_int_equal(compare("Núñez", "NUNEZ"), IMI_NAME_EQUAL);
    assert_int_equal(compare("Weiß", "WEISS"), IMI_NAME_EQUAL);
    assert_int_equal(compare("Þórður", "THORDUR"), IMI_NAME_EQUAL);
    assert_int_equal(compare("łukasz żółw", "LUKASZ ZOLW"), IMI_NAME_EQUAL);
    assert_int_equal(compare("BASANAVIČIENĖ", "BASANAVICIENE"), IMI_NAME_EQUAL);
}

static void cyrillic_is_transliterated(void **state)
{
    (void)state;
    assert_int_equal(compare("Щербаков", "SHCHERBAKOV"), IMI_NAME_EQUAL);
    assert_int_equal(compare("Ольга", "OLGA"), IMI_NAME_EQUAL);
    assert_int_equal(compare("Юлия", "IULIIA"), IMI_NAME_EQUAL);
}

static void one_wrong_letter_differs(void **state)
{
    (void)state;
    assert_int_equal(compare("Eriksson", "ERIKSON"), IMI_NAME_DIFFERS);
    assert_int_equal(compare("Erikson", "ERIKSSON"), IMI_NAME_DIFFERS);
    assert_int_equal(compare("Muller", "MUELLER"), IMI_NAME_DIFFERS);
}

static void longer_spelling_differs(void **state)
{
    (void)state;
    assert_int_equal(compare("Anna", "ANNA MARIA"), IMI_NAME_DIFFERS);
}

static void cut_spelling_begins_the_name(void **state)
{
    (void)state;
    assert_int_equal(compare("Papandropoulous Jonathon Warren", "PAPANDROPOULOUS JONATHON WAR"),
                     IMI_NAME_BEGINS);
    /* Also in the middle of a letter's transliteration. */
    assert_int_equal(compare("Anna Müller", "ANNA MU"), IMI_NAME_BEGINS);
}

static void other_scripts_are_unknown_not_different(void **state)
{
    (void)state;
    assert_int_equal(compare("林美華", "LIN MEI HUA"), IMI_NAME_UNKNOWN);
    assert_int_equal(compare("Anna2", "ANNA"), IMI_NAME_UNKNOWN);
}

static void broken_utf8_is_unknown(void **state)
{
    (void)state;
    assert_int_equal(compare("ANNA\xC3", "ANNA"), IMI_NAME_UNKNOWN);
    assert_int_equal(compare("\xFF", "ANNA"), IMI_NAME_UNKNOWN);
}

static void nothing_equals_nothing_by_name(void **state)
{
    (void)state;
    assert_int_equal(compare("", ""), IMI_NAME_DIFFERS);
    assert_int_equal(compare("-", "ANNA"), IMI_NAME_DIFFERS);
    assert_int_equal(compare("ANNA", ""), IMI_NAME_DIFFERS);
}

static void many_choices_are_followed_in_bounds(void **state)
{
    (void)state;
    char name[2 * 94 + 1] = {0};
    char spelling[95] = {0};
    for (size_t i = 0; i < 94; i++) {
        name[2 * i] = (char)0xC3;
        name[2 * i + 1] = (char)0x85; /* A with a ring: AA or A */
        spelling[i] = 'A';
    }
    assert_int_equal(compare(name, spelling), IMI_NAME_EQUAL);
    name[2 * 40] = '\0';
    assert_int_equal(compare(name, spelling), IMI_NAME_DIFFERS);
}

static void small_letters_follow_their_capitals(void **state)
{
    (void)state;
    assert_int_equal(compare("ĺľńňźžşœÿışțăơư", "LLNNZZSOEYISTAOU"), IMI_NAME_EQUAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_letters_are_equal),
        cmocka_unit_test(separators_do_not_count),
        cmocka_unit_test(every_allowed_transliteration_is_equal),
        cmocka_unit_test(cyrillic_is_transliterated),
        cmocka_unit_test(one_wrong_letter_differs),
        cmocka_unit_test(longer_spelling_differs),
        cmocka_unit_test(cut_spelling_begins_the_name),
        cmocka_unit_test(other_scripts_are_unknown_not_different),
        cmocka_unit_test(broken_utf8_is_unknown),
        cmocka_unit_test(nothing_equals_nothing_by_name),
        cmocka_unit_test(many_choices_are_followed_in_bounds),
        cmocka_unit_test(small_letters_follow_their_capitals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
