/*
 * Tesseract behind the interface: print of any kind, character by character. Its LSTM model
 * runs on the caller's thread alone, as workers of ours run side by side.
 */
#include "imi_models/document.h"

#ifdef IMI_HAVE_TESSERACT

#include <math.h>
#include <omp.h>
#include <string.h>
#include <tesseract/capi.h>

enum {
    SHORTEST_SIDE = 700, /* smaller images are enlarged: the model wants letters of 30 pixels */
    LONGEST_SIDE = 2400
};

typedef struct tesseract_reader {
    imi_text_reader base;
    TessBaseAPI *api;
} tesseract_reader;

/* Lines at work: where the next character goes. */
typedef struct writer {
    imi_text_line *lines;
    size_t capacity, count;
    float scale; /* from the recognised image's pixels to the caller's */
} writer;

static const char *alphabet_of(imi_text_hint hint)
{
    switch (hint) {
    case IMI_TEXT_MRZ:
        return "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<";
    case IMI_TEXT_DIGITS:
        return "0123456789X";
    case IMI_TEXT_GENERAL:
        break;
    }
    return "";
}

static void append(imi_text_line *line, const char *text, float confidence)
{
    size_t have = strlen(line->text);
    size_t more = strlen(text);
    if (have + more < sizeof line->text) {
        imi_copy(line->text + have, text, more + 1);
        for (size_t i = 0; i < more; i++) {
            line->confidence[have + i] = confidence;
        }
    }
}

static imi_quad place_of(TessPageIterator *at, float scale)
{
    int left = 0;
    int top = 0;
    int right = 0;
    int bottom = 0;
    TessPageIteratorBoundingBox(at, RIL_TEXTLINE, &left, &top, &right, &bottom);
    float l = scale * (float)left;
    float t = scale * (float)top;
    float r = scale * (float)right;
    float b = scale * (float)bottom;
    return (imi_quad){{{l, t}, {r, t}, {r, b}, {l, b}}};
}

/* Take the character the iterator stands on; false when there is no room for its line. */
static bool take_symbol(TessResultIterator *results, writer *to)
{
    TessPageIterator *at = TessResultIteratorGetPageIterator(results);
    if (to->count == 0 || TessPageIteratorIsAtBeginningOf(at, RIL_TEXTLINE)) {
        if (to->count == to->capacity) {
            return false;
        }
        to->lines[to->count++] = (imi_text_line){.place = place_of(at, to->scale)};
    } else if (TessPageIteratorIsAtBeginningOf(at, RIL_WORD)) {
        append(&to->lines[to->count - 1], " ", NAN);
    }
    char *text = TessResultIteratorGetUTF8Text(results, RIL_SYMBOL);
    if (text != NULL) {
        float percent = TessResultIteratorConfidence(results, RIL_SYMBOL);
        append(&to->lines[to->count - 1], text, percent / 100);
        imi_wipe(text, strlen(text));
        TessDeleteText(text);
    }
    return true;
}

static void take_results(TessBaseAPI *api, writer *to)
{
    TessResultIterator *results = TessBaseAPIGetIterator(api);
    if (results == NULL) {
        return;
    }
    while (take_symbol(results, to) && TessResultIteratorNext(results, RIL_SYMBOL)) {
    }
    TessResultIteratorDelete(results);
}

/* Grey, and of a size that suits the model; *scale_out leads back. */
static imi_status prepare(const imi_image *image, imi_image **out, float *scale_out, imi_error *err)
{
    float shorter = (float)(image->width < image->height ? image->width : image->height);
    float longer = (float)(image->width < image->height ? image->height : image->width);
    float factor = fmaxf(fminf(SHORTEST_SIDE / shorter, LONGEST_SIDE / longer), 1);
    factor = fminf(factor, LONGEST_SIDE / longer);
    IMI_AUTO(imi_image) grey = NULL;
    IMI_TRY(imi_image_to_grey(image, &grey, err));
    *scale_out = 1 / factor;
    return imi_image_resize(grey, (uint32_t)fmaxf((float)image->width * factor, 1),
                            (uint32_t)fmaxf((float)image->height * factor, 1), out, err);
}

static imi_status read_lines(imi_text_reader *base, const imi_image *image, imi_text_hint hint,
                             imi_text_line *lines, size_t capacity, size_t *count_out,
                             imi_error *err)
{
    tesseract_reader *self = (tesseract_reader *)base;
    IMI_AUTO(imi_image) grey = NULL;
    writer to = {lines, capacity, 0, 1};
    *count_out = 0;
    IMI_TRY(prepare(image, &grey, &to.scale, err));
    omp_set_num_threads(1);
    TessBaseAPISetVariable(self->api, "tessedit_char_whitelist", alphabet_of(hint));
    TessBaseAPISetPageSegMode(self->api, PSM_SPARSE_TEXT);
    TessBaseAPISetImage(self->api, grey->pixels, (int)grey->width, (int)grey->height, 1,
                        (int)grey->stride_bytes);
    TessBaseAPISetSourceResolution(self->api, 300);
    int code = TessBaseAPIRecognize(self->api, NULL);
    if (code == 0) {
        take_results(self->api, &to);
        *count_out = to.count;
    }
    TessBaseAPIClear(self->api);
    TessBaseAPIClearAdaptiveClassifier(self->api);
    if (code != 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_MODEL_RUN, code, "text recognition failed");
    }
    return IMI_OK;
}

static void destroy(imi_text_reader *base)
{
    tesseract_reader *self = (tesseract_reader *)base;
    if (self != NULL) {
        if (self->api != NULL) {
            TessBaseAPIEnd(self->api);
            TessBaseAPIDelete(self->api);
        }
        imi_free(self);
    }
}

/* No word lists: numbers and names are no English words. And nothing on standard error. */
static bool start(TessBaseAPI *api, const char *tessdata)
{
    static char *names[] = {"load_system_dawg", "load_freq_dawg", "debug_file"};
    static char *values[] = {"0", "0", "/dev/null"};
    return TessBaseAPIInit4(api, tessdata, "eng", OEM_LSTM_ONLY, NULL, 0, names, values,
                            sizeof names / sizeof names[0], 0) == 0;
}

imi_status imi_tesseract_reader_new(const char *tessdata, imi_text_reader **out, imi_error *err)
{
    *out = NULL;
    tesseract_reader *self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a text reader");
    }
    self->base = (imi_text_reader){read_lines, destroy};
    self->api = TessBaseAPICreate();
    if (self->api == NULL || !start(self->api, tessdata)) {
        destroy(&self->base);
        IMI_FAIL(err, IMI_E_MODEL_MISSING,
                 "Tesseract has no English model: install tesseract-ocr-eng");
    }
    *out = &self->base;
    return IMI_OK;
}

#else

imi_status imi_tesseract_reader_new(const char *tessdata, imi_text_reader **out, imi_error *err)
{
    (void)tessdata;
    *out = NULL;
    IMI_FAIL(err, IMI_E_UNSUPPORTED, "this build has no Tesseract");
}

#endif
