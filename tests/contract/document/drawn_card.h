/**
 * Cards that tests draw themselves: paper, printed lines in a font of the machine, a portrait
 * from a still. Nothing of a real document is in them.
 */
#ifndef TESTS_DOCUMENT_DRAWN_CARD_H
#define TESTS_DOCUMENT_DRAWN_CARD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "imi/document.h"

/** Fail the test with err's message unless the status is OK. */
void assert_ok_(imi_status status, const imi_error *err, const char *file, int line);
#define assert_ok(expression, err) assert_ok_((expression), (err), __FILE__, __LINE__)

/** An RGB8 image of one colour, with the faint waves of security print when waves is true. */
imi_image *paper(uint32_t width, uint32_t height, bool waves);

/**
 * Print a line of ASCII in black: capitals of height_px, the first character's left edge at x,
 * the feet of capitals at y. pitch_px > 0 sets characters at that distance.
 */
void print_line(imi_image *image, const char *font, const char *text, float x, float y,
                float height_px, float pitch_px);

/** Draw an image into a box of another. */
void paste(imi_image *onto, const imi_image *from, uint32_t left, uint32_t top, uint32_t width,
           uint32_t height);

/** Turn about the middle by degrees (clockwise) onto a larger table of one grey. */
imi_image *lay_on_table(const imi_image *card, float degrees, uint32_t width, uint32_t height);

/** Through JPEG and back, as a phone sends it. */
imi_image *through_jpeg(const imi_image *image, int quality);

/** What a drawn card shows. Lines of a zone end with NULL; portrait may be NULL. */
typedef struct card_print {
    const char *zone[3];
    const imi_image *portrait;
    const char *number; /* a line in the middle, or NULL */
} card_print;

/** A card of 1000 pixels' width, passport page (3 : 2 or so) with the zone at its foot. */
imi_image *draw_card(const card_print *print);

#endif
