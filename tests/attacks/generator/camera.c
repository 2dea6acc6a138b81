#include "camera.h"

#include "random.h"

#include <math.h>

enum { NOISE_VALUES = 1 << 16, LEVELS = 256 };

struct imi_gen_camera {
    imi_gen_camera_traits traits;
    float noise[NOISE_VALUES]; /* normal */
    float level[3][LEVELS]; /* after exposure */
    float deviation[LEVELS];
    uint8_t *row; /* of the picture before the blur: the one above and this one */
    size_t row_bytes;
};

imi_gen_camera_traits imi_gen_camera_traits_of(uint64_t seed)
{
    imi_gen_random random = imi_gen_random_of(seed, "camera");
    double exposure = imi_gen_random_between(&random, 0.94, 1.08);
    double warmth = imi_gen_random_between(&random, -0.04, 0.04);
    return (imi_gen_camera_traits){
        .blur = imi_gen_random_between(&random, 0.04, 0.13),
        .gain = {exposure * (1 + warmth), exposure, exposure * (1 - warmth)},
        .read_noise = imi_gen_random_between(&random, 0.8, 1.8),
        .shot_noise = imi_gen_random_between(&random, 0.015, 0.045),
        .jpeg_quality = (int)imi_gen_random_between(&random, 82, 93),
    };
}

static void fill_tables(imi_gen_camera *camera)
{
    const imi_gen_camera_traits *traits = &camera->traits;
    imi_gen_random random = imi_gen_random_of(0, "sensor");
    for (int i = 0; i < NOISE_VALUES; i++) {
        camera->noise[i] = (float)imi_gen_random_normal(&random);
    }
    for (int i = 0; i < LEVELS; i++) {
        double variance = traits->read_noise * traits->read_noise + traits->shot_noise * i;
        camera->deviation[i] = (float)sqrt(variance);
        for (int c = 0; c < 3; c++) {
            /* Highlights roll off, as tone curves make them. */
            double value = traits->gain[c] * i;
            camera->level[c][i] =
                (float)(value > 230 ? 230 + 25 * tanh((value - 230) / 25) : value);
        }
    }
}

imi_status imi_gen_camera_new(const imi_gen_camera_traits *traits, imi_gen_camera **out,
                              imi_error *err)
{
    *out = NULL;
    imi_gen_camera *camera = imi_alloc(sizeof *camera);
    if (camera == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a camera");
    }
    camera->traits = *traits;
    fill_tables(camera);
    *out = camera;
    return IMI_OK;
}

void imi_gen_camera_destroy(imi_gen_camera **camera)
{
    if (camera != NULL && *camera != NULL) {
        imi_free((*camera)->row);
        imi_free(*camera);
        *camera = NULL;
    }
}

static imi_status make_rows(imi_gen_camera *camera, size_t bytes, imi_error *err)
{
    if (camera->row_bytes >= bytes) {
        return IMI_OK;
    }
    uint8_t *row = imi_realloc(camera->row, 2 * bytes);
    if (row == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a camera's rows");
    }
    camera->row = row;
    camera->row_bytes = bytes;
    return IMI_OK;
}

/* Light spills to the left and right, and, with the row above kept, up and down. */
static void blur(imi_gen_camera *camera, imi_image *image)
{
    uint32_t side = (uint32_t)lround(256 * camera->traits.blur);
    uint32_t own = 256 - 4 * side;
    size_t bytes = (size_t)3 * image->width;
    uint8_t *above = camera->row;
    uint8_t *here = camera->row + camera->row_bytes;
    imi_copy(above, image->pixels, bytes);
    for (uint32_t y = 0; y < image->height; y++) {
        uint8_t *row = image->pixels + (size_t)y * image->stride_bytes;
        const uint8_t *below = y + 1 < image->height ? row + image->stride_bytes : row;
        imi_copy(here, row, bytes);
        for (size_t i = 3; i + 3 < bytes; i++) {
            uint32_t around = (uint32_t)here[i - 3] + here[i + 3] + above[i] + below[i];
            row[i] = (uint8_t)((own * here[i] + side * around + 128) >> 8);
        }
        uint8_t *swap = above;
        above = here;
        here = swap;
    }
}

static uint8_t byte_of(float value)
{
    return value <= 0 ? 0 : value >= 255 ? 255 : (uint8_t)(value + 0.5F);
}

/* noise: values of the table, from any place on, by which a row's channels deviate. */
static void expose_row(const imi_gen_camera *camera, uint8_t *row, uint32_t width, uint32_t noise)
{
    for (uint32_t x = 0; x < width; x++) {
        for (uint32_t c = 0; c < 3; c++) {
            uint8_t *pixel = &row[3 * x + c];
            *pixel = byte_of(camera->level[c][*pixel] +
                             camera->deviation[*pixel] * camera->noise[noise++ % NOISE_VALUES]);
        }
    }
}

imi_status imi_gen_camera_take(imi_gen_camera *camera, imi_image *scene, uint64_t moment,
                               imi_buffer *jpeg_out, imi_error *err)
{
    IMI_TRY(make_rows(camera, (size_t)3 * scene->width, err));
    blur(camera, scene);
    imi_gen_random random = imi_gen_random_of(moment, "moment");
    for (uint32_t y = 0; y < scene->height; y++) {
        expose_row(camera, scene->pixels + (size_t)y * scene->stride_bytes, scene->width,
                   (uint32_t)imi_gen_random_next(&random));
    }
    return imi_jpeg_encode(scene, camera->traits.jpeg_quality, jpeg_out, err);
}

imi_status imi_gen_camera_imitate(imi_gen_camera *camera, imi_image *image, imi_error *err)
{
    IMI_TRY(make_rows(camera, (size_t)3 * image->width, err));
    blur(camera, image);
    for (uint32_t y = 0; y < image->height; y++) {
        uint8_t *row = image->pixels + (size_t)y * image->stride_bytes;
        for (uint32_t i = 0; i < 3 * image->width; i++) {
            row[i] = byte_of(camera->level[i % 3][row[i]]);
        }
    }
    return IMI_OK;
}
