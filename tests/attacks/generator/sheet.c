#include "sheet.h"

#include <math.h>

enum { STEPS = 16, POINTS = (STEPS + 1) * (STEPS + 1), TRIANGLES = 2 * STEPS * STEPS };

struct imi_gen_sheet {
    imi_gen_sheet_options options;
    imi_image *texture; /* picture in its frame */
    imi_gen_medium medium;
    imi_gen_point flat[POINTS]; /* seen from the eyes of the picture */
    imi_point texture_at[POINTS];
    imi_gen_triangle triangles[TRIANGLES];
    imi_gen_point placed[POINTS];
};

static void fill_grey(imi_image *image, uint8_t grey)
{
    for (uint32_t y = 0; y < image->height; y++) {
        uint8_t *row = image->pixels + (size_t)y * image->stride_bytes;
        for (uint32_t i = 0; i < 3 * image->width; i++) {
            row[i] = grey;
        }
    }
}

static void set_grid(imi_gen_sheet *sheet)
{
    const imi_gen_sheet_options *o = &sheet->options;
    double width = sheet->texture->width - 1.02;
    double height = sheet->texture->height - 1.02;
    for (unsigned i = 0; i < POINTS; i++) {
        double x = width * (i % (STEPS + 1)) / STEPS;
        double y = height * (double)(i / (STEPS + 1)) / STEPS;
        sheet->texture_at[i] = (imi_point){(float)x, (float)y};
        sheet->flat[i] = (imi_gen_point){(x - o->frame_px - o->eyes.x) / o->px_per_cm,
                                         (y - o->frame_px - o->eyes.y) / o->px_per_cm, 0};
    }
    for (unsigned i = 0; i < STEPS * STEPS; i++) {
        uint16_t corner = (uint16_t)(i / STEPS * (STEPS + 1) + i % STEPS);
        uint16_t below = (uint16_t)(corner + STEPS + 1);
        sheet->triangles[2 * i] = (imi_gen_triangle){{corner, corner + 1, below}};
        sheet->triangles[2 * i + 1] = (imi_gen_triangle){{corner + 1, below + 1, below}};
    }
}

imi_status imi_gen_sheet_new(const imi_gen_sheet_options *options, imi_gen_sheet **out,
                             imi_error *err)
{
    *out = NULL;
    if (!(options->px_per_cm > 0)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a sheet needs a size");
    }
    IMI_AUTO(imi_gen_sheet) sheet = imi_alloc(sizeof *sheet);
    if (sheet == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a sheet");
    }
    sheet->options = *options;
    sheet->medium = options->medium;
    float low = (float)options->frame_px;
    sheet->medium.picture_low = (imi_point){low, low};
    sheet->medium.picture_high =
        (imi_point){low + (float)options->width_px, low + (float)options->height_px};
    IMI_TRY(imi_image_new(options->width_px + 2 * options->frame_px,
                          options->height_px + 2 * options->frame_px, IMI_PIXEL_RGB8,
                          &sheet->texture, err));
    fill_grey(sheet->texture, options->frame_grey);
    set_grid(sheet);
    *out = IMI_STEAL(&sheet);
    return IMI_OK;
}

void imi_gen_sheet_destroy(imi_gen_sheet **sheet)
{
    if (sheet != NULL && *sheet != NULL) {
        imi_image_destroy(&(*sheet)->texture);
        imi_free(*sheet);
        *sheet = NULL;
    }
}

void imi_gen_sheet_show(imi_gen_sheet *sheet, const imi_image *picture)
{
    const imi_gen_sheet_options *o = &sheet->options;
    if (picture->width != o->width_px || picture->height != o->height_px) {
        return;
    }
    for (uint32_t y = 0; y < picture->height; y++) {
        uint8_t *row =
            sheet->texture->pixels + (size_t)(y + o->frame_px) * sheet->texture->stride_bytes;
        imi_copy(row + (size_t)3 * o->frame_px, imi_image_row(picture, y),
                 (size_t)3 * picture->width);
    }
}

imi_gen_medium *imi_gen_sheet_medium(imi_gen_sheet *sheet)
{
    return &sheet->medium;
}

static imi_gen_point bent(imi_gen_point p, double radius_cm)
{
    if (radius_cm > 0) {
        return (imi_gen_point){radius_cm * sin(p.x / radius_cm), p.y,
                               radius_cm * (1 - cos(p.x / radius_cm))};
    }
    if (radius_cm < 0) {
        return (imi_gen_point){p.x, -radius_cm * sin(p.y / -radius_cm),
                               -radius_cm * (1 - cos(p.y / -radius_cm))};
    }
    return p;
}

void imi_gen_sheet_draw(imi_gen_sheet *sheet, const imi_gen_pose *pose, double bend_radius_cm,
                        const imi_gen_lens *lens, imi_gen_canvas *canvas)
{
    imi_gen_matrix turn = imi_gen_matrix_of(pose->turn);
    imi_gen_point place = {pose->x_cm, pose->y_cm, pose->distance_cm};
    for (unsigned i = 0; i < POINTS; i++) {
        imi_gen_point p = bent(sheet->flat[i], bend_radius_cm);
        sheet->placed[i] = imi_gen_add(imi_gen_rotate(&turn, p), place);
    }
    imi_gen_surface surface = {
        .points = sheet->placed,
        .texture_at = sheet->texture_at,
        .triangles = sheet->triangles,
        .triangle_count = TRIANGLES,
        .texture = sheet->texture,
        .medium = &sheet->medium,
    };
    imi_gen_canvas_draw(canvas, lens, &surface);
}
