#include "photo.h"

#include <math.h>

static const double RAD_PER_DEG = 0.017453292519943295;

/* From a pixel of the camera image to a point of the photo. */
typedef struct view {
    double centre_x, centre_y, focal_px;
    double right[3], down[3], normal[3]; /* the photo's axes as the camera sees them */
    imi_photo_hold hold;
} view;

static view make_view(const imi_image *photo, double centre_x, double centre_y,
                      const imi_photo_hold *hold)
{
    double cy = cos(hold->yaw_deg * RAD_PER_DEG);
    double sy = sin(hold->yaw_deg * RAD_PER_DEG);
    double cp = cos(hold->pitch_deg * RAD_PER_DEG);
    double sp = sin(hold->pitch_deg * RAD_PER_DEG);
    double cr = cos(hold->roll_deg * RAD_PER_DEG);
    double sr = sin(hold->roll_deg * RAD_PER_DEG);
    return (view){
        .centre_x = centre_x,
        .centre_y = centre_y,
        .focal_px = photo->width, /* about 53 degrees across, as phones have */
        .right = {cr * cy, sr * cy, -sy},
        .down = {cr * sy * sp - sr * cp, sr * sy * sp + cr * cp, cy * sp},
        .normal = {cr * sy * cp + sr * sp, sr * sy * cp - cr * sp, cy * cp},
        .hold = *hold,
    };
}

/* Where the line of sight through (x, y) meets the photo, in photo pixels; false: nowhere. */
static bool cast(const view *v, double x, double y, double *photo_x, double *photo_y)
{
    double ray[3] = {x - v->centre_x - v->hold.shift_x, y - v->centre_y - v->hold.shift_y,
                     v->focal_px};
    /* The photo's middle lies focal / scale pixels away, so that it appears at that scale. */
    double distance = v->focal_px / v->hold.scale;
    double facing = ray[0] * v->normal[0] + ray[1] * v->normal[1] + ray[2] * v->normal[2];
    if (fabs(facing) < 1e-9) {
        return false;
    }
    double along = distance * v->normal[2] / facing;
    double point[3] = {along * ray[0], along * ray[1], along * ray[2] - distance};
    double u = point[0] * v->right[0] + point[1] * v->right[1] + point[2] * v->right[2];
    double w = point[0] * v->down[0] + point[1] * v->down[1] + point[2] * v->down[2];
    if (v->hold.bend > 0) {
        double radius = v->focal_px / (2 * v->hold.bend);
        if (fabs(u) >= radius * 0.98) {
            return false;
        }
        /* A curled sheet comes nearer in the middle: seen from the side it is longer. */
        double depth = radius - sqrt(radius * radius - u * u);
        w *= 1 + depth / distance;
        u = radius * asin(u / radius);
    }
    *photo_x = v->centre_x + u;
    *photo_y = v->centre_y + w;
    return along > 0;
}

static double sample(const imi_image *photo, double x, double y, unsigned channel)
{
    double limit_x = photo->width - 1.001;
    double limit_y = photo->height - 1.001;
    x = fmin(fmax(x, 0), limit_x);
    y = fmin(fmax(y, 0), limit_y);
    uint32_t left = (uint32_t)x;
    uint32_t top = (uint32_t)y;
    double fx = x - left;
    double fy = y - top;
    const uint8_t *a = imi_image_row(photo, top) + (size_t)left * 3 + channel;
    const uint8_t *b = imi_image_row(photo, top + 1) + (size_t)left * 3 + channel;
    return (a[0] * (1 - fx) + a[3] * fx) * (1 - fy) + (b[0] * (1 - fx) + b[3] * fx) * fy;
}

/* About normal, from the sum of four bytes of a multiplicative generator. */
static double noise(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    uint64_t bits = *state >> 32;
    double sum = (double)((bits & 255) + (bits >> 8 & 255) + (bits >> 16 & 255) + (bits >> 24));
    return (sum - 510) / 147.8;
}

static void draw(const imi_image *photo, const view *v, uint32_t seed, imi_image *out)
{
    uint64_t state = seed * 2654435761U + 1U;
    for (uint32_t y = 0; y < out->height; y++) {
        uint8_t *row = out->pixels + (size_t)y * out->stride_bytes;
        for (uint32_t x = 0; x < out->width; x++) {
            double px = 0;
            double py = 0;
            bool hit = cast(v, x, y, &px, &py);
            for (unsigned c = 0; c < 3; c++) {
                double value = hit ? sample(photo, px, py, c) : 128;
                value += v->hold.noise > 0 ? v->hold.noise * noise(&state) : 0;
                row[3 * x + c] = (uint8_t)fmin(fmax(value + 0.5, 0), 255);
            }
        }
    }
}

static imi_status recompress(int quality, imi_image **image, imi_error *err)
{
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    IMI_TRY(imi_jpeg_encode(*image, quality, &jpeg, err));
    imi_image_destroy(image);
    const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    return imi_jpeg_decode(imi_buffer_view(&jpeg), &limits, image, err);
}

imi_status imi_photo_draw(const imi_image *photo, double centre_x, double centre_y,
                          const imi_photo_hold *hold, uint32_t seed, imi_image **out,
                          imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_image) image = NULL;
    IMI_TRY(imi_image_new(photo->width, photo->height, IMI_PIXEL_RGB8, &image, err));
    view v = make_view(photo, centre_x, centre_y, hold);
    draw(photo, &v, seed, image);
    if (hold->jpeg_quality > 0) {
        IMI_TRY(recompress(hold->jpeg_quality, &image, err));
    }
    *out = IMI_STEAL(&image);
    return IMI_OK;
}
