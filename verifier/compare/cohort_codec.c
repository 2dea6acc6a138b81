/*
 * Cohort statistics as bytes, all numbers little-endian:
 *
 *   "IMIS", version 1 (u8), length of cohort id (u8), id, count (u8),
 *   count times: mean, deviation (IEEE 754 binary32),
 *   CRC-32 (IEEE 802.3) of all before it (u32).
 */
#include "imi/cohort.h"
#include "little_endian.h"

#include <math.h>
#include <string.h>

enum { FORMAT_VERSION = 1 };

static const uint8_t magic[4] = {'I', 'M', 'I', 'S'};

static bool is_sound(const imi_cohort_statistics *statistics)
{
    size_t id_size = strnlen(statistics->cohort_id, IMI_COHORT_ID_SIZE);
    if (id_size == 0 || id_size == IMI_COHORT_ID_SIZE || statistics->count == 0 ||
        statistics->count > IMI_TEMPLATE_VECTORS_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < statistics->count; i++) {
        if (!isfinite(statistics->mean[i]) || !isfinite(statistics->deviation[i]) ||
            !(statistics->deviation[i] > 0)) {
            return false;
        }
    }
    return true;
}

static imi_status append(const imi_cohort_statistics *statistics, imi_buffer *out, imi_error *err)
{
    size_t start = out->size;
    IMI_TRY(imi_buffer_append(out, (imi_view){magic, sizeof magic}, err));
    IMI_TRY(imi_append_number(out, FORMAT_VERSION, 1, err));
    IMI_TRY(imi_append_number(out, (uint32_t)strlen(statistics->cohort_id), 1, err));
    IMI_TRY(imi_buffer_append_text(out, statistics->cohort_id, err));
    IMI_TRY(imi_append_number(out, statistics->count, 1, err));
    for (uint32_t i = 0; i < statistics->count; i++) {
        IMI_TRY(imi_append_float(out, statistics->mean[i], err));
        IMI_TRY(imi_append_float(out, statistics->deviation[i], err));
    }
    imi_view written = {out->data + start, out->size - start};
    return imi_append_number(out, imi_crc_32(written), 4, err);
}

imi_status imi_cohort_statistics_encode(const imi_cohort_statistics *statistics, imi_buffer *out,
                                        imi_error *err)
{
    if (!is_sound(statistics)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "there are no cohort statistics to encode");
    }
    size_t size_before = out->size;
    imi_status status = append(statistics, out, err);
    if (status != IMI_OK) {
        out->size = size_before;
    }
    return status;
}

static bool take(imi_byte_reader *in, imi_cohort_statistics *out)
{
    const uint8_t *found = NULL;
    uint32_t version = 0;
    if (!imi_take_bytes(in, sizeof magic, &found) ||
        !imi_view_equal((imi_view){found, sizeof magic}, (imi_view){magic, sizeof magic}) ||
        !imi_take_number(in, 1, &version) || version != FORMAT_VERSION ||
        !imi_take_text(in, out->cohort_id, sizeof out->cohort_id) ||
        !imi_take_number(in, 1, &out->count) || out->count > IMI_TEMPLATE_VECTORS_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < out->count; i++) {
        if (!imi_take_float(in, &out->mean[i]) || !imi_take_float(in, &out->deviation[i])) {
            return false;
        }
    }
    return in->left.size == 0 && is_sound(out);
}

imi_status imi_cohort_statistics_decode(imi_view bytes, imi_cohort_statistics *out, imi_error *err)
{
    *out = (imi_cohort_statistics){{0}, 0, {0}, {0}};
    imi_view body;
    if (!imi_check_crc(bytes, &body)) {
        IMI_FAIL(err, IMI_E_TEMPLATE_FORMAT, "cohort statistics are damaged");
    }
    imi_cohort_statistics read = *out;
    imi_byte_reader in = {body};
    if (!take(&in, &read)) {
        IMI_FAIL(err, IMI_E_TEMPLATE_FORMAT, "cohort statistics have another format or version");
    }
    *out = read;
    return IMI_OK;
}
