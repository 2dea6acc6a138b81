#include "imictl.h"

#include "join_link.h"
#include "qr_code.h"

#include <stdio.h>
#include <unistd.h>

enum { PICTURE_MODE = 0600 /* who sees the code may join the session */ };

typedef struct qr_options {
    const char *link;
    const char *gateway;
    const char *svg;
} qr_options;

static imi_status draw(const qr_options *options, imi_error *err)
{
    char link[IMICTL_LINK_SIZE];
    IMI_AUTO_BUFFER given = IMI_BUFFER_INIT, code = IMI_BUFFER_INIT;
    IMI_TRY(imictl_read_operand(options->link, IMICTL_LINK_SIZE, &given, err));
    IMI_TRY(imi_buffer_terminate(&given, err));
    IMI_TRY(imictl_join_link_at((const char *)given.data, options->gateway, link, err));
    if (options->svg != NULL) {
        IMI_TRY(imictl_qr_draw_svg(link, &code, err));
        return imi_file_write(options->svg, imi_buffer_view(&code), PICTURE_MODE, err);
    }
    IMI_TRY(imictl_qr_draw(link, isatty(STDOUT_FILENO) == 1, &code, err));
    fwrite(code.data, 1, code.size, stdout);
    return IMI_OK;
}

int imictl_qr(int argc, char **argv)
{
    qr_options options = {.link = NULL};
    const imi_cli_option rows[] = {
        {"--gateway", &options.gateway, NULL, false, "ORIGIN",
         "the gateway's own, such as https://localhost:7480 [the link's]"},
        {"--svg", &options.svg, NULL, false, "FILE", "write a picture instead"},
    };
    const imi_cli_spec spec = {"imictl qr", "JOIN_LINK", 1, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, &options.link, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    imi_error error = IMI_ERROR_INIT;
    if (draw(&options, &error) != IMI_OK) {
        return imictl_fail(&spec, false, &error);
    }
    return IMI_EXIT_SUCCESS;
}
