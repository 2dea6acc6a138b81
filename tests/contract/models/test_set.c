/* Loading the set: what is missing, changed or unknown never passes for the real thing. */
#include "support.h"

#include "imi/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static imi_status load(const char *folder, imi_model_set *set, imi_error *err)
{
    return imi_model_set_load(folder, set, err);
}

static void assert_empty(const imi_model_set *set)
{
    const imi_model_set empty = {0};
    assert_memory_equal(set, &empty, sizeof empty);
}

static void assert_load_fails(const char *folder, imi_status status, const char *word)
{
    imi_error err = IMI_ERROR_INIT;
    imi_model_set set;
    assert_int_equal(load(folder, &set, &err), status);
    assert_non_null(strstr(err.message, word));
    assert_empty(&set);
}

static void the_whole_set_loads(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    imi_model_set set;
    assert_ok(load(MODELS_FOLDER, &set, &err), &err);
    assert_non_null(set.detector);
    assert_non_null(set.cross_check);
    assert_non_null(set.landmarker);
    assert_int_equal(set.extractor_count, 2);
    assert_int_equal(set.extractors[0]->dim, 192);
    assert_int_equal(set.extractors[1]->dim, 128);
    imi_model_set_clean_up(&set);
    assert_empty(&set);
}

static void a_model_id_names_the_weights(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    imi_model_set set;
    assert_ok(load(MODELS_FOLDER, &set, &err), &err);
    assert_string_equal(set.extractors[0]->model_id, "mobilefacenet@7deda78ac6b5");
    assert_string_equal(set.extractors[1]->model_id, "dlib_resnet@90edb0683c29");
    imi_model_set_clean_up(&set);
}

static void everything_is_freed(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    imi_model_set set;
    int64_t before = imi_alloc_live_blocks();
    assert_ok(load(MODELS_FOLDER, &set, &err), &err);
    assert_true(imi_alloc_live_blocks() > before);
    imi_model_set_clean_up(&set);
    assert_int_equal(imi_alloc_live_blocks(), before);
}

static void cleaning_up_an_empty_set_is_allowed(void **state)
{
    (void)state;
    imi_model_set set = {0};
    imi_model_set_clean_up(&set);
    assert_empty(&set);
}

static void a_folder_without_manifest_says_what_to_do(void **state)
{
    (void)state;
    assert_load_fails("/nonexistent", IMI_E_MANIFEST, "setup-models");
}

static void a_folder_name_that_is_too_long_is_refused(void **state)
{
    (void)state;
    char folder[5000];
    memset(folder, 'a', sizeof folder - 1);
    folder[sizeof folder - 1] = '\0';
    assert_load_fails(folder, IMI_E_INVALID_ARGUMENT, "too long");
}

static void a_missing_required_model_is_named(void **state)
{
    (void)state;
    static const char *const required[] = {"blazeface.onnx", "facemesh.onnx", "mobilefacenet.onnx",
                                           "dlib_resnet.onnx"};
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++) {
        char *folder = make_model_folder();
        remove_file(folder, required[i]);
        assert_load_fails(folder, IMI_E_MODEL_MISSING, required[i]);
        remove_model_folder(folder);
    }
}

static void a_changed_model_is_refused(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    assert_ok(imi_file_read(MODELS_FOLDER "/facemesh.onnx", 64U << 20, &file, &err), &err);
    file.data[file.size / 2] ^= 1;
    char *folder = make_model_folder();
    replace_file(folder, "facemesh.onnx", imi_buffer_view(&file));
    assert_load_fails(folder, IMI_E_MODEL_DIGEST, "facemesh.onnx");
    remove_model_folder(folder);
}

static void an_empty_model_file_is_refused(void **state)
{
    (void)state;
    char *folder = make_model_folder();
    replace_file(folder, "blazeface.onnx", (imi_view){NULL, 0});
    assert_load_fails(folder, IMI_E_MODEL_DIGEST, "blazeface.onnx");
    remove_model_folder(folder);
}

static void two_models_with_their_files_swapped_are_refused(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    assert_ok(imi_file_read(MODELS_FOLDER "/blazeface.onnx", 64U << 20, &file, &err), &err);
    char *folder = make_model_folder();
    replace_file(folder, "facemesh.onnx", imi_buffer_view(&file));
    assert_load_fails(folder, IMI_E_MODEL_DIGEST, "facemesh.onnx");
    remove_model_folder(folder);
}

/* The manifest of the folder with the first occurrence of from replaced by to. */
static void change_manifest(const char *folder, const char *from, const char *to)
{
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO_BUFFER json = IMI_BUFFER_INIT;
    assert_ok(imi_file_read(MODELS_FOLDER "/manifest.json", 1U << 20, &json, &err), &err);
    assert_ok(imi_buffer_terminate(&json, &err), &err);
    const char *text = (const char *)json.data;
    const char *at = strstr(text, from);
    assert_non_null(at);
    IMI_AUTO_BUFFER changed = IMI_BUFFER_INIT;
    assert_ok(imi_buffer_printf(&changed, &err, "%.*s%s%s", (int)(at - text), text, to,
                                at + strlen(from)),
              &err);
    replace_file(folder, "manifest.json", imi_buffer_view(&changed));
}

static void a_model_that_no_code_knows_is_refused(void **state)
{
    (void)state;
    char *folder = make_model_folder();
    change_manifest(folder, "\"blazeface\"", "\"hazeface\"");
    assert_load_fails(folder, IMI_E_MANIFEST, "hazeface");
    remove_model_folder(folder);
}

static void a_model_in_another_role_is_refused(void **state)
{
    (void)state;
    char *folder = make_model_folder();
    change_manifest(folder, "\"role\": \"landmarker\"", "\"role\": \"detector\"");
    assert_load_fails(folder, IMI_E_MANIFEST, "facemesh");
    remove_model_folder(folder);
}

static void outputs_described_otherwise_than_the_code_reads_them_are_refused(void **state)
{
    (void)state;
    char *folder = make_model_folder();
    change_manifest(folder, "[1, 512, 1]", "[1, 511, 1]");
    assert_load_fails(folder, IMI_E_MANIFEST, "blazeface");
    remove_model_folder(folder);
}

/* Run a load with standard error in a file, so that a warning can be looked for. */
static void load_logged(const char *folder, imi_model_set *set, char *log, size_t size)
{
    imi_error err = IMI_ERROR_INIT;
    FILE *file = tmpfile();
    assert_non_null(file);
    fflush(stderr);
    int saved = dup(STDERR_FILENO);
    assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
    imi_status status = load(folder, set, &err);
    fflush(stderr);
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    close(saved);
    rewind(file);
    log[fread(log, 1, size - 1, file)] = '\0';
    fclose(file);
    assert_ok(status, &err);
}

static void a_missing_optional_model_is_a_warning(void **state)
{
    (void)state;
    char *folder = make_model_folder();
    char path[1024];
    for (int i = 27; i <= 40; i += 13) {
        snprintf(path, sizeof path, "%s/minifasnet%d.onnx", folder, i);
        unlink(path); /* may be absent already: it is optional */
    }
    imi_model_set set;
    char log[4096];
    load_logged(folder, &set, log, sizeof log);
    assert_int_equal(set.pad_count, 0);
    assert_int_equal(set.extractor_count, 2);
    assert_non_null(strstr(log, "minifasnet27"));
    assert_non_null(strstr(log, "minifasnet40"));
    assert_non_null(strstr(log, "warn"));
    imi_model_set_clean_up(&set);
    remove_model_folder(folder);
}

typedef struct failing {
    int64_t until;
} failing;

static bool fail_later(void *user, size_t size)
{
    (void)size;
    failing *f = user;
    return f->until-- == 0;
}

static void an_allocation_that_fails_leaves_nothing_behind(void **state)
{
    (void)state;
    int64_t before = imi_alloc_live_blocks();
    imi_status status = IMI_E_NO_MEMORY;
    int64_t tries = 0;
    /* Each failing allocation costs one load, so the later ones are sampled. */
    for (int64_t until = 0; status != IMI_OK; until += until < 8 ? 1 : 5, tries++) {
        failing f = {until};
        imi_error err = IMI_ERROR_INIT;
        imi_model_set set;
        imi_alloc_set_fail_hook(fail_later, &f);
        status = load(MODELS_FOLDER, &set, &err);
        imi_alloc_set_fail_hook(NULL, NULL);
        if (status != IMI_OK) {
            assert_int_equal(status, IMI_E_NO_MEMORY);
            assert_empty(&set);
        }
        imi_model_set_clean_up(&set);
        assert_int_equal(imi_alloc_live_blocks(), before);
    }
    assert_true(tries > 3);
}

int main(void)
{
    imi_log_set_level(IMI_LOG_WARNING);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_set_loads),
        cmocka_unit_test(a_model_id_names_the_weights),
        cmocka_unit_test(everything_is_freed),
        cmocka_unit_test(cleaning_up_an_empty_set_is_allowed),
        cmocka_unit_test(a_folder_without_manifest_says_what_to_do),
        cmocka_unit_test(a_folder_name_that_is_too_long_is_refused),
        cmocka_unit_test(a_missing_required_model_is_named),
        cmocka_unit_test(a_changed_model_is_refused),
        cmocka_unit_test(an_empty_model_file_is_refused),
        cmocka_unit_test(two_models_with_their_files_swapped_are_refused),
        cmocka_unit_test(a_model_that_no_code_knows_is_refused),
        cmocka_unit_test(a_model_in_another_role_is_refused),
        cmocka_unit_test(outputs_described_otherwise_than_the_code_reads_them_are_refused),
        cmocka_unit_test(a_missing_optional_model_is_a_warning),
        cmocka_unit_test(an_allocation_that_fails_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
