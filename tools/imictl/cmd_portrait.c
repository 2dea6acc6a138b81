#include "imictl.h"

#include "portrait/portrait.h"

#include <stdio.h>

typedef struct portrait_options {
    const char *models;
    bool json;
    const char *paths[2];
} portrait_options;

static imi_status make(const portrait_options *options, imi_buffer *jpeg, imi_error *err)
{
    static const imi_jpeg_limits limits = IMI_JPEG_LIMITS_PHOTO;
    IMI_AUTO_BUFFER photo = IMI_BUFFER_INIT;
    IMI_AUTO(imi_image) image = NULL;
    IMI_TRY(imictl_read_photo(options->paths[0], &photo, err));
    IMI_TRY(imi_jpeg_decode(imi_buffer_view(&photo), &limits, &image, err));
    IMI_AUTO(imi_tool_engine) engine = NULL;
    IMI_TRY(imi_tool_engine_new(options->models, &engine, err));
    IMI_TRY(imi_portrait_make(imi_tool_engine_view(engine), image, jpeg, err));
    return imi_file_write(options->paths[1], imi_buffer_view(jpeg), 0600, err);
}

int imictl_portrait(int argc, char **argv)
{
    portrait_options options = {.models = NULL};
    const imi_cli_option rows[] = {
        {"--models", &options.models, NULL, false, "DIR", "folder of manifest.json"},
        IMICTL_JSON_ROW(options.json),
    };
    const imi_cli_spec spec = {"imictl portrait", "IN.jpg OUT.jpg", 2, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, options.paths, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    imi_error error = IMI_ERROR_INIT;
    if (make(&options, &jpeg, &error) != IMI_OK) {
        return imictl_fail(&spec, options.json, &error);
    }
    if (options.json) {
        imictl_print_json(
            json_pack("{s:s, s:i}", "file", options.paths[1], "bytes", (int)jpeg.size));
    } else {
        printf("%s: %d x %d, grey, %zu bytes\n", options.paths[1], IMI_PORTRAIT_WIDTH,
               IMI_PORTRAIT_HEIGHT, jpeg.size);
    }
    return IMI_EXIT_SUCCESS;
}
