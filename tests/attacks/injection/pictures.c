#include "pictures.h"

#include <math.h>
#include <sys/stat.h>

enum { PIXELS_MAX = 512 * 512 };
static const double FRAMES_PER_S = 12; /* of files that are not named after their time */

imi_status pictures_open(const char *path, pictures *out, imi_error *err)
{
    struct stat about;
    *out = (pictures){.clip = NULL};
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode)) {
        return imi_sim_frames_load_folder(path, FRAMES_PER_S, &out->frames, err);
    }
    return imi_clip_open(path, &out->clip, err);
}

void pictures_close(pictures *self)
{
    imi_clip_destroy(&self->clip);
    imi_sim_frames_destroy(&self->frames);
}

static imi_status shrink(imi_image **image, imi_error *err)
{
    double pixels = (double)(*image)->width * (*image)->height;
    if (pixels <= PIXELS_MAX) {
        return IMI_OK;
    }
    double factor = sqrt(PIXELS_MAX / pixels);
    imi_image *small = NULL;
    IMI_TRY(imi_image_resize(*image, (uint32_t)((*image)->width * factor),
                             (uint32_t)((*image)->height * factor), &small, err));
    imi_image_destroy(image);
    *image = small;
    return IMI_OK;
}

static imi_status decode_next(pictures *self, imi_image **out, int64_t *at_ms_out, imi_error *err)
{
    const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    *out = NULL;
    if (self->next == self->frames->count) {
        return IMI_OK;
    }
    const imi_sim_frame *frame = &self->frames->items[self->next++];
    *at_ms_out = frame->at_ms - self->frames->items[0].at_ms;
    return imi_jpeg_decode(imi_buffer_view(&frame->jpeg), &limits, out, err);
}

imi_status pictures_next(pictures *self, imi_image **out, int64_t *at_ms_out, imi_error *err)
{
    IMI_TRY(self->clip != NULL ? imi_clip_next(self->clip, out, at_ms_out, err)
                               : decode_next(self, out, at_ms_out, err));
    return *out != NULL ? shrink(out, err) : IMI_OK;
}
