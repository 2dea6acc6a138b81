/* The reader of a deployment: zones by our own network, other print by Tesseract. */
#include "imi/log.h"
#include "imi_models/document.h"

typedef struct document_reader {
    imi_text_reader base;
    imi_text_reader *zones;
    imi_text_reader *print; /* NULL without Tesseract */
} document_reader;

static imi_status read_lines(imi_text_reader *base, const imi_image *image, imi_text_hint hint,
                             imi_text_line *lines, size_t capacity, size_t *count_out,
                             imi_error *err)
{
    document_reader *self = (document_reader *)base;
    imi_text_reader *reader = hint == IMI_TEXT_MRZ ? self->zones : self->print;
    *count_out = 0;
    return reader == NULL ? IMI_OK
                          : reader->read(reader, image, hint, lines, capacity, count_out, err);
}

static void destroy(imi_text_reader *base)
{
    document_reader *self = (document_reader *)base;
    if (self != NULL) {
        if (self->zones != NULL) {
            self->zones->destroy(self->zones);
        }
        if (self->print != NULL) {
            self->print->destroy(self->print);
        }
        imi_free(self);
    }
}

static imi_status start(document_reader *self, imi_error *err)
{
    IMI_TRY(imi_ocrb_reader_new(&self->zones, err));
    imi_error why = IMI_ERROR_INIT;
    imi_status status = imi_tesseract_reader_new(NULL, &self->print, &why);
    if (status == IMI_E_UNSUPPORTED || status == IMI_E_MODEL_MISSING) {
        imi_log(IMI_LOG_WARNING, "document",
                "only machine readable zones of documents are read: %s", why.message);
        return IMI_OK;
    }
    if (status != IMI_OK && err != NULL) {
        *err = why;
    }
    return status;
}

imi_status imi_document_reader_new(imi_text_reader **out, imi_error *err)
{
    *out = NULL;
    document_reader *self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a document reader");
    }
    self->base = (imi_text_reader){read_lines, destroy};
    imi_status status = start(self, err);
    if (status != IMI_OK) {
        destroy(&self->base);
        return status;
    }
    *out = &self->base;
    return IMI_OK;
}
