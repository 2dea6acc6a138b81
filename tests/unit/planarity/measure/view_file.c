#include "view_file.h"

enum { SIDE_MAX = 4096 };

/* What precedes the pixels of each frame. */
typedef struct header {
    int64_t at_ms;
    uint32_t width, height;
    uint32_t face;
    imi_landmarks landmarks;
} header;

imi_status imi_seen_view_write(FILE *file, const imi_seen_view *view, imi_error *err)
{
    header head = {view->at_ms, view->luma->width, view->luma->height, view->face, view->landmarks};
    bool good = fwrite(&head, sizeof head, 1, file) == 1;
    for (uint32_t y = 0; y < head.height && good; y++) {
        good = fwrite(imi_image_row(view->luma, y), 1, head.width, file) == head.width;
    }
    if (!good) {
        IMI_FAIL(err, IMI_E_IO, "a view could not be written");
    }
    return IMI_OK;
}

imi_status imi_seen_view_read(FILE *file, imi_seen_view *view, imi_error *err)
{
    *view = (imi_seen_view){0};
    header head;
    if (fread(&head, sizeof head, 1, file) != 1) {
        return IMI_OK;
    }
    if (head.width > SIDE_MAX || head.height > SIDE_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "this is no file of views");
    }
    IMI_AUTO(imi_image) luma = NULL;
    IMI_TRY(imi_image_new(head.width, head.height, IMI_PIXEL_GREY8, &luma, err));
    for (uint32_t y = 0; y < head.height; y++) {
        if (fread(luma->pixels + y * luma->stride_bytes, 1, head.width, file) != head.width) {
            IMI_FAIL(err, IMI_E_IO, "a view is cut short");
        }
    }
    *view = (imi_seen_view){head.at_ms, head.face != 0, head.landmarks, NULL};
    view->luma = IMI_STEAL(&luma);
    return IMI_OK;
}
