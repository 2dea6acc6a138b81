#include "view.h"

#include <math.h>

enum { SIDE_MIN = 16, SIDE_MAX = 2400 };

/* Carries (u, v) of the unit square to the image: x = (a u + b v + c) / (g u + h v + 1). */
typedef struct projection {
    double a, b, c, d, e, f, g, h;
} projection;

static double distance(imi_point a, imi_point b)
{
    return hypot((double)a.x - b.x, (double)a.y - b.y);
}

/* Of the triangle a, b, c: positive when it goes round clockwise as seen. */
static double turn_of(imi_point a, imi_point b, imi_point c)
{
    return ((double)b.x - a.x) * ((double)c.y - b.y) - ((double)b.y - a.y) * ((double)c.x - b.x);
}

/* Written so that corners that are not finite fail too. */
static bool is_convex(const imi_quad *quad)
{
    for (size_t i = 0; i < 4; i++) {
        const imi_point *c = quad->corners;
        if (!(turn_of(c[i], c[(i + 1) % 4], c[(i + 2) % 4]) > SIDE_MIN * SIDE_MIN / 4.0)) {
            return false;
        }
    }
    return true;
}

/* Source: Heckbert, "Fundamentals of Texture Mapping and Image Warping", 1989, section 2.2.3. */
static projection square_to_quad(const imi_point c[4])
{
    double dx1 = (double)c[1].x - c[2].x;
    double dx2 = (double)c[3].x - c[2].x;
    double dx3 = (double)c[0].x - c[1].x + c[2].x - c[3].x;
    double dy1 = (double)c[1].y - c[2].y;
    double dy2 = (double)c[3].y - c[2].y;
    double dy3 = (double)c[0].y - c[1].y + c[2].y - c[3].y;
    double determinant = dx1 * dy2 - dx2 * dy1;
    projection p = {.g = (dx3 * dy2 - dx2 * dy3) / determinant,
                    .h = (dx1 * dy3 - dx3 * dy1) / determinant};
    p.a = c[1].x - c[0].x + p.g * c[1].x;
    p.b = c[3].x - c[0].x + p.h * c[3].x;
    p.c = c[0].x;
    p.d = c[1].y - c[0].y + p.g * c[1].y;
    p.e = c[3].y - c[0].y + p.h * c[3].y;
    p.f = c[0].y;
    return p;
}

static double limit(double value, double high)
{
    return value > 0 ? fmin(value, high) : 0;
}

/* Bilinear; places outside count as the nearest edge. */
static void sample(const imi_image *image, double x, double y, uint8_t *to)
{
    size_t channels = (size_t)image->format;
    x = limit(x, (double)image->width - 1);
    y = limit(y, (double)image->height - 1);
    uint32_t left = (uint32_t)x;
    uint32_t top = (uint32_t)y;
    uint32_t right = left + 1 < image->width ? left + 1 : left;
    uint32_t bottom = top + 1 < image->height ? top + 1 : top;
    double fx = x - left;
    double fy = y - top;
    const uint8_t *upper = imi_image_row(image, top);
    const uint8_t *lower = imi_image_row(image, bottom);
    for (size_t k = 0; k < channels; k++) {
        double above = upper[left * channels + k] * (1 - fx) + upper[right * channels + k] * fx;
        double below = lower[left * channels + k] * (1 - fx) + lower[right * channels + k] * fx;
        to[k] = (uint8_t)(above * (1 - fy) + below * fy + 0.5);
    }
}

static uint32_t side_of(double a, double b)
{
    return (uint32_t)fmin(fmax(fmax(a, b), SIDE_MIN), SIDE_MAX);
}

imi_status imi_view_straighten(const imi_image *image, const imi_quad *quad, imi_image **out,
                               imi_error *err)
{
    *out = NULL;
    if (!is_convex(quad)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "four corners must go round a convex outline");
    }
    const imi_point *c = quad->corners;
    uint32_t width = side_of(distance(c[0], c[1]), distance(c[3], c[2]));
    uint32_t height = side_of(distance(c[0], c[3]), distance(c[1], c[2]));
    IMI_AUTO(imi_image) view = NULL;
    IMI_TRY(imi_image_new(width, height, image->format, &view, err));
    projection p = square_to_quad(c);
    for (uint32_t y = 0; y < height; y++) {
        uint8_t *row = view->pixels + (size_t)y * view->stride_bytes;
        double v = y / (height - 1.0);
        for (uint32_t x = 0; x < width; x++) {
            double u = x / (width - 1.0);
            double w = p.g * u + p.h * v + 1;
            sample(image, (p.a * u + p.b * v + p.c) / w, (p.d * u + p.e * v + p.f) / w,
                   row + x * (size_t)view->format);
        }
    }
    *out = IMI_STEAL(&view);
    return IMI_OK;
}

static const uint8_t *source_of(const imi_image *image, uint32_t quarters, uint32_t x, uint32_t y)
{
    uint32_t from_x = quarters == 1   ? y
                      : quarters == 2 ? image->width - 1 - x
                                      : image->width - 1 - y;
    uint32_t from_y = quarters == 1   ? image->height - 1 - x
                      : quarters == 2 ? image->height - 1 - y
                                      : x;
    return imi_image_row(image, from_y) + from_x * (size_t)image->format;
}

imi_status imi_view_turn(const imi_image *image, uint32_t quarters, imi_image **out, imi_error *err)
{
    *out = NULL;
    if (quarters < 1 || quarters > 3) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "an image turns by one to three quarters");
    }
    bool lies = quarters != 2;
    IMI_TRY(imi_image_new(lies ? image->height : image->width, lies ? image->width : image->height,
                          image->format, out, err));
    for (uint32_t y = 0; y < (*out)->height; y++) {
        uint8_t *row = (*out)->pixels + (size_t)y * (*out)->stride_bytes;
        for (uint32_t x = 0; x < (*out)->width; x++) {
            imi_copy(row + x * (size_t)image->format, source_of(image, quarters, x, y),
                     (size_t)image->format);
        }
    }
    return IMI_OK;
}

imi_pixel_box imi_view_box_around(const imi_image *image, const imi_face_box *face, float factor)
{
    float half_width = face->width * factor / 2;
    float half_height = face->height * factor / 2;
    float x = face->left + face->width / 2;
    float y = face->top + face->height / 2;
    double left = limit(floor((double)x - half_width), image->width);
    double top = limit(floor((double)y - half_height), image->height);
    double right = limit(ceil((double)x + half_width), image->width);
    double bottom = limit(ceil((double)y + half_height), image->height);
    return (imi_pixel_box){(uint32_t)left, (uint32_t)top, (uint32_t)fmax(right - left, 0),
                           (uint32_t)fmax(bottom - top, 0)};
}

imi_status imi_view_cut(const imi_image *image, const imi_pixel_box *box, imi_image **out,
                        imi_error *err)
{
    *out = NULL;
    if (box->left > image->width || box->width > image->width - box->left ||
        box->top > image->height || box->height > image->height - box->top) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a part reaches outside its image");
    }
    IMI_TRY(imi_image_new(box->width, box->height, image->format, out, err));
    size_t channels = (size_t)image->format;
    for (uint32_t y = 0; y < box->height; y++) {
        imi_copy((*out)->pixels + (size_t)y * (*out)->stride_bytes,
                 imi_image_row(image, box->top + y) + box->left * channels, box->width * channels);
    }
    return IMI_OK;
}
