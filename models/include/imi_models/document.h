/**
 * Readers of documents: implementations of verifier/include/imi/document_vision.h. They need
 * no downloaded model.
 */
#ifndef IMI_MODELS_DOCUMENT_H
#define IMI_MODELS_DOCUMENT_H

#include "imi/document_vision.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A reader of machine readable zones: a small network of our own for OCR-B, on a grid of equal
 * characters. Other hints give no lines.
 *
 * Errors: IMI_E_NO_MEMORY.
 */
IMI_MUST_USE imi_status imi_ocrb_reader_new(imi_text_reader **out, imi_error *err);

/**
 * A reader of all hints: Tesseract with its English model, on one thread.
 *
 * tessdata: folder of eng.traineddata; NULL: where Tesseract was installed to.
 * Errors:   IMI_E_MODEL_MISSING without the model, IMI_E_UNSUPPORTED in a build without
 *           Tesseract, IMI_E_NO_MEMORY.
 */
IMI_MUST_USE imi_status imi_tesseract_reader_new(const char *tessdata, imi_text_reader **out,
                                                 imi_error *err);

/**
 * The reader that a deployment uses: OCR-B for zones, and Tesseract for the rest where it is
 * installed (without it the rest gives no lines).
 *
 * Errors: IMI_E_NO_MEMORY.
 */
IMI_MUST_USE imi_status imi_document_reader_new(imi_text_reader **out, imi_error *err);

/** A finder of cards by their straight edges. Errors: IMI_E_NO_MEMORY. */
IMI_MUST_USE imi_status imi_card_finder_new(imi_card_finder **out, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
