#include "jpeg_maker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jpeglib.h>

uint8_t jpeg_maker_level(const jpeg_plan *plan, uint32_t x, uint32_t y)
{
    bool corner = x < plan->width / 4 && y < plan->height / 4;
    return corner ? 250 : (uint8_t)(40 + 60 * x / plan->width + 90 * y / plan->height);
}

static void set_up(struct jpeg_compress_struct *jpeg, const jpeg_plan *plan)
{
    static const J_COLOR_SPACE spaces[] = {JCS_UNKNOWN, JCS_GRAYSCALE, JCS_UNKNOWN, JCS_RGB,
                                           JCS_CMYK};
    jpeg->image_width = plan->width;
    jpeg->image_height = plan->height;
    jpeg->input_components = plan->components;
    jpeg->in_color_space = spaces[plan->components];
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, 95, TRUE);
    jpeg->arith_code = plan->arithmetic;
    jpeg->restart_in_rows = plan->restart_rows;
    if (plan->progressive) {
        jpeg_simple_progression(jpeg);
    }
}

void jpeg_maker_make(const jpeg_plan *plan, imi_buffer *out)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &size);
    set_up(&jpeg, plan);
    jpeg_start_compress(&jpeg, TRUE);
    uint8_t *row = calloc(plan->width, (size_t)plan->components);
    while (jpeg.next_scanline < plan->height) {
        for (uint32_t x = 0; x < plan->width; x++) {
            for (int c = 0; c < plan->components; c++) {
                row[x * (uint32_t)plan->components + (uint32_t)c] =
                    jpeg_maker_level(plan, x, jpeg.next_scanline);
            }
        }
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    assert_int_equal(imi_buffer_append(out, (imi_view){bytes, size}, NULL), IMI_OK);
    free(row);
    free(bytes);
}

void jpeg_maker_plain(uint32_t width, uint32_t height, imi_buffer *out)
{
    jpeg_maker_make(&(jpeg_plan){.width = width, .height = height, .components = 3}, out);
}

size_t jpeg_maker_find(const imi_buffer *file, uint8_t code)
{
    for (size_t i = 0; i + 1 < file->size; i++) {
        if (file->data[i] == 0xFF && file->data[i + 1] == code) {
            return i;
        }
    }
    fail_msg("file has no marker %02x", code);
    return 0;
}

void jpeg_maker_insert(imi_buffer *file, size_t at, imi_view bytes)
{
    IMI_AUTO_BUFFER tail = IMI_BUFFER_INIT;
    imi_view rest = {file->data + at, file->size - at};
    assert_int_equal(imi_buffer_append(&tail, rest, NULL), IMI_OK);
    file->size = at;
    assert_int_equal(imi_buffer_append(file, bytes, NULL), IMI_OK);
    assert_int_equal(imi_buffer_append(file, imi_buffer_view(&tail), NULL), IMI_OK);
}

void jpeg_maker_add_orientation(imi_buffer *file, uint16_t orientation, bool big_endian)
{
    uint8_t low = (uint8_t)orientation;
    uint8_t high = (uint8_t)(orientation >> 8);
    const uint8_t little[] = {0xFF, 0xE1, 0, 34, 'E', 'x',  'i', 'f', 0,    0,    'I', 'I',
                              42,   0,    8, 0,  0,   0,    1,   0,   0x12, 0x01, 3,   0,
                              1,    0,    0, 0,  low, high, 0,   0,   0,    0,    0,   0};
    const uint8_t big[] = {0xFF, 0xE1, 0, 34, 'E',  'x', 'i', 'f', 0,    0,    'M', 'M',
                           0,    42,   0, 0,  0,    8,   0,   1,   0x01, 0x12, 0,   3,
                           0,    0,    0, 1,  high, low, 0,   0,   0,    0,    0,   0};
    jpeg_maker_insert(file, 2, (imi_view){big_endian ? big : little, sizeof big});
}
