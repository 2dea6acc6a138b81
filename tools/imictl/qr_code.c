#include "qr_code.h"

#include <errno.h>
#include <qrencode.h>

enum { QUIET = 4 /* light modules on each side, as the standard asks for */ };

static imi_status encode(const char *text, QRcode **out, imi_error *err)
{
    *out = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    if (*out == NULL && errno == ENOMEM) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a QR code");
    }
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "no QR code holds this text");
    }
    return IMI_OK;
}

/* Places around the code are light. */
static bool is_dark(const QRcode *code, int x, int y)
{
    bool inside = x >= 0 && y >= 0 && x < code->width && y < code->width;
    return inside && (code->data[y * code->width + x] & 1) != 0;
}

/* ---- Terminal ---- */

/* Black on white by the 256 colour palette, whose 16 and 231 no theme changes. */
static const char colours_on[] = "\033[38;5;16;48;5;231m";
static const char colours_off[] = "\033[0m";

static imi_status draw_line(const QRcode *code, int y, bool in_colour, imi_buffer *out,
                            imi_error *err)
{
    /* By whether the upper and the lower module are dark. */
    static const char *const blocks[2][2] = {{" ", "▄"}, {"▀", "█"}};
    IMI_TRY(imi_buffer_append_text(out, in_colour ? colours_on : "", err));
    for (int x = -QUIET; x < code->width + QUIET; x++) {
        const char *block = blocks[is_dark(code, x, y)][is_dark(code, x, y + 1)];
        IMI_TRY(imi_buffer_append_text(out, block, err));
    }
    return imi_buffer_printf(out, err, "%s\n", in_colour ? colours_off : "");
}

static imi_status draw(const QRcode *code, bool in_colour, imi_buffer *out, imi_error *err)
{
    for (int y = -QUIET; y < code->width + QUIET; y += 2) {
        IMI_TRY(draw_line(code, y, in_colour, out, err));
    }
    return IMI_OK;
}

imi_status imictl_qr_draw(const char *text, bool in_colour, imi_buffer *out, imi_error *err)
{
    QRcode *code = NULL;
    IMI_TRY(encode(text, &code, err));
    imi_status status = draw(code, in_colour, out, err);
    QRcode_free(code);
    return status;
}

/* ---- SVG ---- */

static imi_status draw_svg(const QRcode *code, imi_buffer *out, imi_error *err)
{
    int side = code->width + 2 * QUIET;
    IMI_TRY(imi_buffer_printf(out, err,
                              "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
                              "shape-rendering=\"crispEdges\">\n"
                              "<path fill=\"#ffffff\" d=\"M0 0h%dv%dh-%dz\"/>\n"
                              "<path fill=\"#000000\" d=\"",
                              side, side, side, side, side));
    for (int y = 0; y < code->width; y++) {
        for (int x = 0; x < code->width; x++) {
            if (is_dark(code, x, y)) {
                IMI_TRY(imi_buffer_printf(out, err, "M%d %dh1v1h-1z", x + QUIET, y + QUIET));
            }
        }
    }
    return imi_buffer_append_text(out, "\"/>\n</svg>\n", err);
}

imi_status imictl_qr_draw_svg(const char *text, imi_buffer *out, imi_error *err)
{
    QRcode *code = NULL;
    IMI_TRY(encode(text, &code, err));
    imi_status status = draw_svg(code, out, err);
    QRcode_free(code);
    return status;
}
