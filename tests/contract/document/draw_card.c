/*
 * usage: draw_card OUT.jpg STILL.jpg LEFT TOP WIDTH HEIGHT LINE...
 *
 * Draws a card on a table as a phone's photo, for tests of whole programs: the part of the still as
 * its portrait ("-": none) and the lines as its zone.
 */
#include "drawn_card.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_LINE = 7, LINES_MAX = 3 };

static imi_image *load_portrait(char **argv)
{
    static const imi_jpeg_limits limits = IMI_JPEG_LIMITS_PHOTO;
    imi_error error = IMI_ERROR_INIT;
    imi_buffer file = IMI_BUFFER_INIT;
    imi_image *still = NULL, *part = NULL;
    assert_ok(imi_file_read(argv[2], 16U << 20, &file, &error), &error);
    assert_ok(imi_jpeg_decode(imi_buffer_view(&file), &limits, &still, &error), &error);
    imi_buffer_clean_up(&file);
    const imi_affine map = {.a = 1, .c = -(float)atoi(argv[3]), .e = 1, .f = -(float)atoi(argv[4])};
    assert_ok(imi_image_new((uint32_t)atoi(argv[5]), (uint32_t)atoi(argv[6]), IMI_PIXEL_RGB8, &part,
                            &error),
              &error);
    assert_ok(imi_image_warp(still, &map, part, &error), &error);
    imi_image_destroy(&still);
    return part;
}

int main(int argc, char **argv)
{
    if (argc < FIRST_LINE || argc > FIRST_LINE + LINES_MAX) {
        fprintf(stderr, "usage: draw_card OUT.jpg STILL.jpg LEFT TOP WIDTH HEIGHT LINE...\n");
        return 2;
    }
    imi_image *portrait = strcmp(argv[2], "-") == 0 ? NULL : load_portrait(argv);
    card_print print = {.portrait = portrait};
    for (int i = FIRST_LINE; i < argc; i++) {
        print.zone[i - FIRST_LINE] = argv[i];
    }
    imi_image *card = draw_card(&print);
    imi_image *table = lay_on_table(card, 0, 1300, 1000);
    imi_buffer jpeg = IMI_BUFFER_INIT;
    imi_error error = IMI_ERROR_INIT;
    assert_ok(imi_jpeg_encode(table, 85, &jpeg, &error), &error);
    assert_ok(imi_file_write(argv[1], imi_buffer_view(&jpeg), 0600, &error), &error);
    imi_buffer_clean_up(&jpeg);
    imi_image_destroy(&table);
    imi_image_destroy(&card);
    imi_image_destroy(&portrait);
    return 0;
}
