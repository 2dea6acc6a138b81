/* Reads a document photo with the local models; nothing leaves the machine. */
#include "imictl.h"

#include "claims.h"
#include "document_view.h"
#include "imi/clock.h"
#include "imi_models/document.h"
#include "portrait/portrait.h"

typedef struct document_options {
    const char *models, *claim, *today;
    bool json;
    const char *paths[1];
} document_options;

/* Everything that must be given back, on every way out. */
typedef struct document_run {
    imi_tool_engine *engine;
    imi_text_reader *reader;
    imi_card_finder *finder;
    imi_image *image;
    imictl_claims claims;
    imi_calendar_day today;
    imi_document document;
} document_run;

static void clean_up(document_run *run)
{
    imi_document_wipe(&run->document);
    imi_image_destroy(&run->image);
    if (run->reader != NULL) {
        run->reader->destroy(run->reader);
    }
    if (run->finder != NULL) {
        run->finder->destroy(run->finder);
    }
    imi_tool_engine_destroy(&run->engine);
    imictl_claims_clean_up(&run->claims);
}

static imi_status load_day(const char *text, document_run *run, imi_error *err)
{
    if (text == NULL) {
        imi_clock *clock = imi_clock_system();
        run->today = imi_calendar_day_of_unix_ms(clock->unix_ms(clock));
        return IMI_OK;
    }
    if (!imi_calendar_day_read(imi_view_of_text(text), &run->today)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "--today: %s is no day like 2025-12-31", text);
    }
    return IMI_OK;
}

static imi_status load_photo(const char *path, document_run *run, imi_error *err)
{
    static const imi_jpeg_limits limits = IMI_JPEG_LIMITS_PHOTO;
    IMI_AUTO_BUFFER photo = IMI_BUFFER_INIT;
    IMI_TRY(imictl_read_photo(path, &photo, err));
    return imi_jpeg_decode(imi_buffer_view(&photo), &limits, &run->image, err);
}

static imi_status read_document(const document_options *options, document_run *run, imi_error *err)
{
    IMI_TRY(load_day(options->today, run, err));
    if (options->claim != NULL) {
        IMI_TRY(imictl_claims_load(options->claim, &run->claims, err));
    }
    IMI_TRY(load_photo(options->paths[0], run, err));
    IMI_TRY(imi_tool_engine_new(options->models, &run->engine, err));
    IMI_TRY(imi_document_reader_new(&run->reader, err));
    IMI_TRY(imi_card_finder_new(&run->finder, err));
    const imi_document_parts parts = {imi_tool_engine_view(run->engine), run->reader, run->finder};
    return imi_document_read(&parts, run->image, &run->claims.claims, run->today, &run->document,
                             NULL, err);
}

static int answer(const document_options *options, const document_run *run)
{
    if (options->json) {
        imictl_print_json(imictl_document_json(&run->document));
    } else {
        imictl_document_print(&run->document);
    }
    return imi_document_is_accepted(&run->document) ? IMI_EXIT_SUCCESS : IMI_EXIT_NEGATIVE;
}

int imictl_document(int argc, char **argv)
{
    document_options options = {.models = NULL};
    const imi_cli_option rows[] = {
        {"--claim", &options.claim, NULL, false, "FILE",
         "JSON object of what the session claims: document_number, id_number, birth_date, name"},
        {"--today", &options.today, NULL, false, "DAY", "judge expiry on this day [today, UTC]"},
        {"--models", &options.models, NULL, false, "DIR", "folder of manifest.json"},
        IMICTL_JSON_ROW(options.json),
    };
    const imi_cli_spec spec = {"imictl document", "PHOTO.jpg", 1, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, options.paths, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    document_run run = {.engine = NULL};
    imi_error error = IMI_ERROR_INIT;
    code = read_document(&options, &run, &error) == IMI_OK
               ? answer(&options, &run)
               : imictl_fail(&spec, options.json, &error);
    clean_up(&run);
    return code;
}
