#include "drawn_card.h"

#include <ft2build.h>
#include <math.h>
#include FT_FREETYPE_H

enum { CARD_WIDTH = 1000, CARD_HEIGHT = 700 };

void assert_ok_(imi_status status, const imi_error *err, const char *file, int line)
{
    if (status != IMI_OK) {
        print_error("%s\n", err != NULL ? err->message : imi_status_name(status));
        _fail(file, line);
    }
}

imi_image *paper(uint32_t width, uint32_t height, bool waves)
{
    imi_image *image = NULL;
    imi_error error = IMI_ERROR_INIT;
    assert_ok(imi_image_new(width, height, IMI_PIXEL_RGB8, &image, &error), &error);
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++) {
            uint8_t *pixel = image->pixels + y * image->stride_bytes + (size_t)x * 3;
            double wave = waves ? 12 * sin(0.11 * x + 6 * sin(0.013 * y)) : 0;
            pixel[0] = (uint8_t)(222 + wave);
            pixel[1] = (uint8_t)(214 - wave);
            pixel[2] = (uint8_t)(190 + wave / 2);
        }
    }
    return image;
}

static void blend(imi_image *image, int x, int y, uint8_t ink)
{
    if (x < 0 || y < 0 || (uint32_t)x >= image->width || (uint32_t)y >= image->height) {
        return;
    }
    uint8_t *pixel = image->pixels + (size_t)y * image->stride_bytes + (size_t)x * 3;
    for (size_t c = 0; c < 3; c++) {
        pixel[c] = (uint8_t)((pixel[c] * (255 - ink) + 35 * ink) / 255);
    }
}

static void print_glyph(imi_image *image, const FT_GlyphSlot glyph, float x, float y)
{
    const FT_Bitmap *bitmap = &glyph->bitmap;
    int left = (int)lroundf(x) + glyph->bitmap_left;
    int top = (int)lroundf(y) - glyph->bitmap_top;
    for (unsigned row = 0; row < bitmap->rows; row++) {
        for (unsigned column = 0; column < bitmap->width; column++) {
            blend(image, left + (int)column, top + (int)row,
                  bitmap->buffer[row * (unsigned)bitmap->pitch + column]);
        }
    }
}

/* Size the font so that an H is height_px high. */
static void size_font(FT_Face face, float height_px)
{
    assert_int_equal(FT_Set_Pixel_Sizes(face, 0, 200), 0);
    assert_int_equal(FT_Load_Char(face, 'H', FT_LOAD_NO_HINTING), 0);
    float measured = (float)face->glyph->metrics.height / 64;
    assert_int_equal(FT_Set_Char_Size(face, 0, lroundf(200 * 64 * height_px / measured), 72, 72),
                     0);
}

void print_line(imi_image *image, const char *font, const char *text, float x, float y,
                float height_px, float pitch_px)
{
    FT_Library library;
    FT_Face face;
    assert_int_equal(FT_Init_FreeType(&library), 0);
    assert_int_equal(FT_New_Face(library, font, 0, &face), 0);
    size_font(face, height_px);
    for (; *text != '\0'; text++) {
        assert_int_equal(FT_Load_Char(face, (FT_ULong)*text, FT_LOAD_RENDER | FT_LOAD_NO_HINTING),
                         0);
        print_glyph(image, face->glyph, x, y);
        x += pitch_px > 0 ? pitch_px : (float)face->glyph->advance.x / 64;
    }
    FT_Done_Face(face);
    FT_Done_FreeType(library);
}

void paste(imi_image *onto, const imi_image *from, uint32_t left, uint32_t top, uint32_t width,
           uint32_t height)
{
    imi_image *sized = NULL;
    imi_error error = IMI_ERROR_INIT;
    assert_ok(imi_image_resize(from, width, height, &sized, &error), &error);
    assert_true(left + width <= onto->width && top + height <= onto->height);
    for (uint32_t y = 0; y < height; y++) {
        imi_copy(onto->pixels + (top + y) * onto->stride_bytes + (size_t)left * 3,
                 imi_image_row(sized, y), (size_t)width * 3);
    }
    imi_image_destroy(&sized);
}

imi_image *lay_on_table(const imi_image *card, float degrees, uint32_t width, uint32_t height)
{
    imi_image *table = NULL;
    imi_image *drawn = NULL;
    imi_error error = IMI_ERROR_INIT;
    float c = cosf(degrees * 3.14159265F / 180);
    float s = sinf(degrees * 3.14159265F / 180);
    imi_affine map = {.a = c, .b = -s, .d = s, .e = c};
    map.c = (float)width / 2 - map.a * (float)card->width / 2 - map.b * (float)card->height / 2;
    map.f = (float)height / 2 - map.d * (float)card->width / 2 - map.e * (float)card->height / 2;
    assert_ok(imi_image_new(width, height, IMI_PIXEL_RGB8, &drawn, &error), &error);
    assert_ok(imi_image_warp(card, &map, drawn, &error), &error);
    assert_ok(imi_image_new(width, height, IMI_PIXEL_RGB8, &table, &error), &error);
    for (size_t i = 0; i < table->stride_bytes * height; i += 3) {
        bool outside = drawn->pixels[i] + drawn->pixels[i + 1] + drawn->pixels[i + 2] == 0;
        static const uint8_t wood[3] = {92, 74, 60};
        imi_copy(table->pixels + i, outside ? wood : drawn->pixels + i, 3);
    }
    imi_image_destroy(&drawn);
    return table;
}

imi_image *through_jpeg(const imi_image *image, int quality)
{
    static const imi_jpeg_limits limits = {16U << 20, 50000000U, 16384U, 48U, 64U, 0U};
    imi_buffer jpeg = IMI_BUFFER_INIT;
    imi_image *out = NULL;
    imi_error error = IMI_ERROR_INIT;
    assert_ok(imi_jpeg_encode(image, quality, &jpeg, &error), &error);
    assert_ok(imi_jpeg_decode(imi_buffer_view(&jpeg), &limits, &out, &error), &error);
    imi_buffer_clean_up(&jpeg);
    return out;
}

imi_image *draw_card(const card_print *print)
{
    imi_image *card = paper(CARD_WIDTH, CARD_HEIGHT, true);
    print_line(card, PRINT_FONT, "UTOPIA", 420, 70, 34, 0);
    print_line(card, PRINT_FONT, "Document of a test", 420, 120, 18, 0);
    if (print->portrait != NULL) {
        float shape = (float)print->portrait->height / (float)print->portrait->width;
        uint32_t width = shape > 1.2F ? (uint32_t)(340 / shape) : 280;
        paste(card, print->portrait, 50, 110, width, (uint32_t)((float)width * shape));
    }
    if (print->number != NULL) {
        print_line(card, PRINT_FONT, print->number, 360, 610, 30, 0);
    }
    for (size_t i = 0; i < 3 && print->zone[i] != NULL; i++) {
        size_t length = 0;
        while (print->zone[i][length] != '\0') {
            length++;
        }
        float pitch = 900 / (float)length;
        print_line(card, ZONE_FONT, print->zone[i], 50, 545 + 60 * (float)i, 0.97F * pitch, pitch);
    }
    return card;
}
