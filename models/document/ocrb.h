/**
 * Reads single characters of OCR-B with a small network of our own (train_ocrb.py, card
 * models/cards/ocrb.md). The weights are part of the program.
 */
#ifndef IMI_MODELS_DOCUMENT_OCRB_H
#define IMI_MODELS_DOCUMENT_OCRB_H

#include "imi/status.h"

#include <stddef.h>
#include <stdint.h>

enum {
    IMI_OCRB_CELL_WIDTH = 16,
    IMI_OCRB_CELL_HEIGHT = 20,
    IMI_OCRB_CELL_PIXELS = IMI_OCRB_CELL_WIDTH * IMI_OCRB_CELL_HEIGHT,
    IMI_OCRB_CLASSES = 37
};

/** Width of a pixel of a cell, in pitches (the distance of two characters). */
#define IMI_OCRB_CELL_STEP 0.075F
/** Height of a capital letter, in pitches. */
#define IMI_OCRB_CAP_HEIGHT 1.0F

/** The characters in the order of the classes. */
extern const char imi_ocrb_alphabet[IMI_OCRB_CLASSES + 1];

/** Unpacked weights. Read-only after it was made: may be shared. */
typedef struct imi_ocrb imi_ocrb;

/** Errors: IMI_E_NO_MEMORY. */
IMI_MUST_USE imi_status imi_ocrb_new(imi_ocrb **out, imi_error *err);
void imi_ocrb_destroy(imi_ocrb **ocrb);

/**
 * Log probability of each class for a cell: ink (dark is high) around the character's middle,
 * of any brightness and contrast.
 */
void imi_ocrb_classify(const imi_ocrb *ocrb, const float cell[IMI_OCRB_CELL_PIXELS],
                       float log_probability_out[IMI_OCRB_CLASSES]);

#endif
