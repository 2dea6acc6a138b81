/**
 * Reads one line of OCR-B whose characters stand at equal distances: the line is drawn
 * straight, every place is shown to the network, and the best row of equal steps is taken.
 */
#ifndef IMI_MODELS_DOCUMENT_STRIP_H
#define IMI_MODELS_DOCUMENT_STRIP_H

#include "document/ocrb.h"
#include "imi/document_vision.h"
#include "shim/imi_imgproc.h"

enum { IMI_STRIP_CHARACTERS_MAX = 44 };

/** A line that was read. */
typedef struct imi_strip_reading {
    uint32_t count; /* of characters: 30, 36 or 44; 0 when the line could not be read */
    char text[IMI_STRIP_CHARACTERS_MAX + 1];
    float confidence[IMI_STRIP_CHARACTERS_MAX]; /* 0 to 1 */
    float score; /* mean log probability, at most 0 */
} imi_strip_reading;

/**
 * Read the line that lies in a box of the image, trying each length that zones have.
 *
 * grey:   GREY8, dark print on a light ground.
 * Result: the length with the highest score; count 0 when none is plausible.
 * Errors: IMI_E_NO_MEMORY.
 */
IMI_MUST_USE imi_status imi_strip_read(const imi_ocrb *ocrb, const imi_image *grey,
                                       const imi_tilted_box *box, imi_strip_reading *out,
                                       imi_error *err);

#endif
