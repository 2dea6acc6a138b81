/*
 * dlib's HOG detector, as a second opinion. It sees faces of 80 pixels and more, so every image
 * is brought to one size first: that bounds its time and fixes the smallest face it can find.
 */
#include "parts.h"
#include "shim/imi_dlib.h"

enum { LARGER_SIDE = 480 };

/* The detector's own operating point: zero distance from the hyperplane. */
static const double THRESHOLD = 0.0;

typedef struct hog {
    imi_detector base;
    imi_hog *detector;
} hog;

static uint32_t side_of(uint32_t side, float scale)
{
    uint32_t scaled = (uint32_t)((float)side * scale + 0.5F);
    return scaled == 0 ? 1 : scaled;
}

static void scale_back(imi_face_box *boxes, size_t count, const imi_image *image,
                       const imi_image *small)
{
    float x = (float)image->width / (float)small->width;
    float y = (float)image->height / (float)small->height;
    for (size_t i = 0; i < count; i++) {
        boxes[i].left = (boxes[i].left + 0.5F) * x - 0.5F;
        boxes[i].top = (boxes[i].top + 0.5F) * y - 0.5F;
        boxes[i].width *= x;
        boxes[i].height *= y;
    }
}

static imi_status detect(imi_detector *base, const imi_image *image, imi_face_box *boxes,
                         size_t capacity, size_t *count_out, imi_error *err)
{
    hog *self = (hog *)base;
    *count_out = 0;
    IMI_TRY(imi_network_check_image(image, err));
    uint32_t larger = image->width > image->height ? image->width : image->height;
    float scale = (float)LARGER_SIDE / (float)larger;
    IMI_AUTO(imi_image) grey = NULL;
    IMI_TRY(imi_image_to_grey(image, &grey, err));
    IMI_AUTO(imi_image) small = NULL;
    IMI_TRY(imi_image_resize(grey, side_of(image->width, scale), side_of(image->height, scale),
                             &small, err));
    IMI_TRY(imi_hog_detect(self->detector, small, THRESHOLD, boxes, capacity, count_out, err));
    scale_back(boxes, *count_out, image, small);
    return IMI_OK;
}

static void destroy(imi_detector *base)
{
    hog *self = (hog *)base;
    if (self != NULL) {
        imi_hog_destroy(&self->detector);
        imi_free(self);
    }
}

imi_status imi_hog_detector_new(const imi_model_spec *spec, imi_view file, imi_detector **out,
                                imi_error *err)
{
    (void)file;
    *out = NULL;
    hog *self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %s", spec->id);
    }
    self->base = (imi_detector){detect, destroy};
    imi_status status = imi_hog_new(&self->detector, err);
    if (status != IMI_OK) {
        destroy(&self->base);
        return status;
    }
    *out = &self->base;
    return IMI_OK;
}
