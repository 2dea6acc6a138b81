#include "face_view.h"

#include "limits.h"

#include <math.h>

typedef struct bounds {
    float left, top, right, bottom;
} bounds;

static bool is_finite_mesh(const imi_landmarks *mesh)
{
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        imi_point3 p = mesh->points[i];
        if (!isfinite(p.x) || !isfinite(p.y) || !isfinite(p.z)) {
            return false;
        }
    }
    return true;
}

static bounds mesh_bounds(const imi_landmarks *mesh)
{
    bounds b = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        b.left = fminf(b.left, mesh->points[i].x);
        b.top = fminf(b.top, mesh->points[i].y);
        b.right = fmaxf(b.right, mesh->points[i].x);
        b.bottom = fmaxf(b.bottom, mesh->points[i].y);
    }
    return b;
}

/* Whole pixels of the image about the mesh; false if too few are left. */
static bool choose_crop(const imi_image *image, const imi_landmarks *mesh, bounds *crop)
{
    if (!is_finite_mesh(mesh)) {
        return false;
    }
    bounds b = mesh_bounds(mesh);
    float margin_x = LIMIT_CROP_MARGIN * (b.right - b.left);
    float margin_y = LIMIT_CROP_MARGIN * (b.bottom - b.top);
    crop->left = floorf(fmaxf(b.left - margin_x, 0));
    crop->top = floorf(fmaxf(b.top - margin_y, 0));
    crop->right = floorf(fminf(b.right + margin_x, (float)image->width));
    crop->bottom = floorf(fminf(b.bottom + margin_y, (float)image->height));
    return crop->right - crop->left >= LIMIT_CROP_LEAST_PX &&
           crop->bottom - crop->top >= LIMIT_CROP_LEAST_PX;
}

static unsigned luma(const uint8_t *pixel, imi_pixel_format format)
{
    return format == IMI_PIXEL_GREY8 ? pixel[0]
                                     : (77U * pixel[0] + 150U * pixel[1] + 29U * pixel[2]) >> 8;
}

/* Mean luma of factor x factor pixels of the frame for each pixel of the view. */
static void fill_base(const imi_image *image, const bounds *crop, uint32_t factor,
                      imi_view_level *level)
{
    uint32_t area = factor * factor;
    for (uint32_t y = 0; y < level->height; y++) {
        for (uint32_t x = 0; x < level->width; x++) {
            unsigned sum = area / 2;
            for (uint32_t v = 0; v < factor; v++) {
                const uint8_t *row =
                    imi_image_row(image, (uint32_t)crop->top + y * factor + v) +
                    ((size_t)crop->left + (size_t)x * factor) * (size_t)image->format;
                for (uint32_t u = 0; u < factor; u++) {
                    sum += luma(row + (size_t)u * (size_t)image->format, image->format);
                }
            }
            level->pixels[(size_t)y * level->width + x] = (uint8_t)(sum / area);
        }
    }
}

/* Half the size, so that pixel (x, y) lies upon pixel (2x, 2y): weights 1 2 1 each way. */
static void fill_half(const imi_view_level *from, imi_view_level *to)
{
    for (uint32_t y = 0; y < to->height; y++) {
        const uint8_t *row[3];
        for (uint32_t v = 0; v < 3; v++) {
            uint32_t at = 2 * y + v < 1 ? 0 : 2 * y + v - 1;
            at = at < from->height ? at : from->height - 1;
            row[v] = from->pixels + (size_t)at * from->width;
        }
        for (uint32_t x = 0; x < to->width; x++) {
            uint32_t middle = 2 * x;
            uint32_t left = middle < 1 ? 0 : middle - 1;
            uint32_t right = middle + 1 < from->width ? middle + 1 : middle;
            unsigned sum = 8;
            for (uint32_t v = 0; v < 3; v++) {
                unsigned across = row[v][left] + 2U * row[v][middle] + row[v][right];
                sum += v == 1 ? 2 * across : across;
            }
            to->pixels[(size_t)y * to->width + x] = (uint8_t)(sum / 16);
        }
    }
}

imi_status imi_face_view_take(const imi_image *image, const imi_landmarks *mesh, imi_face_view *out,
                              imi_error *err)
{
    *out = (imi_face_view){.mesh = *mesh};
    bounds crop;
    if (!choose_crop(image, mesh, &crop)) {
        return IMI_OK;
    }
    uint32_t width = (uint32_t)(crop.right - crop.left);
    uint32_t height = (uint32_t)(crop.bottom - crop.top);
    uint32_t longer = width > height ? width : height;
    uint32_t factor = (longer + LIMIT_CROP_SIDE_PX - 1) / LIMIT_CROP_SIDE_PX;
    size_t size = 0;
    for (int l = 0; l < IMI_VIEW_LEVELS; l++) {
        uint32_t divisor = factor << l;
        out->level[l] = (imi_view_level){width / divisor, height / divisor, NULL};
        size += (size_t)out->level[l].width * out->level[l].height;
    }
    out->block = imi_alloc(size);
    if (out->block == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the view of a face");
    }
    out->block_size = size;
    out->factor = (float)factor;
    out->left = crop.left + (out->factor - 1) / 2;
    out->top = crop.top + (out->factor - 1) / 2;
    uint8_t *next = out->block;
    for (int l = 0; l < IMI_VIEW_LEVELS; l++) {
        out->level[l].pixels = next;
        next += (size_t)out->level[l].width * out->level[l].height;
    }
    fill_base(image, &crop, factor, &out->level[0]);
    fill_half(&out->level[0], &out->level[1]);
    fill_half(&out->level[1], &out->level[2]);
    return IMI_OK;
}

void imi_face_view_clean_up(imi_face_view *view)
{
    if (view->block != NULL) {
        imi_wipe(view->block, view->block_size);
        imi_free(view->block);
    }
    imi_wipe(view, sizeof *view);
}

imi_point imi_face_view_from_frame(const imi_face_view *view, float x, float y)
{
    return (imi_point){(x - view->left) / view->factor, (y - view->top) / view->factor};
}
