#include "cast.h"

#include "clip.h"
#include "imi/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 4096, LIST_BYTES_MAX = 1 << 20, REFERENCE_QUALITY = 92 };

static imi_status read_clip(const char *path, int64_t at_ms, imi_image **out, imi_error *err)
{
    IMI_AUTO(imi_clip) clip = NULL;
    IMI_TRY(imi_clip_open(path, &clip, err));
    for (int64_t now_ms = 0;;) {
        IMI_TRY(imi_clip_next(clip, out, &now_ms, err));
        if (*out == NULL) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s is shorter than %lld ms", path,
                     (long long)at_ms);
        }
        if (now_ms >= at_ms) {
            return IMI_OK;
        }
        imi_image_destroy(out);
    }
}

/* A picture as a file holds it; pixels too, as far as wanted. */
static imi_status read_picture(const char *root, char *name, imi_buffer *jpeg, imi_image **image,
                               imi_error *err)
{
    const imi_jpeg_limits limits = IMI_JPEG_LIMITS_PHOTO;
    char path[PATH_SIZE];
    char *moment = strchr(name, '@');
    if (moment != NULL) {
        *moment++ = '\0';
    }
    snprintf(path, sizeof path, "%s/%s", root, name);
    if (moment != NULL) {
        IMI_TRY(read_clip(path, strtoll(moment, NULL, 10), image, err));
        return imi_jpeg_encode(*image, REFERENCE_QUALITY, jpeg, err);
    }
    IMI_TRY(imi_file_read(path, limits.bytes, jpeg, err));
    return imi_jpeg_decode(imi_buffer_view(jpeg), &limits, image, err);
}

static imi_status read_film(const char *root, const char *name, imi_gen_film **out, imi_error *err)
{
    char path[PATH_SIZE];
    char labels[IMI_PLACE_SIZE];
    snprintf(path, sizeof path, "%s/%s", root, name);
    IMI_TRY(imi_place_shared("segments.csv", labels, err));
    return imi_gen_film_load(path, labels, out, err);
}

static imi_status read_person(const char *root, char *line, imi_engine *engine,
                              imi_gen_person *person, imi_error *err)
{
    char *rest = line;
    const char *name = strsep(&rest, ",");
    char *still = strsep(&rest, ",");
    char *reference = strsep(&rest, ",");
    const char *clip = rest;
    if (still == NULL || reference == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s: a line holds person,still,reference", name);
    }
    imi_copy_text(person->name, sizeof person->name, name);
    if (clip != NULL) {
        IMI_TRY(read_film(root, clip, &person->film, err));
    }
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    IMI_AUTO(imi_image) photo = NULL;
    IMI_AUTO(imi_image) other = NULL;
    imi_face face = {.reason = IMI_CAPTURE_NO_FACE};
    IMI_TRY(read_picture(root, still, &jpeg, &photo, err));
    IMI_TRY(imi_engine_analyse(engine, photo, IMI_CAPTURE_PORTRAIT, &face, err));
    if (face.reason == IMI_CAPTURE_NO_FACE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s: the still shows no face", name);
    }
    IMI_TRY(imi_gen_portrait_new(photo, &face.landmarks, &person->portrait, err));
    return read_picture(root, reference, &person->reference_jpeg, &other, err);
}

static imi_status read_lines(char *text, const char *root, imi_engine *engine, imi_gen_cast *cast,
                             imi_error *err)
{
    char *rest = text;
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        bool heading = strncmp(line, "person,", 7) == 0;
        if (line[0] == '\0' || line[0] == '#' || heading) {
            continue;
        }
        if (cast->count == IMI_GEN_PERSONS_MAX) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a cast has at most %d people",
                     IMI_GEN_PERSONS_MAX);
        }
        cast->count++;
        IMI_TRY(read_person(root, line, engine, &cast->persons[cast->count - 1], err));
    }
    if (cast->count < 2) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a cast has at least two people");
    }
    return IMI_OK;
}

imi_status imi_gen_cast_load(const char *list, const char *root, imi_engine *engine,
                             imi_gen_cast **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(list, LIST_BYTES_MAX, &text, err));
    IMI_TRY(imi_buffer_terminate(&text, err));
    IMI_AUTO(imi_gen_cast) cast = imi_alloc(sizeof *cast);
    if (cast == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a cast");
    }
    IMI_TRY(read_lines((char *)text.data, root, engine, cast, err));
    *out = IMI_STEAL(&cast);
    return IMI_OK;
}

bool imi_gen_cast_can_show(const imi_gen_cast *cast, imi_gen_species species)
{
    bool can = true;
    for (size_t i = 0; i < cast->count && imi_gen_species_traits_of(species)->film; i++) {
        can = can && cast->persons[i].film != NULL;
    }
    return can;
}

void imi_gen_cast_destroy(imi_gen_cast **cast)
{
    if (cast == NULL || *cast == NULL) {
        return;
    }
    for (size_t i = 0; i < (*cast)->count; i++) {
        imi_gen_portrait_destroy(&(*cast)->persons[i].portrait);
        imi_buffer_clean_up(&(*cast)->persons[i].reference_jpeg);
        imi_gen_film_destroy(&(*cast)->persons[i].film);
    }
    imi_free(*cast);
    *cast = NULL;
}
