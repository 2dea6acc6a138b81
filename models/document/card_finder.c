/*
 * Chooses the outline of a card among those that edges make: the largest one with the shape
 * of a card or passport page.
 */
#include "imi_models/document.h"
#include "shim/imi_imgproc.h"

#include <math.h>

enum { WORK_SIDE = 640, QUADS_MAX = 16 };

/* Of the image: smaller outlines are parts of a card, larger ones the picture's own edge. */
static const float SHARE_MIN = 0.12F;
static const float SHARE_MAX = 0.985F;
/* Width by height: cards 1.586, passport pages 1.42; seen aslant they are wider or narrower. */
static const float ASPECT_MIN = 1.15F;
static const float ASPECT_MAX = 2.0F;
/* Opposite sides differ by perspective, not by more than this. */
static const float SIDE_RATIO_MIN = 0.6F;

static float distance(imi_point a, imi_point b)
{
    return hypotf(a.x - b.x, a.y - b.y);
}

static float area_of(const imi_quad *quad)
{
    float twice = 0;
    for (size_t i = 0; i < 4; i++) {
        imi_point a = quad->corners[i];
        imi_point b = quad->corners[(i + 1) % 4];
        twice += a.x * b.y - b.x * a.y;
    }
    return fabsf(twice) / 2;
}

static bool are_alike(float a, float b)
{
    return fminf(a, b) >= SIDE_RATIO_MIN * fmaxf(a, b);
}

static bool is_card(const imi_quad *quad, const imi_image *image)
{
    float share = area_of(quad) / ((float)image->width * (float)image->height);
    const imi_point *c = quad->corners;
    float top = distance(c[0], c[1]);
    float right = distance(c[1], c[2]);
    float bottom = distance(c[2], c[3]);
    float left = distance(c[3], c[0]);
    float aspect = (top + bottom) / fmaxf(left + right, 1);
    aspect = fmaxf(aspect, 1 / aspect);
    return share >= SHARE_MIN && share <= SHARE_MAX && are_alike(top, bottom) &&
           are_alike(left, right) && aspect >= ASPECT_MIN && aspect <= ASPECT_MAX;
}

static imi_status find(imi_card_finder *self, const imi_image *image, imi_quad *card_out,
                       bool *found_out, imi_error *err)
{
    (void)self;
    *found_out = false;
    float larger = (float)(image->width > image->height ? image->width : image->height);
    float scale = fmaxf(larger / WORK_SIDE, 1);
    IMI_AUTO(imi_image) grey = NULL;
    IMI_AUTO(imi_image) work = NULL;
    IMI_TRY(imi_image_to_grey(image, &grey, err));
    IMI_TRY(imi_image_resize(grey, (uint32_t)fmaxf((float)image->width / scale, 1),
                             (uint32_t)fmaxf((float)image->height / scale, 1), &work, err));
    imi_quad quads[QUADS_MAX];
    size_t count = 0;
    IMI_TRY(imi_imgproc_find_quads(work, SHARE_MIN, quads, QUADS_MAX, &count, err));
    for (size_t i = 0; i < count && !*found_out; i++) {
        if (is_card(&quads[i], work)) {
            *found_out = true;
            *card_out = quads[i];
            for (size_t k = 0; k < 4; k++) {
                card_out->corners[k].x *= scale;
                card_out->corners[k].y *= scale;
            }
        }
    }
    return IMI_OK;
}

static void destroy(imi_card_finder *self)
{
    imi_free(self);
}

imi_status imi_card_finder_new(imi_card_finder **out, imi_error *err)
{
    *out = imi_alloc(sizeof **out);
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a card finder");
    }
    **out = (imi_card_finder){find, destroy};
    return IMI_OK;
}
