/*
 * The readers on lines that the test prints itself.
 *
 * usage: test_document_readers [PATTERN], where tests whose name matches are left out.
 */
#include "drawn_card.h"

#include "imi_models/document.h"

#include <string.h>

enum { LINES_MAX = 32 };

#define TD3_1 "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
#define TD3_2 "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
#define TD1_1 "I<UTOD231458907<<<<<<<<<<<<<<<"
#define TD1_2 "7408122F1204159UTO<<<<<<<<<<<6"
#define TD1_3 "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"

typedef struct sight {
    imi_text_line lines[LINES_MAX];
    size_t count;
} sight;

static int make_zone_reader(void **state)
{
    imi_text_reader *reader = NULL;
    imi_error error = IMI_ERROR_INIT;
    assert_ok(imi_ocrb_reader_new(&reader, &error), &error);
    *state = reader;
    return 0;
}

static int make_document_reader(void **state)
{
    imi_text_reader *reader = NULL;
    imi_error error = IMI_ERROR_INIT;
    assert_ok(imi_document_reader_new(&reader, &error), &error);
    *state = reader;
    return 0;
}

static int destroy_reader(void **state)
{
    imi_text_reader *reader = *state;
    reader->destroy(reader);
    return 0;
}

static void look(imi_text_reader *reader, const imi_image *image, imi_text_hint hint, sight *out)
{
    imi_error error = IMI_ERROR_INIT;
    assert_ok(reader->read(reader, image, hint, out->lines, LINES_MAX, &out->count, &error),
              &error);
}

static void assert_zone(imi_text_reader *reader, imi_image *take_image, const char *const zone[3])
{
    sight seen;
    look(reader, take_image, IMI_TEXT_MRZ, &seen);
    imi_image_destroy(&take_image);
    size_t wanted = zone[2] != NULL ? 3 : 2;
    assert_int_equal(seen.count, wanted);
    for (size_t i = 0; i < wanted; i++) {
        assert_string_equal(seen.lines[i].text, zone[i]);
    }
}

static const card_print passport = {.zone = {TD3_1, TD3_2, NULL}};
static const card_print card = {.zone = {TD1_1, TD1_2, TD1_3}};

static void passport_lines_are_read_exactly(void **state)
{
    assert_zone(*state, draw_card(&passport), passport.zone);
}

static void card_lines_are_read_exactly(void **state)
{
    assert_zone(*state, draw_card(&card), card.zone);
}

static void every_character_is_read_on_its_own_line(void **state)
{
    const card_print all = {.zone = {"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<ABCDEFG",
                                     "9876543210ZYXWVUTSRQPONMLKJIHGFEDCBA<0123456", NULL}};
    assert_zone(*state, draw_card(&all), all.zone);
}

static void lines_are_read_small_and_compressed(void **state)
{
    imi_image *large = draw_card(&passport);
    imi_image *small = NULL;
    imi_error error = IMI_ERROR_INIT;
    /* 8 pixels from character to character. */
    assert_ok(imi_image_resize(large, 390, 273, &small, &error), &error);
    imi_image_destroy(&large);
    imi_image *sent = through_jpeg(small, 60);
    imi_image_destroy(&small);
    assert_zone(*state, sent, passport.zone);
}

static void tilted_lines_are_read(void **state)
{
    static const float tilts[] = {-24, -15, -7, -3, 4, 8, 16, 25};
    for (size_t i = 0; i < sizeof tilts / sizeof tilts[0]; i++) {
        imi_image *drawn = draw_card(&card);
        imi_image *photo = lay_on_table(drawn, tilts[i], 1400, 1200);
        imi_image_destroy(&drawn);
        assert_zone(*state, photo, card.zone);
    }
}

static void characters_have_confidence_and_lines_a_place(void **state)
{
    imi_image *image = draw_card(&passport);
    sight seen;
    look(*state, image, IMI_TEXT_MRZ, &seen);
    imi_image_destroy(&image);
    assert_int_equal(seen.count, 2);
    for (size_t i = 0; i < 44; i++) {
        assert_true(seen.lines[0].confidence[i] > 0.5F && seen.lines[0].confidence[i] <= 1);
    }
    const imi_point *corners = seen.lines[0].place.corners;
    assert_true(corners[0].x < 80 && corners[1].x > 900);
    assert_true(corners[0].y > 480 && corners[2].y < 580);
}

static void paper_and_print_hold_no_zone(void **state)
{
    sight seen;
    imi_image *image = paper(1000, 700, true);
    look(*state, image, IMI_TEXT_MRZ, &seen);
    assert_int_equal(seen.count, 0);
    print_line(image, PRINT_FONT, "Please keep this document in a safe place at home.", 60, 300, 22,
               0);
    print_line(image, PRINT_FONT, "Report its loss to the authority that issued it.", 60, 360, 22,
               0);
    look(*state, image, IMI_TEXT_MRZ, &seen);
    imi_image_destroy(&image);
    assert_int_equal(seen.count, 0);
}

static void capacity_is_kept(void **state)
{
    imi_text_reader *reader = *state;
    imi_image *image = draw_card(&card);
    imi_text_line line;
    size_t count = 9;
    imi_error error = IMI_ERROR_INIT;
    assert_ok(reader->read(reader, image, IMI_TEXT_MRZ, &line, 1, &count, &error), &error);
    imi_image_destroy(&image);
    assert_int_equal(count, 1);
    assert_string_equal(line.text, TD1_1);
}

static void tiny_images_are_survived(void **state)
{
    static const uint32_t sides[][2] = {{1, 1}, {1, 300}, {300, 1}, {16, 16}, {40, 2000}};
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
        imi_image *image = paper(sides[i][0], sides[i][1], false);
        sight seen;
        look(*state, image, IMI_TEXT_MRZ, &seen);
        assert_int_equal(seen.count, 0);
        imi_image_destroy(&image);
    }
}

static void noise_is_no_zone(void **state)
{
    imi_image *image = paper(600, 400, false);
    uint32_t seed = 5;
    for (size_t i = 0; i < image->stride_bytes * image->height; i++) {
        seed = seed * 1664525U + 1013904223U;
        image->pixels[i] = (uint8_t)(seed >> 24);
    }
    sight seen;
    look(*state, image, IMI_TEXT_MRZ, &seen);
    imi_image_destroy(&image);
    assert_int_equal(seen.count, 0);
}

/* Fails the allocation that user counts down to. */
static bool fail_at(void *user, size_t size)
{
    (void)size;
    int *left = user;
    return (*left)-- == 0;
}

static void memory_that_runs_out_is_an_error_without_leaks(void **state)
{
    imi_text_reader *reader = *state;
    imi_image *image = draw_card(&passport);
    int64_t before = imi_alloc_live_blocks();
    imi_status status = IMI_E_NO_MEMORY;
    for (int at = 0; status != IMI_OK; at++) {
        int left = at;
        sight seen;
        imi_alloc_set_fail_hook(fail_at, &left);
        status =
            reader->read(reader, image, IMI_TEXT_MRZ, seen.lines, LINES_MAX, &seen.count, NULL);
        imi_alloc_set_fail_hook(NULL, NULL);
        assert_true(status == IMI_OK || status == IMI_E_NO_MEMORY);
        assert_int_equal(imi_alloc_live_blocks(), before);
        at += at >= 12 ? 150 : 0; /* the first ones one by one, then some of the many alike */
    }
    imi_image_destroy(&image);
}

#ifdef IMI_HAVE_TESSERACT
static void digits_are_read_through_tesseract(void **state)
{
    imi_image *image = paper(1000, 630, true);
    print_line(image, PRINT_FONT, "11010519491231002X", 300, 540, 32, 0);
    sight seen;
    look(*state, image, IMI_TEXT_DIGITS, &seen);
    imi_image_destroy(&image);
    bool found = false;
    for (size_t i = 0; i < seen.count; i++) {
        found = found || strstr(seen.lines[i].text, "11010519491231002X") != NULL;
    }
    assert_true(found);
}

static void print_is_read_through_tesseract(void **state)
{
    imi_image *image = paper(1000, 630, false);
    print_line(image, PRINT_FONT, "UTOPIA", 300, 340, 40, 0);
    sight seen;
    look(*state, image, IMI_TEXT_GENERAL, &seen);
    imi_image_destroy(&image);
    bool found = false;
    for (size_t i = 0; i < seen.count; i++) {
        found = found || strstr(seen.lines[i].text, "UTOPIA") != NULL;
    }
    assert_true(found);
}

static void missing_model_is_told(void **state)
{
    (void)state;
    imi_text_reader *reader = NULL;
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(imi_tesseract_reader_new("/nonexistent", &reader, &error),
                     IMI_E_MODEL_MISSING);
    assert_null(reader);
}
#endif

static void outline_of_a_card_is_found(void **state)
{
    (void)state;
    imi_card_finder *finder = NULL;
    imi_error error = IMI_ERROR_INIT;
    assert_ok(imi_card_finder_new(&finder, &error), &error);
    imi_image *drawn = draw_card(&card);
    imi_image *photo = lay_on_table(drawn, 10, 1400, 1200);
    imi_quad quad;
    bool found = false;
    assert_ok(finder->find(finder, photo, &quad, &found, &error), &error);
    assert_true(found);
    /* The middle of the card is the middle of the table; its top edge is 1000 long. */
    float x = 0;
    float y = 0;
    for (size_t i = 0; i < 4; i++) {
        x += quad.corners[i].x / 4;
        y += quad.corners[i].y / 4;
    }
    assert_in_range((int)x, 680, 720);
    assert_in_range((int)y, 580, 620);
    float dx = quad.corners[1].x - quad.corners[0].x;
    float dy = quad.corners[1].y - quad.corners[0].y;
    assert_in_range((int)(dx * dx + dy * dy), 960 * 960, 1040 * 1040);
    imi_image_destroy(&drawn);
    imi_image_destroy(&photo);
    finder->destroy(finder);
}

static void bare_table_has_no_outline(void **state)
{
    (void)state;
    imi_card_finder *finder = NULL;
    imi_error error = IMI_ERROR_INIT;
    assert_ok(imi_card_finder_new(&finder, &error), &error);
    imi_image *table = paper(800, 600, false);
    imi_quad quad;
    bool found = true;
    assert_ok(finder->find(finder, table, &quad, &found, &error), &error);
    assert_false(found);
    imi_image_destroy(&table);
    finder->destroy(finder);
}

#define ZONE_TEST(f) cmocka_unit_test_setup_teardown(f, make_zone_reader, destroy_reader)
#define PRINT_TEST(f) cmocka_unit_test_setup_teardown(f, make_document_reader, destroy_reader)

int main(int argc, char **argv)
{
    if (argc > 1) {
        cmocka_set_skip_filter(argv[1]);
    }
    const struct CMUnitTest tests[] = {
        ZONE_TEST(passport_lines_are_read_exactly),
        ZONE_TEST(card_lines_are_read_exactly),
        ZONE_TEST(every_character_is_read_on_its_own_line),
        ZONE_TEST(lines_are_read_small_and_compressed),
        ZONE_TEST(tilted_lines_are_read),
        ZONE_TEST(characters_have_confidence_and_lines_a_place),
        ZONE_TEST(paper_and_print_hold_no_zone),
        ZONE_TEST(capacity_is_kept),
        ZONE_TEST(tiny_images_are_survived),
        ZONE_TEST(noise_is_no_zone),
        ZONE_TEST(memory_that_runs_out_is_an_error_without_leaks),
#ifdef IMI_HAVE_TESSERACT
        PRINT_TEST(digits_are_read_through_tesseract),
        PRINT_TEST(print_is_read_through_tesseract),
        cmocka_unit_test(missing_model_is_told),
#endif
        cmocka_unit_test(outline_of_a_card_is_found),
        cmocka_unit_test(bare_table_has_no_outline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
