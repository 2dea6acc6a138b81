/**
 * The interfaces that reading documents needs: text recognition and finding a card's edges.
 * Declared here, implemented outside (models/document), like those of imi/vision.h: an
 * implementation embeds the interface as its first member, is not safe for concurrent use, and
 * finding nothing is a result, not an error.
 */
#ifndef IMI_DOCUMENT_VISION_H
#define IMI_DOCUMENT_VISION_H

#include "imi/face.h"
#include "imi/image.h"
#include "imi/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Four corners in pixels, in the order top left, top right, bottom right, bottom left. */
typedef struct imi_quad {
    imi_point corners[4];
} imi_quad;

/** What kind of text is looked for: lets a reader choose its alphabet and its model. */
typedef enum imi_text_hint {
    IMI_TEXT_GENERAL = 0, /* print of any kind */
    IMI_TEXT_MRZ = 1, /* lines of a machine readable zone: A to Z, 0 to 9 and '<' in OCR-B */
    IMI_TEXT_DIGITS = 2 /* lines that hold numbers: 0 to 9 and X */
} imi_text_hint;

enum { IMI_TEXT_LINE_SIZE = 96 };

/** A recognised line. Personal data: never logged, wiped by whoever holds it. */
typedef struct imi_text_line {
    char text[IMI_TEXT_LINE_SIZE]; /* UTF-8, NUL-terminated; longer lines are cut */
    float confidence[IMI_TEXT_LINE_SIZE]; /* per byte of text, 0 to 1; NaN where unknown */
    imi_quad place; /* around the line, as it reads */
} imi_text_line;

/** Recognises text. */
typedef struct imi_text_reader imi_text_reader;
struct imi_text_reader {
    /**
     * Recognise the lines of an RGB8 image, top to bottom, at most capacity of them. Text may
     * be tilted by some 20 degrees; upside down it is not read.
     * Ownership: image borrowed for the call.
     */
    imi_status (*read)(imi_text_reader *self, const imi_image *image, imi_text_hint hint,
                       imi_text_line *lines, size_t capacity, size_t *count_out, imi_error *err);
    void (*destroy)(imi_text_reader *self);
};

/** Finds the outline of a card or an opened passport page. */
typedef struct imi_card_finder imi_card_finder;
struct imi_card_finder {
    /** The most card-like outline of an RGB8 image; *found_out says whether there is one. */
    imi_status (*find)(imi_card_finder *self, const imi_image *image, imi_quad *card_out,
                       bool *found_out, imi_error *err);
    void (*destroy)(imi_card_finder *self);
};

#ifdef __cplusplus
}
#endif
#endif
