#include "document/ocrb.h"

#include "document/ocrb_weights.h"
#include "imi/memory.h"

#include <math.h>

enum {
    LAYERS = 3,
    HIDDEN_1 = 128,
    HIDDEN_2 = 64,
    CLASSES_PADDED = 40, /* whole vectors */
    WIDEST = HIDDEN_1
};

const char imi_ocrb_alphabet[IMI_OCRB_CLASSES + 1] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<";

/* Weights lie by input, so that a layer adds whole rows: no sum order is left to the compiler. */
struct imi_ocrb {
    float weights_1[IMI_OCRB_CELL_PIXELS][HIDDEN_1];
    float weights_2[HIDDEN_1][HIDDEN_2];
    float weights_3[HIDDEN_2][CLASSES_PADDED];
    float bias_1[HIDDEN_1], bias_2[HIDDEN_2], bias_3[CLASSES_PADDED];
};

/* Where the stored weights are read from. */
typedef struct cursor {
    const uint8_t *at;
} cursor;

static float take_float(cursor *from)
{
    uint32_t bits = 0;
    for (int i = 3; i >= 0; i--) {
        bits = bits << 8 | from->at[i];
    }
    from->at += 4;
    float value;
    imi_copy(&value, &bits, sizeof value);
    return value;
}

/* One stored layer: int8 weights by output, then a scale and a bias for each output. */
static void take_layer(cursor *from, size_t inputs, size_t outputs, float *weights, size_t row,
                       float *bias)
{
    const int8_t *stored = (const int8_t *)from->at;
    from->at += inputs * outputs;
    for (size_t j = 0; j < outputs; j++) {
        float scale = take_float(from);
        for (size_t i = 0; i < inputs; i++) {
            weights[i * row + j] = scale * (float)stored[j * inputs + i];
        }
    }
    for (size_t j = 0; j < outputs; j++) {
        bias[j] = take_float(from);
    }
}

imi_status imi_ocrb_new(imi_ocrb **out, imi_error *err)
{
    _Static_assert(sizeof imi_ocrb_weights == IMI_OCRB_CELL_PIXELS * HIDDEN_1 +
                                                  HIDDEN_1 * HIDDEN_2 +
                                                  HIDDEN_2 * IMI_OCRB_CLASSES +
                                                  8 * (HIDDEN_1 + HIDDEN_2 + IMI_OCRB_CLASSES),
                   "the weights are of another network");
    *out = NULL;
    imi_ocrb *self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a character network");
    }
    cursor from = {imi_ocrb_weights};
    take_layer(&from, IMI_OCRB_CELL_PIXELS, HIDDEN_1, self->weights_1[0], HIDDEN_1, self->bias_1);
    take_layer(&from, HIDDEN_1, HIDDEN_2, self->weights_2[0], HIDDEN_2, self->bias_2);
    take_layer(&from, HIDDEN_2, IMI_OCRB_CLASSES, self->weights_3[0], CLASSES_PADDED, self->bias_3);
    *out = self;
    return IMI_OK;
}

void imi_ocrb_destroy(imi_ocrb **ocrb)
{
    if (ocrb != NULL) {
        imi_free(IMI_STEAL(ocrb));
    }
}

static void normalise(const float *cell, float *out)
{
    float sum = 0;
    for (size_t i = 0; i < IMI_OCRB_CELL_PIXELS; i++) {
        sum += cell[i];
    }
    float mean = sum / IMI_OCRB_CELL_PIXELS;
    float square = 0;
    for (size_t i = 0; i < IMI_OCRB_CELL_PIXELS; i++) {
        square += (cell[i] - mean) * (cell[i] - mean);
    }
    float scale = 1 / (sqrtf(square / IMI_OCRB_CELL_PIXELS) + 0.02F);
    for (size_t i = 0; i < IMI_OCRB_CELL_PIXELS; i++) {
        out[i] = (cell[i] - mean) * scale;
    }
}

static void add_rows(const float *inputs, size_t input_count, const float *weights, size_t row,
                     float *sums)
{
    for (size_t i = 0; i < input_count; i++) {
        float input = inputs[i];
        for (size_t j = 0; j < row; j++) {
            sums[j] += input * weights[i * row + j];
        }
    }
}

static void rectify(float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = values[i] > 0 ? values[i] : 0;
    }
}

void imi_ocrb_classify(const imi_ocrb *ocrb, const float cell[IMI_OCRB_CELL_PIXELS],
                       float log_probability_out[IMI_OCRB_CLASSES])
{
    float input[IMI_OCRB_CELL_PIXELS];
    float hidden_1[HIDDEN_1];
    float hidden_2[HIDDEN_2];
    float logits[CLASSES_PADDED];
    normalise(cell, input);
    imi_copy(hidden_1, ocrb->bias_1, sizeof hidden_1);
    add_rows(input, IMI_OCRB_CELL_PIXELS, ocrb->weights_1[0], HIDDEN_1, hidden_1);
    rectify(hidden_1, HIDDEN_1);
    imi_copy(hidden_2, ocrb->bias_2, sizeof hidden_2);
    add_rows(hidden_1, HIDDEN_1, ocrb->weights_2[0], HIDDEN_2, hidden_2);
    rectify(hidden_2, HIDDEN_2);
    imi_copy(logits, ocrb->bias_3, sizeof logits);
    add_rows(hidden_2, HIDDEN_2, ocrb->weights_3[0], CLASSES_PADDED, logits);
    float highest = logits[0];
    for (size_t i = 1; i < IMI_OCRB_CLASSES; i++) {
        highest = fmaxf(highest, logits[i]);
    }
    float sum = 0;
    for (size_t i = 0; i < IMI_OCRB_CLASSES; i++) {
        sum += expf(logits[i] - highest);
    }
    for (size_t i = 0; i < IMI_OCRB_CLASSES; i++) {
        log_probability_out[i] = logits[i] - highest - logf(sum);
    }
}
