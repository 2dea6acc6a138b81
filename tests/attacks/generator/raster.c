#include "raster.h"

#include <math.h>

/* Nothing nearer than this is drawn: it would be behind or inside the lens. */
static const double NEAR_CM = 4;
enum { EMPTY_GREY = 96 };

imi_status imi_gen_canvas_new(uint32_t width, uint32_t height, imi_gen_canvas **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_gen_canvas) canvas = imi_alloc(sizeof *canvas);
    if (canvas == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a canvas");
    }
    IMI_TRY(imi_image_new(width, height, IMI_PIXEL_RGB8, &canvas->image, err));
    canvas->nearness = imi_alloc_array((size_t)width * height, sizeof *canvas->nearness);
    if (canvas->nearness == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the depth of %u x %u pixels", width, height);
    }
    *out = IMI_STEAL(&canvas);
    return IMI_OK;
}

void imi_gen_canvas_destroy(imi_gen_canvas **canvas)
{
    if (canvas == NULL || *canvas == NULL) {
        return;
    }
    imi_image_destroy(&(*canvas)->image);
    imi_free((*canvas)->nearness);
    imi_free(*canvas);
    *canvas = NULL;
}

void imi_gen_canvas_clear(imi_gen_canvas *canvas)
{
    size_t pixels = (size_t)canvas->image->width * canvas->image->height;
    for (size_t i = 0; i < pixels; i++) {
        canvas->nearness[i] = 0;
    }
    for (size_t i = 0; i < canvas->image->height * canvas->image->stride_bytes; i++) {
        canvas->image->pixels[i] = EMPTY_GREY;
    }
}

/* A value that is linear over the picture: value at (0, 0) and its steps. */
typedef struct plane {
    double base, dx, dy;
} plane;

typedef struct face {
    plane nearness, u, v; /* 1/z, u/z, v/z */
    double visible; /* pattern of the medium */
    uint32_t left, right, top, bottom; /* right and bottom are beyond */
    plane side[3]; /* barycentric: all of one sign within */
} face;

static plane plane_through(const imi_gen_seen *p, const double value[3], double area)
{
    double ax = p[1].x - p[0].x;
    double ay = p[1].y - p[0].y;
    double bx = p[2].x - p[0].x;
    double by = p[2].y - p[0].y;
    double a = value[1] - value[0];
    double b = value[2] - value[0];
    plane out = {0, (a * by - b * ay) / area, (b * ax - a * bx) / area};
    out.base = value[0] - out.dx * p[0].x - out.dy * p[0].y;
    return out;
}

static uint32_t pixel_from(double value, uint32_t limit)
{
    return value <= 0 ? 0 : value >= limit ? limit : (uint32_t)value;
}

static bool bound(const imi_gen_seen *p, const imi_image *image, face *out)
{
    double left = fmin(p[0].x, fmin(p[1].x, p[2].x));
    double right = fmax(p[0].x, fmax(p[1].x, p[2].x));
    double top = fmin(p[0].y, fmin(p[1].y, p[2].y));
    double bottom = fmax(p[0].y, fmax(p[1].y, p[2].y));
    out->left = pixel_from(ceil(left), image->width);
    out->right = pixel_from(floor(right) + 1, image->width);
    out->top = pixel_from(ceil(top), image->height);
    out->bottom = pixel_from(floor(bottom) + 1, image->height);
    return out->left < out->right && out->top < out->bottom;
}

static bool set_up(const imi_gen_lens *lens, const imi_gen_surface *surface,
                   const imi_gen_triangle *triangle, const imi_image *image, face *out)
{
    imi_gen_seen p[3];
    double texture[2][3];
    double near[3];
    for (int k = 0; k < 3; k++) {
        uint16_t i = triangle->corner[k];
        p[k] = imi_gen_project(lens, surface->points[i]);
        if (!(p[k].z > NEAR_CM)) {
            return false;
        }
        near[k] = 1 / p[k].z;
        texture[0][k] = surface->texture_at[i].x * near[k];
        texture[1][k] = surface->texture_at[i].y * near[k];
    }
    double area = (p[1].x - p[0].x) * (p[2].y - p[0].y) - (p[2].x - p[0].x) * (p[1].y - p[0].y);
    if (!(fabs(area) > 1e-6) || !bound(p, image, out)) {
        return false;
    }
    for (int k = 0; k < 3; k++) {
        const double one[3] = {k == 0, k == 1, k == 2};
        out->side[k] = plane_through(p, one, area);
    }
    out->nearness = plane_through(p, near, area);
    out->u = plane_through(p, texture[0], area);
    out->v = plane_through(p, texture[1], area);
    if (surface->medium != NULL) {
        const imi_point *t = surface->texture_at;
        const uint16_t *c = triangle->corner;
        double covered = (double)(t[c[1]].x - t[c[0]].x) * (t[c[2]].y - t[c[0]].y) -
                         (double)(t[c[2]].x - t[c[0]].x) * (t[c[1]].y - t[c[0]].y);
        out->visible = imi_gen_medium_visible(surface->medium, sqrt(fabs(covered / area)));
    }
    return true;
}

/* How far from its edges a texture is repeated beyond them, to and fro: what is there is wall and
 * cloth, while a whole mirrored picture would show a second face. */
static const float REPEATED_PX = 90;

static float repeated(float value, uint32_t size)
{
    float last = (float)size - 1.01F;
    float beyond = value < 0 ? -value : value - last;
    if (beyond <= 0) {
        return value;
    }
    float within = fmodf(beyond, 2 * REPEATED_PX);
    within = within > REPEATED_PX ? 2 * REPEATED_PX - within : within;
    float inner = value < 0 ? within : last - within;
    return inner < 0 ? 0 : inner > last ? last : inner;
}

static void sample(const imi_image *texture, float u, float v, float rgb[3])
{
    float x = repeated(u, texture->width);
    float y = repeated(v, texture->height);
    uint32_t left = (uint32_t)x;
    uint32_t top = (uint32_t)y;
    float fx = x - (float)left;
    float fy = y - (float)top;
    const uint8_t *a = imi_image_row(texture, top) + (size_t)left * 3;
    const uint8_t *b = a + texture->stride_bytes;
    for (int c = 0; c < 3; c++) {
        float upper = (float)a[c] + fx * (float)(a[c + 3] - a[c]);
        float lower = (float)b[c] + fx * (float)(b[c + 3] - b[c]);
        rgb[c] = upper + fy * (lower - upper);
    }
}

static uint8_t byte_of(float value)
{
    return value <= 0 ? 0 : value >= 255 ? 255 : (uint8_t)(value + 0.5F);
}

static double at(const plane *p, double x, double y)
{
    return p->base + p->dx * x + p->dy * y;
}

/* The stretch of a row that lies within the triangle. */
static void span_of(const face *f, uint32_t y, uint32_t *from, uint32_t *to)
{
    double low = f->left;
    double high = (double)f->right - 1;
    for (int k = 0; k < 3; k++) {
        double start = f->side[k].base + f->side[k].dy * y;
        double step = f->side[k].dx;
        if (fabs(step) < 1e-12) {
            high = start < -1e-9 ? -1 : high;
        } else if (step > 0) {
            low = fmax(low, (-1e-9 - start) / step);
        } else {
            high = fmin(high, (-1e-9 - start) / step);
        }
    }
    *from = (uint32_t)ceil(fmax(low, 0));
    *to = high < 0 ? 0 : (uint32_t)floor(high) + 1;
}

static void draw_row(imi_gen_canvas *canvas, const imi_gen_surface *surface, const face *f,
                     uint32_t y)
{
    uint32_t from = 0;
    uint32_t to = 0;
    span_of(f, y, &from, &to);
    uint8_t *row = canvas->image->pixels + (size_t)y * canvas->image->stride_bytes;
    float *depth = canvas->nearness + (size_t)y * canvas->image->width;
    double near = at(&f->nearness, from, y);
    double u = at(&f->u, from, y);
    double v = at(&f->v, from, y);
    for (uint32_t x = from; x < to; x++) {
        if ((float)near > depth[x]) {
            float z = 1 / (float)near;
            imi_point where = {(float)u * z, (float)v * z};
            float rgb[3];
            sample(surface->texture, where.x, where.y, rgb);
            if (surface->medium != NULL) {
                imi_gen_medium_shade(surface->medium, f->visible, where, y, rgb);
            }
            depth[x] = (float)near;
            for (int c = 0; c < 3; c++) {
                row[3 * x + (uint32_t)c] = byte_of(rgb[c]);
            }
        }
        near += f->nearness.dx;
        u += f->u.dx;
        v += f->v.dx;
    }
}

void imi_gen_canvas_draw(imi_gen_canvas *canvas, const imi_gen_lens *lens,
                         const imi_gen_surface *surface)
{
    for (size_t i = 0; i < surface->triangle_count; i++) {
        face f = {.visible = 0};
        if (!set_up(lens, surface, &surface->triangles[i], canvas->image, &f)) {
            continue;
        }
        for (uint32_t y = f.top; y < f.bottom; y++) {
            draw_row(canvas, surface, &f, y);
        }
    }
}
