/* The character network alone, and lines that are given to it without being looked for. */
#include "drawn_card.h"

#include "document/ocrb.h"
#include "document/strip.h"

#include <math.h>
#include <string.h>

enum { PITCH = 40, MIDDLE = 60 };

static int make(void **state)
{
    imi_ocrb *ocrb = NULL;
    imi_error error = IMI_ERROR_INIT;
    assert_ok(imi_ocrb_new(&ocrb, &error), &error);
    *state = ocrb;
    return 0;
}

static int destroy(void **state)
{
    imi_ocrb *ocrb = *state;
    imi_ocrb_destroy(&ocrb);
    assert_null(ocrb);
    imi_ocrb_destroy(NULL);
    return 0;
}

/* The ink of a character in the middle of a cell, drawn large and averaged down. */
static void draw_cell(char character, float cell[IMI_OCRB_CELL_PIXELS])
{
    const char text[2] = {character, '\0'};
    imi_image *large = paper(3 * PITCH, 3 * PITCH, false);
    print_line(large, ZONE_FONT, text, MIDDLE - PITCH / 2.0F, MIDDLE + PITCH / 2.0F, PITCH, PITCH);
    imi_image *grey = NULL;
    imi_image *small = NULL;
    assert_int_equal(imi_image_to_grey(large, &grey, NULL), IMI_OK);
    /* A pixel of a cell is 3 of these. */
    assert_int_equal(imi_image_resize(grey, PITCH, PITCH, &small, NULL), IMI_OK);
    uint32_t left = MIDDLE / 3 - IMI_OCRB_CELL_WIDTH / 2;
    uint32_t top = MIDDLE / 3 - IMI_OCRB_CELL_HEIGHT / 2;
    for (uint32_t y = 0; y < IMI_OCRB_CELL_HEIGHT; y++) {
        for (uint32_t x = 0; x < IMI_OCRB_CELL_WIDTH; x++) {
            cell[y * IMI_OCRB_CELL_WIDTH + x] =
                (float)(255 - imi_image_row(small, top + y)[left + x]) / 255;
        }
    }
    imi_image_destroy(&large);
    imi_image_destroy(&grey);
    imi_image_destroy(&small);
}

static char read_cell(const imi_ocrb *ocrb, const float cell[IMI_OCRB_CELL_PIXELS])
{
    float log_probability[IMI_OCRB_CLASSES];
    imi_ocrb_classify(ocrb, cell, log_probability);
    size_t best = 0;
    for (size_t k = 1; k < IMI_OCRB_CLASSES; k++) {
        best = log_probability[k] > log_probability[best] ? k : best;
    }
    return imi_ocrb_alphabet[best];
}

static void every_character_is_told(void **state)
{
    for (const char *c = imi_ocrb_alphabet; *c != '\0'; c++) {
        float cell[IMI_OCRB_CELL_PIXELS];
        draw_cell(*c, cell);
        assert_int_equal(read_cell(*state, cell), *c);
    }
}

static void brightness_and_contrast_do_not_count(void **state)
{
    for (const char *c = imi_ocrb_alphabet; *c != '\0'; c++) {
        float cell[IMI_OCRB_CELL_PIXELS];
        draw_cell(*c, cell);
        for (size_t i = 0; i < IMI_OCRB_CELL_PIXELS; i++) {
            cell[i] = 0.3F + 0.6F * cell[i];
        }
        assert_int_equal(read_cell(*state, cell), *c);
    }
}

static void probabilities_add_up_to_one(void **state)
{
    float cell[IMI_OCRB_CELL_PIXELS];
    float log_probability[IMI_OCRB_CLASSES];
    draw_cell('A', cell);
    imi_ocrb_classify(*state, cell, log_probability);
    float sum = 0;
    for (size_t k = 0; k < IMI_OCRB_CLASSES; k++) {
        assert_true(log_probability[k] <= 0);
        sum += expf(log_probability[k]);
    }
    assert_true(fabsf(sum - 1) < 1e-4F);
}

static void flat_cell_gives_finite_numbers(void **state)
{
    float cell[IMI_OCRB_CELL_PIXELS] = {0};
    float log_probability[IMI_OCRB_CLASSES];
    imi_ocrb_classify(*state, cell, log_probability);
    for (size_t k = 0; k < IMI_OCRB_CLASSES; k++) {
        assert_true(isfinite(log_probability[k]));
    }
}

static imi_image *draw_line(const char *text, float pitch)
{
    imi_image *image = paper((uint32_t)(pitch * (float)(strlen(text) + 6)), 100, false);
    print_line(image, ZONE_FONT, text, 3 * pitch, 60, 0.97F * pitch, pitch);
    imi_image *grey = NULL;
    assert_int_equal(imi_image_to_grey(image, &grey, NULL), IMI_OK);
    imi_image_destroy(&image);
    return grey;
}

static imi_strip_reading read_strip(const imi_ocrb *ocrb, const char *text, float pitch,
                                    imi_tilted_box box)
{
    imi_image *grey = draw_line(text, pitch);
    imi_strip_reading reading;
    imi_error error = IMI_ERROR_INIT;
    assert_ok(imi_strip_read(ocrb, grey, &box, &reading, &error), &error);
    imi_image_destroy(&grey);
    return reading;
}

/* The box that a line of so many characters fills. */
static imi_tilted_box box_of(size_t count, float pitch)
{
    return (imi_tilted_box){pitch * ((float)count / 2 + 3), 60 - pitch / 2,
                            pitch * ((float)count - 0.3F), pitch, 0};
}

static void each_length_is_told_by_itself(void **state)
{
    static const char *const lines[] = {"I<UTOD231458907<<<<<<<<<<<<<<<",
                                        "D231458907UTO7408122F1204159<<<<<<<6",
                                        "L898902C36UTO7408122F1204159ZE184226B<<<<<10"};
    for (size_t i = 0; i < 3; i++) {
        imi_strip_reading reading = read_strip(*state, lines[i], 20, box_of(strlen(lines[i]), 20));
        assert_string_equal(reading.text, lines[i]);
        assert_int_equal(reading.count, strlen(lines[i]));
        assert_true(reading.score <= 0 && reading.score > -0.25F);
    }
}

static void box_may_be_off_by_half_a_character(void **state)
{
    static const char line[] = "D231458907UTO7408122F1204159<<<<<<<6";
    static const float offs[][3] = {{8, 0, 0}, {-8, 0, 0}, {0, 5, 0}, {0, -5, 0}, {0, 0, 14}};
    for (size_t i = 0; i < sizeof offs / sizeof offs[0]; i++) {
        imi_tilted_box box = box_of(36, 20);
        box.x += offs[i][0];
        box.y += offs[i][1];
        box.width += offs[i][2];
        imi_strip_reading reading = read_strip(*state, line, 20, box);
        assert_string_equal(reading.text, line);
    }
}

static void boxes_without_extent_read_nothing(void **state)
{
    const imi_tilted_box wrong[] = {{100, 50, 0, 0, 0},
                                    {100, 50, 10, 10, 0},
                                    {NAN, NAN, NAN, NAN, NAN},
                                    {-1e6F, 50, 600, 20, 0}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        imi_image *grey = draw_line("P<UTO", 20);
        imi_strip_reading reading = {.count = 9};
        imi_status status = imi_strip_read(*state, grey, &wrong[i], &reading, NULL);
        imi_image_destroy(&grey);
        assert_true(status == IMI_OK || status == IMI_E_INVALID_ARGUMENT);
        assert_int_equal(reading.count, 0);
    }
}

#define WITH_NETWORK(f) cmocka_unit_test_setup_teardown(f, make, destroy)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_NETWORK(every_character_is_told),
        WITH_NETWORK(brightness_and_contrast_do_not_count),
        WITH_NETWORK(probabilities_add_up_to_one),
        WITH_NETWORK(flat_cell_gives_finite_numbers),
        WITH_NETWORK(each_length_is_told_by_itself),
        WITH_NETWORK(box_may_be_off_by_half_a_character),
        WITH_NETWORK(boxes_without_extent_read_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
