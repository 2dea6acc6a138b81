#include "codings.h"

#include <math.h>

enum {
    BLOCK = 8,
    LOW = 4, /* frequencies in each direction: those of the first nine places are below it */
    AHEAD = 2 /* neighbours on either side that a difference takes */
};

/* By place in zigzag order; the constant one is not counted. Source: ITU-T T.81, figure 5. */
static const uint8_t ACROSS[IMI_JPEG_LUMA_STEPS] = {0, 1, 0, 0, 1, 2, 3, 2, 1, 0};
static const uint8_t DOWN[IMI_JPEG_LUMA_STEPS] = {0, 0, 1, 2, 1, 0, 0, 1, 2, 3};
/* By the half sides of the mesh: what a swapped face covers for certain, and what it leaves. */
static const float FACE_REACH = 0.8F;
static const float AROUND_REACH = 1.3F;
static const float PRESENCE_MIN = 0.5F;

/* Fourth difference, in units of an alternation's amplitude. A histogram bends, and more so near
 * its top, but does not go up and down. */
static const float DIFFERENCE[2 * AHEAD + 1] = {0.0625F, -0.25F, 0.375F, -0.25F, 0.0625F};
/* Variance of a difference besides that of counting: keeps full bins from deciding alone. */
static const float VARIANCE_MIN = 0.01F;

typedef struct ellipse {
    float x, y, half_width, half_height;
} ellipse;

static ellipse extent_of(const imi_landmarks *mesh)
{
    float left = INFINITY;
    float top = INFINITY;
    float right = -INFINITY;
    float bottom = -INFINITY;
    for (size_t i = 0; i < IMI_MESH_POINTS; i++) {
        left = fminf(left, mesh->points[i].x);
        right = fmaxf(right, mesh->points[i].x);
        top = fminf(top, mesh->points[i].y);
        bottom = fmaxf(bottom, mesh->points[i].y);
    }
    return (ellipse){(left + right) / 2, (top + bottom) / 2, (right - left) / 2,
                     (bottom - top) / 2};
}

/* IMI_CODING_REGIONS for what lies between. */
static imi_coding_region region_of(const ellipse *face, uint32_t left, uint32_t top)
{
    float x = ((float)left + BLOCK / 2.0F - face->x) / face->half_width;
    float y = ((float)top + BLOCK / 2.0F - face->y) / face->half_height;
    float reach = x * x + y * y;
    return reach < FACE_REACH * FACE_REACH       ? IMI_CODING_FACE
           : reach > AROUND_REACH * AROUND_REACH ? IMI_CODING_AROUND
                                                 : IMI_CODING_REGIONS;
}

/* Luma (Rec. 601) of a block; false if a channel is clipped, whose coefficients are not those that
 * were encoded. */
static bool read_block(const imi_image *image, uint32_t left, uint32_t top,
                       float luma[BLOCK][BLOCK])
{
    for (uint32_t y = 0; y < BLOCK; y++) {
        const uint8_t *p = imi_image_row(image, top + y) + (size_t)left * IMI_PIXEL_RGB8;
        for (uint32_t x = 0; x < BLOCK; x++, p += IMI_PIXEL_RGB8) {
            for (int c = 0; c < 3; c++) {
                if (p[c] == 0 || p[c] == UINT8_MAX) {
                    return false;
                }
            }
            luma[y][x] = 0.299F * p[0] + 0.587F * p[1] + 0.114F * p[2];
        }
    }
    return true;
}

/* Orthonormal cosines, as JPEG's. */
typedef struct basis {
    float wave[LOW][BLOCK];
} basis;

static basis make_basis(void)
{
    basis out;
    for (int f = 0; f < LOW; f++) {
        for (int i = 0; i < BLOCK; i++) {
            float scale = f == 0 ? sqrtf(1.0F / BLOCK) : sqrtf(2.0F / BLOCK);
            out.wave[f][i] = scale * cosf(3.14159265F * (float)f * ((float)i + 0.5F) / BLOCK);
        }
    }
    return out;
}

static void count_block(imi_coding_watch *watch, const basis *cosines, float luma[BLOCK][BLOCK],
                        imi_coding_region region)
{
    float rows[LOW][BLOCK] = {{0}};
    for (int y = 0; y < BLOCK; y++) {
        for (int u = 0; u < LOW; u++) {
            for (int x = 0; x < BLOCK; x++) {
                rows[u][y] += cosines->wave[u][x] * luma[y][x];
            }
        }
    }
    for (int place = 1; place < IMI_JPEG_LUMA_STEPS; place++) {
        float sum = 0;
        for (int y = 0; y < BLOCK; y++) {
            sum += cosines->wave[DOWN[place]][y] * rows[ACROSS[place]][y];
        }
        long level = lrintf(fabsf(sum) / (float)watch->steps[place]);
        if (level < IMI_CODING_LEVELS) {
            watch->count[region][place][level]++;
        }
    }
}

static void count_picture(imi_coding_watch *watch, const imi_image *image, const ellipse *face)
{
    const basis cosines = make_basis();
    for (uint32_t top = 0; top + BLOCK <= image->height; top += BLOCK) {
        for (uint32_t left = 0; left + BLOCK <= image->width; left += BLOCK) {
            float luma[BLOCK][BLOCK];
            imi_coding_region region = region_of(face, left, top);
            if (region != IMI_CODING_REGIONS && read_block(image, left, top, luma)) {
                count_block(watch, &cosines, luma, region);
            }
        }
    }
}

/* Frames of one quantisation only; a change of it is a matter of the file's shape. */
static bool takes_steps(imi_coding_watch *watch, imi_view jpeg)
{
    imi_jpeg_shape shape;
    if (!imi_jpeg_shape_read(jpeg, &shape)) {
        return false;
    }
    bool same = true;
    for (int i = 0; i < IMI_JPEG_LUMA_STEPS; i++) {
        if (shape.luma_steps[i] == 0) {
            return false;
        }
        same = same && watch->steps[i] == shape.luma_steps[i];
    }
    if (watch->frames == 0) {
        imi_copy(watch->steps, shape.luma_steps, sizeof watch->steps);
    }
    return same || watch->frames == 0;
}

void imi_coding_watch_feed(imi_coding_watch *watch, const imi_stream_frame *frame)
{
    const imi_image *image = frame->image;
    if (image == NULL || image->format != IMI_PIXEL_RGB8 || frame->landmarks == NULL ||
        !(frame->landmarks->presence >= PRESENCE_MIN) || watch->frames >= LIMIT_CODING_FRAMES) {
        return;
    }
    bool soon = watch->frames > 0 && frame->captured_at_ms - watch->last_ms < LIMIT_CODING_EVERY_MS;
    ellipse face = extent_of(frame->landmarks);
    if (soon || !(face.half_width >= BLOCK && face.half_height >= BLOCK) ||
        !takes_steps(watch, frame->jpeg)) {
        return;
    }
    watch->frames++;
    watch->last_ms = frame->captured_at_ms;
    count_picture(watch, image, &face);
}

/* Sums over the histograms of a region. */
typedef struct unevenness {
    uint32_t differences;
    float squares, weights;
} unevenness;

/* Around one level: the square of the difference less what counting alone makes it. */
static void add_difference(unevenness *sums, const uint32_t *around)
{
    float difference = 0;
    float variance = 0;
    uint32_t counted = 0;
    for (int i = 0; i < 2 * AHEAD + 1; i++) {
        float seen = (float)around[i] + 1;
        difference += DIFFERENCE[i] * logf(seen);
        variance += DIFFERENCE[i] * DIFFERENCE[i] / seen;
        counted += around[i];
    }
    if (counted < LIMIT_CODING_COUNT) {
        return;
    }
    float weight = 1 / (variance + VARIANCE_MIN);
    sums->differences++;
    sums->squares += weight * (difference * difference - variance);
    sums->weights += weight;
}

float imi_coding_watch_unevenness(const imi_coding_watch *watch, imi_coding_region region)
{
    unevenness sums = {0};
    for (int place = 1; place < IMI_JPEG_LUMA_STEPS; place++) {
        /* Of zeros there are too many, as of what is flat. */
        for (int level = 1; level + 2 * AHEAD < IMI_CODING_LEVELS; level++) {
            add_difference(&sums, &watch->count[region][place][level]);
        }
    }
    if (sums.differences < LIMIT_CODING_DIFFERENCES) {
        return NAN;
    }
    return sqrtf(fmaxf(sums.squares / sums.weights, 0));
}

float imi_coding_watch_patched(const imi_coding_watch *watch)
{
    return imi_coding_watch_unevenness(watch, IMI_CODING_AROUND) -
           imi_coding_watch_unevenness(watch, IMI_CODING_FACE);
}
