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

#include <math.h>
#include <string.h>

enum { FORMAT_VERSION = 1, HEADER_SIZE = 6, CRC_SIZE = 4 };

/* Vectors are stored rounded to floats; anything further from length one was not ours. */
static const double NORM_TOLERANCE = 1e-3;

static const uint8_t magic[4] = {'I', 'M', 'I', 'T'};

static uint32_t crc_32(imi_view bytes)
{
    uint32_t crc = 0xFFFFFFFFU;
    for (size_t i = 0; i < bytes.size; i++) {
        crc ^= bytes.data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (0xEDB88320U & (0U - (crc & 1)));
        }
    }
    return ~crc;
}

static imi_status append_number(imi_buffer *out, uint32_t value, size_t width, imi_error *err)
{
    uint8_t bytes[4];
    for (size_t i = 0; i < width; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
    return imi_buffer_append(out, (imi_view){bytes, width}, err);
}

static uint32_t bits_of(float value)
{
    uint32_t bits = 0;
    imi_copy(&bits, &value, sizeof bits);
    return bits;
}

static imi_status append_vector(imi_buffer *out, const imi_template_vector *vector, imi_error *err)
{
    size_t id_size = strnlen(vector->model_id, IMI_MODEL_ID_SIZE);
    if (id_size == 0 || id_size == IMI_MODEL_ID_SIZE || vector->dim == 0 ||
        vector->dim > IMI_EXTRACTOR_DIM_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "template vector has no model or no values");
    }
    IMI_TRY(append_number(out, (uint32_t)id_size, 1, err));
    IMI_TRY(imi_buffer_append(out, imi_view_of_text(vector->model_id), err));
    IMI_TRY(append_number(out, vector->dim, 2, err));
    for (uint32_t i = 0; i < vector->dim; i++) {
        IMI_TRY(append_number(out, bits_of(vector->values[i]), 4, err));
    }
    return IMI_OK;
}

static imi_status append_template(imi_buffer *out, const imi_template *face_template,
                                  imi_error *err)
{
    size_t start = out->size;
    IMI_TRY(imi_buffer_append(out, (imi_view){magic, sizeof magic}, err));
    IMI_TRY(append_number(out, FORMAT_VERSION, 1, err));
    IMI_TRY(append_number(out, face_template->count, 1, err));
    for (uint32_t i = 0; i < face_template->count; i++) {
        IMI_TRY(append_vector(out, &face_template->vectors[i], err));
    }
    imi_view written = {out->data + start, out->size - start};
    return append_number(out, crc_32(written), CRC_SIZE, err);
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

/* What is still to be read. */
typedef struct reader {
    imi_view left;
} reader;

static bool take_bytes(reader *in, size_t size, const uint8_t **out)
{
    if (in->left.size < size) {
        return false;
    }
    *out = in->left.data;
    in->left = (imi_view){in->left.data + size, in->left.size - size};
    return true;
}

static bool take_number(reader *in, size_t width, uint32_t *out)
{
    const uint8_t *bytes = NULL;
    if (!take_bytes(in, width, &bytes)) {
        return false;
    }
    *out = 0;
    for (size_t i = 0; i < width; i++) {
        *out |= (uint32_t)bytes[i] << (8 * i);
    }
    return true;
}

static bool take_id(reader *in, char out[IMI_MODEL_ID_SIZE])
{
    uint32_t size = 0;
    const uint8_t *bytes = NULL;
    if (!take_number(in, 1, &size) || size == 0 || size >= IMI_MODEL_ID_SIZE ||
        !take_bytes(in, size, &bytes) || !imi_text_is_clean_utf8((imi_view){bytes, size})) {
        return false;
    }
    imi_copy(out, bytes, size);
    out[size] = '\0';
    return true;
}

static bool take_values(reader *in, imi_template_vector *out)
{
    double square = 0;
    for (uint32_t i = 0; i < out->dim; i++) {
        uint32_t bits = 0;
        if (!take_number(in, 4, &bits)) {
            return false;
        }
        imi_copy(&out->values[i], &bits, sizeof bits);
        square += (double)out->values[i] * out->values[i];
    }
    return fabs(sqrt(square) - 1) <= NORM_TOLERANCE;
}

static bool take_vector(reader *in, imi_template_vector *out)
{
    return take_id(in, out->model_id) && take_number(in, 2, &out->dim) && out->dim > 0 &&
           out->dim <= IMI_EXTRACTOR_DIM_MAX && take_values(in, out);
}

static bool take_template(reader *in, imi_template *out)
{
    uint32_t version = 0;
    const uint8_t *found = NULL;
    if (!take_bytes(in, sizeof magic, &found) ||
        !imi_view_equal((imi_view){found, sizeof magic}, (imi_view){magic, sizeof magic}) ||
        !take_number(in, 1, &version) || version != FORMAT_VERSION ||
        !take_number(in, 1, &out->count) || out->count == 0 ||
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
    if (bytes.size < HEADER_SIZE + CRC_SIZE) {
        IMI_FAIL(err, IMI_E_TEMPLATE_FORMAT, "template is cut short");
    }
    imi_view body = {bytes.data, bytes.size - CRC_SIZE};
    reader tail = {{bytes.data + body.size, CRC_SIZE}};
    uint32_t crc = 0;
    if (!take_number(&tail, CRC_SIZE, &crc) || crc != crc_32(body)) {
        IMI_FAIL(err, IMI_E_TEMPLATE_FORMAT, "template is damaged");
    }
    reader in = {body};
    if (!take_template(&in, out)) {
        imi_template_wipe(out);
        IMI_FAIL(err, IMI_E_TEMPLATE_FORMAT, "template has another format or version");
    }
    return IMI_OK;
}
