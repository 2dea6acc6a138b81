/*
 * A template as bytes, all numbers little-endian:
 *
 *   "IMIT", version 1 (u8), count (u8),
 *   count times: length of id (u8), id, dim (u16), dim values (IEEE 754 binary32),
 *   CRC-32 (IEEE 802.3) of all before it (u32).
 *
 * The CRC finds damage, not tampering: the store authenticates what it encrypts.
 */
#include "imi/compare.h"
#include "little_endian.h"

#include <math.h>
#include <string.h>

enum { FORMAT_VERSION = 1, CRC_SIZE = 4 };

/* Vectors are stored rounded to floats; anything further from length one was not ours. */
static const double NORM_TOLERANCE = 1e-3;

static const uint8_t magic[4] = {'I', 'M', 'I', 'T'};

static imi_status append_vector(imi_buffer *out, const imi_template_vector *vector, imi_error *err)
{
    size_t id_size = strnlen(vector->model_id, IMI_MODEL_ID_SIZE);
    if (id_size == 0 || id_size == IMI_MODEL_ID_SIZE || vector->dim == 0 ||
        vector->dim > IMI_EXTRACTOR_DIM_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "template vector has no model or no values");
    }
    IMI_TRY(imi_append_number(out, (uint32_t)id_size, 1, err));
    IMI_TRY(imi_buffer_append(out, imi_view_of_text(vector->model_id), err));
    IMI_TRY(imi_append_number(out, vector->dim, 2, err));
    for (uint32_t i = 0; i < vector->dim; i++) {
        IMI_TRY(imi_append_float(out, vector->values[i], err));
    }
    return IMI_OK;
}

static imi_status append_template(imi_buffer *out, const imi_template *face_template,
                                  imi_error *err)
{
    size_t start = out->size;
    IMI_TRY(imi_buffer_append(out, (imi_view){magic, sizeof magic}, err));
    IMI_TRY(imi_append_number(out, FORMAT_VERSION, 1, err));
    IMI_TRY(imi_append_number(out, face_template->count, 1, err));
    for (uint32_t i = 0; i < face_template->count; i++) {
        IMI_TRY(append_vector(out, &face_template->vectors[i], err));
    }
    imi_view written = {out->data + start, out->size - start};
    return imi_append_number(out, imi_crc_32(written), CRC_SIZE, err);
}

imi_status imi_template_encode(const imi_template *face_template, imi_buffer *out, imi_error *err)
{
    if (face_template->count == 0 || face_template->count > IMI_TEMPLATE_VECTORS_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a template has 1 to %d vectors, not %u",
                 IMI_TEMPLATE_VECTORS_MAX, face_template->count);
    }
    size_t size_before = out->size;
    imi_status status = append_template(out, face_template, err);
    if (status != IMI_OK) {
        out->size = size_before;
    }
    return status;
}

static bool take_values(imi_byte_reader *in, imi_template_vector *out)
{
    double square = 0;
    for (uint32_t i = 0; i < out->dim; i++) {
        if (!imi_take_float(in, &out->values[i])) {
            return false;
        }
        square += (double)out->values[i] * out->values[i];
    }
    return fabs(sqrt(square) - 1) <= NORM_TOLERANCE;
}

static bool take_vector(imi_byte_reader *in, imi_template_vector *out)
{
    return imi_take_text(in, out->model_id, sizeof out->model_id) &&
           imi_take_number(in, 2, &out->dim) && out->dim > 0 && out->dim <= IMI_EXTRACTOR_DIM_MAX &&
           take_values(in, out);
}

static bool take_template(imi_byte_reader *in, imi_template *out)
{
    uint32_t version = 0;
    const uint8_t *found = NULL;
    if (!imi_take_bytes(in, sizeof magic, &found) ||
        !imi_view_equal((imi_view){found, sizeof magic}, (imi_view){magic, sizeof magic}) ||
        !imi_take_number(in, 1, &version) || version != FORMAT_VERSION ||
        !imi_take_number(in, 1, &out->count) || out->count == 0 ||
        out->count > IMI_TEMPLATE_VECTORS_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < out->count; i++) {
        if (!take_vector(in, &out->vectors[i])) {
            return false;
        }
    }
    return in->left.size == 0;
}

imi_status imi_template_decode(imi_view bytes, imi_template *out, imi_error *err)
{
    imi_template_wipe(out);
    imi_view body;
    if (!imi_check_crc(bytes, &body)) {
        IMI_FAIL(err, IMI_E_TEMPLATE_FORMAT, "template is damaged");
    }
    imi_byte_reader in = {body};
    if (!take_template(&in, out)) {
        imi_template_wipe(out);
        IMI_FAIL(err, IMI_E_TEMPLATE_FORMAT, "template has another format or version");
    }
    return IMI_OK;
}
