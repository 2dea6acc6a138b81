#include "support.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 1024 };

void assert_ok_(imi_status status, const imi_error *err, const char *file, int line)
{
    if (status != IMI_OK) {
        print_error("%s:%d: %s: %s\n", file, line, imi_status_name(status), err->message);
        _fail(file, line);
    }
}

int load_models(void **state)
{
    imi_error err = IMI_ERROR_INIT;
    imi_model_set *models = imi_alloc(sizeof *models);
    assert_non_null(models);
    assert_ok(imi_model_set_load(MODELS_FOLDER, models, &err), &err);
    *state = models;
    return 0;
}

int unload_models(void **state)
{
    imi_model_set_clean_up(*state);
    imi_free(*state);
    return 0;
}

imi_image *load_still(const char *name)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", MEDIA_FOLDER, name);
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    assert_ok(imi_file_read(path, 16U << 20, &file, &err), &err);
    imi_jpeg_limits limits = IMI_JPEG_LIMITS_PHOTO;
    imi_image *image = NULL;
    assert_ok(imi_jpeg_decode(imi_buffer_view(&file), &limits, &image, &err), &err);
    return image;
}

imi_image *plain_image(uint32_t width, uint32_t height, uint8_t level)
{
    imi_error err = IMI_ERROR_INIT;
    imi_image *image = NULL;
    assert_ok(imi_image_new(width, height, IMI_PIXEL_RGB8, &image, &err), &err);
    memset(image->pixels, level, image->stride_bytes * height);
    return image;
}

imi_image *warped(const imi_image *image, const imi_affine *map, uint32_t width, uint32_t height)
{
    imi_error err = IMI_ERROR_INIT;
    imi_image *out = NULL;
    assert_ok(imi_image_new(width, height, IMI_PIXEL_RGB8, &out, &err), &err);
    assert_ok(imi_image_warp(image, map, out, &err), &err);
    return out;
}

static void make_grey(imi_image *image)
{
    for (uint32_t y = 0; y < image->height; y++) {
        uint8_t *row = image->pixels + (size_t)y * image->stride_bytes;
        for (uint32_t x = 0; x < image->width; x++) {
            uint8_t *p = row + 3 * (size_t)x;
            p[0] = p[1] = p[2] = (uint8_t)((p[0] * 77 + p[1] * 150 + p[2] * 29) >> 8);
        }
    }
}

imi_image *document_portrait(imi_model_set *models, const imi_image *image)
{
    imi_landmarks mesh;
    find_mesh(models, image, &mesh);
    imi_point3 right = mesh.points[IMI_MESH_RIGHT_EYE_OUTER];
    imi_point3 left = mesh.points[IMI_MESH_LEFT_EYE_OUTER];
    imi_point3 nose = mesh.points[IMI_MESH_NOSE_TIP];
    /* The face fills about two thirds of the width. */
    float scale = 42 / hypotf(left.x - right.x, left.y - right.y);
    imi_affine map = {scale, 0, 51 - scale * nose.x, 0, scale, 68 - scale * nose.y};
    IMI_AUTO(imi_image) portrait = warped(image, &map, 102, 126);
    make_grey(portrait);
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    assert_ok(imi_jpeg_encode(portrait, 30, &jpeg, &err), &err);
    imi_jpeg_limits limits = IMI_JPEG_LIMITS_PHOTO;
    imi_image *out = NULL;
    assert_ok(imi_jpeg_decode(imi_buffer_view(&jpeg), &limits, &out, &err), &err);
    return out;
}

imi_face_box find_face(imi_model_set *models, const imi_image *image)
{
    imi_error err = IMI_ERROR_INIT;
    imi_face_box box;
    size_t count = 0;
    assert_ok(models->detector->detect(models->detector, image, &box, 1, &count, &err), &err);
    assert_int_equal(count, 1);
    return box;
}

void find_mesh(imi_model_set *models, const imi_image *image, imi_landmarks *out)
{
    imi_error err = IMI_ERROR_INIT;
    imi_face_box box = find_face(models, image);
    assert_ok(models->landmarker->locate(models->landmarker, image, &box, out, &err), &err);
}

static void join(const char *folder, const char *name, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "%s/%s", folder, name);
}

char *make_model_folder(void)
{
    char template[] = "/tmp/imi-test-models-XXXXXX";
    assert_non_null(mkdtemp(template));
    DIR *from = opendir(MODELS_FOLDER);
    assert_non_null(from);
    for (struct dirent *entry = readdir(from); entry != NULL; entry = readdir(from)) {
        if (entry->d_name[0] != '.') {
            char target[PATH_SIZE];
            char link[PATH_SIZE];
            join(MODELS_FOLDER, entry->d_name, target);
            join(template, entry->d_name, link);
            assert_int_equal(symlink(target, link), 0);
        }
    }
    closedir(from);
    return imi_strdup(template);
}

void remove_model_folder(char *folder)
{
    DIR *contents = opendir(folder);
    assert_non_null(contents);
    for (struct dirent *entry = readdir(contents); entry != NULL; entry = readdir(contents)) {
        if (entry->d_name[0] != '.') {
            remove_file(folder, entry->d_name);
        }
    }
    closedir(contents);
    assert_int_equal(rmdir(folder), 0);
    imi_free(folder);
}

void replace_file(const char *folder, const char *name, imi_view contents)
{
    char path[PATH_SIZE];
    join(folder, name, path);
    imi_error err = IMI_ERROR_INIT;
    remove_file(folder, name);
    assert_ok(imi_file_write(path, contents, 0600, &err), &err);
}

void remove_file(const char *folder, const char *name)
{
    char path[PATH_SIZE];
    join(folder, name, path);
    assert_int_equal(unlink(path), 0);
}
