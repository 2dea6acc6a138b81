/* Each cue answers what it is named after. */
#include "picture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static float cue(const picture_recipe *recipe, imi_cue which)
{
    return picture_measure(recipe).value[which];
}

static void assert_rises(const picture_recipe *from, const picture_recipe *to, imi_cue which,
                         float by)
{
    float before = cue(from, which);
    float after = cue(to, which);
    if (!(after - before >= by)) {
        fail_msg("%s: %g, then %g", imi_cue_name(which), (double)before, (double)after);
    }
}

static void every_cue_but_the_networks_is_measured(void **state)
{
    (void)state;
    picture_recipe plain = picture_plain();
    imi_cues cues = picture_measure(&plain);
    for (int i = 0; i < IMI_CUE_COUNT; i++) {
        assert_int_equal(isfinite(cues.value[i]), i != IMI_CUE_NETWORKS);
    }
}

static void a_fine_grid_over_the_face_is_moire(void **state)
{
    (void)state;
    const float periods_px[] = {2.7F, 3.5F, 5.1F, 7.3F};
    for (size_t i = 0; i < sizeof periods_px / sizeof periods_px[0]; i++) {
        picture_recipe plain = picture_plain();
        picture_recipe grid = plain;
        grid.grid_period_px = periods_px[i];
        grid.grid_height = 4;
        assert_rises(&plain, &grid, IMI_CUE_MOIRE, 1);
    }
}

static void a_pattern_all_over_the_face_is_a_grid(void **state)
{
    (void)state;
    picture_recipe plain = picture_plain();
    picture_recipe grid = plain;
    grid.grid_period_px = 3.5F;
    grid.grid_height = 4;
    assert_true(picture_measure(&plain).grid < 1.3F);
    assert_true(picture_measure(&grid).grid > 1.6F);
}

static void a_pattern_in_one_part_of_the_face_is_moire_and_no_grid(void **state)
{
    (void)state;
    picture_recipe plain = picture_plain();
    picture_recipe lash = plain;
    lash.grid_period_px = 3.5F;
    lash.grid_height = 12;
    lash.grid_reach = 0.2F;
    assert_rises(&plain, &lash, IMI_CUE_MOIRE, 1);
    assert_true(picture_measure(&lash).grid < 1.3F);
}

static void noise_alone_is_not_moire(void **state)
{
    (void)state;
    for (int noise = 4; noise <= 16; noise *= 2) {
        picture_recipe noisy = picture_plain();
        noisy.noise = (float)noise;
        assert_true(cue(&noisy, IMI_CUE_MOIRE) < 1.5F);
    }
}

static void edges_on_all_sides_are_borders(void **state)
{
    (void)state;
    picture_recipe rim = picture_plain();
    rim.rim_sides = 4;
    assert_true(cue(&rim, IMI_CUE_BORDERS) > 0.9F);
}

static void three_sides_are_enough_for_a_hand_hides_one(void **state)
{
    (void)state;
    picture_recipe rim = picture_plain();
    rim.rim_sides = 3;
    assert_true(cue(&rim, IMI_CUE_BORDERS) > 0.9F);
}

static void a_door_frame_is_not_a_border(void **state)
{
    (void)state;
    picture_recipe door = picture_plain();
    door.rim_sides = 2;
    assert_true(cue(&door, IMI_CUE_BORDERS) < 0.8F);
}

static void padding_is_not_a_border(void **state)
{
    (void)state;
    picture_recipe plain = picture_plain();
    IMI_AUTO(imi_image) image = picture_draw(&plain);
    imi_face_box face = picture_face(&plain);
    for (uint32_t y = 0; y < image->height; y++) {
        uint8_t *row = image->pixels + (size_t)y * image->stride_bytes;
        for (uint32_t x = 0; x < image->width; x++) {
            if ((float)x < face.left - 40 || (float)y < face.top - 40 || y > image->height - 60) {
                row[3 * x] = row[3 * x + 1] = row[3 * x + 2] = 0;
            }
        }
    }
    imi_cues cues;
    assert_int_equal(imi_passive_measure(image, &face, NULL, &cues, NULL), IMI_OK);
    assert_true(cues.value[IMI_CUE_BORDERS] < 0.6F);
}

static void bands_along_the_rows_are_banding(void **state)
{
    (void)state;
    const float periods_px[] = {12, 20, 33};
    for (size_t i = 0; i < sizeof periods_px / sizeof periods_px[0]; i++) {
        picture_recipe plain = picture_plain();
        picture_recipe bands = plain;
        bands.band_period_px = periods_px[i];
        bands.band_share = 0.04F;
        assert_rises(&plain, &bands, IMI_CUE_BANDING, 0.5F);
    }
}

static void a_bright_spot_is_specular(void **state)
{
    (void)state;
    picture_recipe matt = picture_plain();
    picture_recipe shiny = matt;
    shiny.highlight = 70;
    assert_rises(&matt, &shiny, IMI_CUE_SPECULAR, 0.2F);
}

static void less_colour_is_a_smaller_gamut(void **state)
{
    (void)state;
    picture_recipe skin = picture_plain();
    picture_recipe pale = skin;
    pale.chroma = 0.4F;
    assert_rises(&pale, &skin, IMI_CUE_GAMUT, 0.5F);
}

static void light_thrown_back_is_less_contrast(void **state)
{
    (void)state;
    picture_recipe direct = picture_plain();
    picture_recipe veiled = direct;
    veiled.veil = 60;
    assert_rises(&direct, &veiled, IMI_CUE_CONTRAST, 0.15F);
}

static void blur_is_less_sharp(void **state)
{
    (void)state;
    picture_recipe sharp = picture_plain();
    sharp.noise = 0.3F;
    picture_recipe soft = sharp;
    soft.blur_px = 0.7F;
    assert_rises(&soft, &sharp, IMI_CUE_SHARPNESS, 0.2F);
}

static void a_grid_of_another_period_is_earlier_compression(void **state)
{
    (void)state;
    const uint32_t periods_px[] = {5, 6, 7, 11};
    for (size_t i = 0; i < sizeof periods_px / sizeof periods_px[0]; i++) {
        picture_recipe plain = picture_plain();
        picture_recipe blocks = plain;
        blocks.block_px = periods_px[i];
        assert_rises(&plain, &blocks, IMI_CUE_COMPRESSION, 1);
    }
}

static void the_grid_of_the_frame_itself_is_not(void **state)
{
    (void)state;
    picture_recipe own = picture_plain();
    own.block_px = 8;
    assert_true(cue(&own, IMI_CUE_COMPRESSION) < 2.2F);
}

static void a_grey_picture_has_no_gamut(void **state)
{
    (void)state;
    picture_recipe grey = picture_plain();
    grey.format = IMI_PIXEL_GREY8;
    grey.chroma = 0;
    imi_cues cues = picture_measure(&grey);
    assert_true(isnan(cues.value[IMI_CUE_GAMUT]));
    assert_true(isfinite(cues.value[IMI_CUE_MOIRE]));
    grey.format = IMI_PIXEL_RGB8;
    assert_true(isnan(cue(&grey, IMI_CUE_GAMUT)));
}

static void cues_have_names_of_their_own(void **state)
{
    (void)state;
    for (int i = 0; i < IMI_CUE_COUNT; i++) {
        assert_non_null(imi_cue_name((imi_cue)i));
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(imi_cue_name((imi_cue)i), imi_cue_name((imi_cue)k));
        }
    }
    assert_null(imi_cue_name(IMI_CUE_COUNT));
    assert_null(imi_cue_name((imi_cue)-1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cue_but_the_networks_is_measured),
        cmocka_unit_test(a_fine_grid_over_the_face_is_moire),
        cmocka_unit_test(a_pattern_all_over_the_face_is_a_grid),
        cmocka_unit_test(a_pattern_in_one_part_of_the_face_is_moire_and_no_grid),
        cmocka_unit_test(noise_alone_is_not_moire),
        cmocka_unit_test(edges_on_all_sides_are_borders),
        cmocka_unit_test(three_sides_are_enough_for_a_hand_hides_one),
        cmocka_unit_test(a_door_frame_is_not_a_border),
        cmocka_unit_test(padding_is_not_a_border),
        cmocka_unit_test(bands_along_the_rows_are_banding),
        cmocka_unit_test(a_bright_spot_is_specular),
        cmocka_unit_test(less_colour_is_a_smaller_gamut),
        cmocka_unit_test(light_thrown_back_is_less_contrast),
        cmocka_unit_test(blur_is_less_sharp),
        cmocka_unit_test(a_grid_of_another_period_is_earlier_compression),
        cmocka_unit_test(the_grid_of_the_frame_itself_is_not),
        cmocka_unit_test(a_grey_picture_has_no_gamut),
        cmocka_unit_test(cues_have_names_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
