/*
 * make_views CLIP PERIOD_MS FROM_MS TO_MS OUT    what camera and engine see of a clip
 * make_views --photo WAY AT_MS PICTURE OUT      of a picture (a JPEG file, or a clip's frame at
 *                                                AT_MS), moved as a photo in the WAY named
 *
 * The models come from the folder in IMI_MODELS_FOLDER.
 */
#include "clip.h"
#include "imi/engine.h"
#include "imi_models/models.h"
#include "sheet.h"
#include "view_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGER_SIDE_PX = 640, PHOTO_SIDE_PX = 480, FILE_LIMIT = 1 << 24 };

/* As a phone would send it: no side above this. */
static imi_status shrink(imi_image **image, uint32_t longest, imi_error *err)
{
    uint32_t longer = (*image)->width > (*image)->height ? (*image)->width : (*image)->height;
    if (longer <= longest) {
        return IMI_OK;
    }
    IMI_AUTO(imi_image) small = NULL;
    IMI_TRY(imi_image_resize(*image, (*image)->width * longest / longer,
                             (*image)->height * longest / longer, &small, err));
    imi_image_destroy(image);
    *image = IMI_STEAL(&small);
    return IMI_OK;
}

static imi_status look(imi_engine *engine, const imi_image *image, int64_t at_ms, FILE *file,
                       imi_error *err)
{
    imi_face face = {0};
    IMI_TRY(imi_engine_analyse(engine, image, IMI_CAPTURE_MOTION, &face, err));
    IMI_AUTO(imi_image) luma = NULL;
    IMI_TRY(imi_image_to_grey(image, &luma, err));
    imi_seen_view view = {at_ms, face.reason != IMI_CAPTURE_NO_FACE, face.landmarks, luma};
    return imi_seen_view_write(file, &view, err);
}

static imi_status look_at_clip(imi_engine *engine, char **argv, FILE *file, imi_error *err)
{
    int64_t period_ms = strtoll(argv[2], NULL, 10);
    int64_t due_ms = strtoll(argv[3], NULL, 10);
    int64_t to_ms = strtoll(argv[4], NULL, 10);
    IMI_AUTO(imi_clip) clip = NULL;
    IMI_TRY(imi_clip_open(argv[1], &clip, err));
    for (;;) {
        IMI_AUTO(imi_image) image = NULL;
        int64_t at_ms = 0;
        IMI_TRY(imi_clip_next(clip, &image, &at_ms, err));
        if (image == NULL || at_ms >= to_ms) {
            return IMI_OK;
        }
        if (at_ms >= due_ms) {
            due_ms = at_ms + period_ms;
            IMI_TRY(shrink(&image, LONGER_SIDE_PX, err));
            IMI_TRY(look(engine, image, at_ms, file, err));
        }
    }
}

static imi_status take_photo(const char *path, int64_t at_ms, imi_image **out, imi_error *err)
{
    size_t length = strlen(path);
    if (length > 4 && strcmp(path + length - 4, ".jpg") == 0) {
        IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
        const imi_jpeg_limits limits = IMI_JPEG_LIMITS_PHOTO;
        IMI_TRY(imi_file_read(path, FILE_LIMIT, &file, err));
        IMI_TRY(imi_jpeg_decode(imi_buffer_view(&file), &limits, out, err));
        return shrink(out, PHOTO_SIDE_PX, err);
    }
    IMI_AUTO(imi_clip) clip = NULL;
    IMI_TRY(imi_clip_open(path, &clip, err));
    for (;;) {
        int64_t now_ms = 0;
        IMI_TRY(imi_clip_next(clip, out, &now_ms, err));
        if (*out == NULL) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s is shorter than that", path);
        }
        if (now_ms >= at_ms) {
            return shrink(out, PHOTO_SIDE_PX, err);
        }
        imi_image_destroy(out);
    }
}

static imi_status look_at_photo(imi_engine *engine, char **argv, FILE *file, imi_error *err)
{
    unsigned way = 0;
    while (imi_way_name(way) != NULL && strcmp(imi_way_name(way), argv[2]) != 0) {
        way++;
    }
    if (imi_way_name(way) == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "there is no way %s", argv[2]);
    }
    IMI_AUTO(imi_image) photo = NULL;
    IMI_TRY(take_photo(argv[4], strtoll(argv[3], NULL, 10), &photo, err));
    imi_face face = {0};
    IMI_TRY(imi_engine_analyse(engine, photo, IMI_CAPTURE_MOTION, &face, err));
    double x = face.box.left + face.box.width / 2;
    double y = face.box.top + face.box.height / 2;
    for (uint32_t i = 0; i < IMI_WAY_FRAMES; i++) {
        int64_t at_ms = (int64_t)i * IMI_WAY_PERIOD_MS;
        imi_sheet_hold hold = imi_way_hold(way, at_ms);
        IMI_AUTO(imi_image) seen = NULL;
        IMI_TRY(imi_sheet_draw(photo, x, y, &hold, i, &seen, err));
        IMI_TRY(look(engine, seen, at_ms, file, err));
    }
    return IMI_OK;
}

static imi_status run(char **argv, imi_error *err)
{
    const char *folder = getenv("IMI_MODELS_FOLDER");
    imi_model_set models = {0};
    IMI_TRY(imi_model_set_load(folder == NULL ? "models" : folder, &models, err));
    imi_engine_parts parts = imi_model_set_parts(&models);
    parts.cross_check = NULL; /* one face is known to be there */
    imi_engine *engine = NULL;
    imi_status status = imi_engine_new(&parts, &engine, err);
    FILE *file = fopen(argv[5], "wb");
    if (status == IMI_OK && file != NULL) {
        bool photo = strcmp(argv[1], "--photo") == 0;
        status =
            photo ? look_at_photo(engine, argv, file, err) : look_at_clip(engine, argv, file, err);
    }
    bool written = file != NULL && fclose(file) == 0;
    imi_engine_destroy(&engine);
    imi_model_set_clean_up(&models);
    if (status == IMI_OK && !written) {
        IMI_FAIL(err, IMI_E_IO, "%s could not be written", argv[5]);
    }
    return status;
}

int main(int argc, char **argv)
{
    imi_error err = IMI_ERROR_INIT;
    if (argc != 6) {
        fprintf(stderr, "usage: make_views CLIP PERIOD_MS FROM_MS TO_MS OUT\n"
                        "       make_views --photo WAY AT_MS PICTURE OUT\n");
        return 2;
    }
    if (run(argv, &err) != IMI_OK) {
        fprintf(stderr, "make_views: %s\n", err.message);
        return 3;
    }
    return 0;
}
