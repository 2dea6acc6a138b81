/*
 * Malformed files from outside, when they are there: each gives a status or an image. The
 * folder is conformance/jpeg_fuzz below $IMI_SHARED/data; without it the test is skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "imi/image.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static size_t g_files;
static size_t g_images;

/* The file in a block of its exact size, so that a sanitizer sees any read beyond it. */
static void decode_exact(const imi_buffer *file, const imi_jpeg_limits *limits)
{
    uint8_t *exact = malloc(file->size == 0 ? 1 : file->size);
    imi_copy(exact, file->data, file->size);
    imi_image *image = NULL;
    imi_error error = IMI_ERROR_INIT;
    int64_t before = imi_alloc_live_blocks();
    imi_status status = imi_jpeg_decode((imi_view){exact, file->size}, limits, &image, &error);
    if (status == IMI_OK) {
        assert_non_null(image);
        assert_true(image->width > 0 && image->height > 0);
        g_images++;
    } else {
        assert_null(image);
        assert_in_range(-status, -IMI_E_IMAGE_EMPTY, -IMI_E_IMAGE_TOO_SMALL);
        assert_int_not_equal(error.message[0], '\0');
    }
    imi_image_destroy(&image);
    assert_int_equal(imi_alloc_live_blocks(), before);
    free(exact);
}

static int visit(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)where;
    if (kind != FTW_F) {
        return 0;
    }
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    assert_int_equal(imi_file_read(path, 64U << 20, &file, NULL), IMI_OK);
    const imi_jpeg_limits frame = IMI_JPEG_LIMITS_FRAME;
    const imi_jpeg_limits photo = IMI_JPEG_LIMITS_PHOTO;
    decode_exact(&file, &frame);
    decode_exact(&file, &photo);
    g_files++;
    return 0;
}

static void every_file_of_the_corpus_gives_an_answer(void **state)
{
    (void)state;
    const char *shared = getenv("IMI_SHARED");
    char folder[4096];
    snprintf(folder, sizeof folder, "%s/data/conformance/jpeg_fuzz",
             shared == NULL ? IMI_SHARED_DEFAULT : shared);
    if (access(folder, R_OK) != 0) {
        print_message("no corpus at %s\n", folder);
        skip();
    }
    assert_int_equal(nftw(folder, visit, 16, FTW_PHYS), 0);
    print_message("%zu files, %zu decodings gave an image\n", g_files, g_images);
    assert_true(g_files > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_of_the_corpus_gives_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
