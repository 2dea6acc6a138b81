/* models.local.json: a deployment's own extractors load, and nothing half-described does. */
#include "support.h"

#include "imi/log.h"
#include "manifest.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const ENTRY =
    "{\"id\":\"tiny\",\"role\":\"extractor\",\"required\":true,\"file\":\"tiny.onnx\","
    "\"sha256\":\"DIGEST\",\"card\":\"tiny.md\","
    "\"input\":{\"width\":48,\"height\":40,\"layout\":\"NCHW\",\"colour\":\"RGB\","
    "\"mean\":[0,0,0],\"scale\":0.5},\"alignment\":{\"kind\":\"crop\",\"margin\":0.1},"
    "\"outputs\":[{\"name\":\"embedding\",\"shape\":[1,8]}],\"template_length\":8}";

/* The text with the first occurrence of from replaced by to. */
static char *replaced(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    size_t size = strlen(text) + strlen(to) + 1;
    char *out = imi_alloc(size);
    assert_non_null(out);
    snprintf(out, size, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return out;
}

static void add_file(const char *folder, const char *name, imi_view contents)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    imi_error err = IMI_ERROR_INIT;
    assert_ok(imi_file_write(path, contents, 0600, &err), &err);
}

/* Add a network of make_tiny.py as tiny.onnx; its digest goes to digest. */
static void add_network(const char *folder, const char *name, char digest[IMI_SHA256_HEX_SIZE])
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", TINY_FOLDER, name);
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    assert_ok(imi_file_read(path, 1U << 16, &file, &err), &err);
    assert_ok(imi_manifest_digest(imi_buffer_view(&file), digest, &err), &err);
    add_file(folder, "tiny.onnx", imi_buffer_view(&file));
}

/* A model folder with a local network, its card, and ENTRY with from replaced by to. */
static char *make_folder(const char *network, const char *from, const char *to)
{
    char *folder = make_model_folder();
    char digest[IMI_SHA256_HEX_SIZE];
    add_network(folder, network, digest);
    add_file(folder, "tiny.md", imi_view_of_text("# A card\n"));
    char *entry = replaced(ENTRY, "DIGEST", digest);
    char *changed = replaced(entry, from, to);
    char json[2048];
    snprintf(json, sizeof json, "{\"format\":1,\"models\":[%s]}", changed);
    add_file(folder, "models.local.json", imi_view_of_text(json));
    imi_free(entry);
    imi_free(changed);
    return folder;
}

static void assert_load_fails(const char *folder, imi_status status, const char *word)
{
    imi_error err = IMI_ERROR_INIT;
    imi_model_set set;
    assert_int_equal(imi_model_set_load(folder, &set, &err), status);
    if (strstr(err.message, word) == NULL) {
        print_error("'%s' is not in: %s\n", word, err.message);
    }
    assert_non_null(strstr(err.message, word));
    assert_int_equal(set.extractor_count, 0);
}

static void assert_change_fails(const char *from, const char *to, imi_status status,
                                const char *word)
{
    char *folder = make_folder("tiny.onnx", from, to);
    assert_load_fails(folder, status, word);
    remove_model_folder(folder);
}

static void load(const char *folder, imi_model_set *out)
{
    imi_error err = IMI_ERROR_INIT;
    assert_ok(imi_model_set_load(folder, out, &err), &err);
}

static void a_local_extractor_joins_the_shipped_ones(void **state)
{
    (void)state;
    char *folder = make_folder("tiny.onnx", "tiny", "tiny");
    imi_model_set set;
    load(folder, &set);
    assert_int_equal(set.extractor_count, 3);
    assert_int_equal(set.extractors[2]->dim, 8);
    assert_int_equal(set.extractors[2]->chip_width, 48);
    assert_int_equal(set.extractors[2]->chip_height, 40);
    assert_int_equal(strncmp(set.extractors[2]->model_id, "tiny@", 5), 0);
    imi_model_set_clean_up(&set);
    remove_model_folder(folder);
}

static void a_local_extractor_makes_the_vector_that_its_entry_describes(void **state)
{
    (void)state;
    char *folder = make_folder("tiny.onnx", "tiny", "tiny");
    imi_model_set set;
    load(folder, &set);
    IMI_AUTO(imi_image) chip = plain_image(48, 40, 90);
    float vector[8];
    imi_error err = IMI_ERROR_INIT;
    assert_ok(set.extractors[2]->embed(set.extractors[2], chip, vector, &err), &err);
    double wanted[8];
    double sum = 0;
    for (int i = 0; i < 8; i++) {
        wanted[i] = 0.5 + 45 * (cos(3 * i) + cos(3 * i + 1) + cos(3 * i + 2));
        sum += wanted[i] * wanted[i];
    }
    for (int i = 0; i < 8; i++) {
        assert_true(fabs(vector[i] - wanted[i] / sqrt(sum)) < 1e-5);
    }
    imi_model_set_clean_up(&set);
    remove_model_folder(folder);
}

static void other_pre_processing_gives_another_model_id(void **state)
{
    (void)state;
    static const char *const changes[][2] = {
        {"\"scale\":0.5", "\"scale\":0.25"},
        {"\"margin\":0.1", "\"margin\":0.2"},
        {"\"RGB\"", "\"BGR\""},
        {"[0,0,0]", "[0,0,1]"},
        {"\"kind\":\"crop\",\"margin\":0.1", "\"kind\":\"arcface5\""}};
    char *folder = make_folder("tiny.onnx", "tiny", "tiny");
    imi_model_set set;
    load(folder, &set);
    char first[IMI_MODEL_ID_SIZE];
    snprintf(first, sizeof first, "%s", set.extractors[2]->model_id);
    imi_model_set_clean_up(&set);
    remove_model_folder(folder);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        folder = make_folder("tiny.onnx", changes[i][0], changes[i][1]);
        load(folder, &set);
        assert_string_not_equal(set.extractors[2]->model_id, first);
        imi_model_set_clean_up(&set);
        remove_model_folder(folder);
    }
}

static void an_extractor_of_a_shipped_id_replaces_it_in_its_place(void **state)
{
    (void)state;
    char *folder = make_folder("tiny.onnx", "\"id\":\"tiny\"", "\"id\":\"mobilefacenet\"");
    imi_model_set set;
    load(folder, &set);
    assert_int_equal(set.extractor_count, 2);
    assert_int_equal(set.extractors[0]->dim, 8);
    assert_int_equal(set.extractors[1]->dim, 128);
    imi_model_set_clean_up(&set);
    remove_model_folder(folder);
}

static void apply(const char *json, imi_manifest *manifest, imi_status wanted, const char *word)
{
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    assert_ok(imi_file_read(MODELS_FOLDER "/manifest.json", 1U << 20, &file, &err), &err);
    assert_ok(imi_manifest_parse(imi_buffer_view(&file), manifest, &err), &err);
    size_t before = manifest->count;
    assert_int_equal(imi_manifest_apply_local(imi_view_of_text(json), manifest, &err), wanted);
    if (wanted != IMI_OK) {
        assert_int_equal(strncmp(err.message, "models.local.json: ", 19), 0);
        assert_null(strstr(err.message, "manifest: "));
        assert_non_null(strstr(err.message, word));
        assert_int_equal(manifest->count, before);
    }
}

static void shipped_extractors_can_be_left_out(void **state)
{
    (void)state;
    imi_manifest manifest;
    apply("{\"format\":1,\"without\":[\"mobilefacenet\"],\"models\":[]}", &manifest, IMI_OK, "");
    assert_int_equal(manifest.count, 6);
    for (size_t i = 0; i < manifest.count; i++) {
        assert_string_not_equal(manifest.models[i].id, "mobilefacenet");
    }
}

static void without_may_name_extractors_only(void **state)
{
    (void)state;
    imi_manifest manifest;
    apply("{\"format\":1,\"without\":[\"facemesh\"],\"models\":[]}", &manifest, IMI_E_MANIFEST,
          "facemesh");
    apply("{\"format\":1,\"without\":[\"none\"],\"models\":[]}", &manifest, IMI_E_MANIFEST, "none");
    apply("{\"format\":1,\"without\":[7],\"models\":[]}", &manifest, IMI_E_MANIFEST, "without");
    apply("{\"format\":1,\"without\":\"tiny\",\"models\":[]}", &manifest, IMI_E_MANIFEST,
          "without");
}

static void a_file_that_is_no_overlay_is_refused(void **state)
{
    (void)state;
    imi_manifest manifest;
    apply("{\n oops", &manifest, IMI_E_MANIFEST, "line 2");
    apply("[]", &manifest, IMI_E_MANIFEST, "format");
    apply("{\"format\":2,\"models\":[]}", &manifest, IMI_E_MANIFEST, "format");
    apply("{\"format\":1}", &manifest, IMI_E_MANIFEST, "models");
}

static void an_error_in_a_later_entry_changes_nothing(void **state)
{
    (void)state;
    imi_manifest manifest;
    apply("{\"format\":1,\"without\":[\"mobilefacenet\"],\"models\":[{\"id\":\"x\"}]}", &manifest,
          IMI_E_MANIFEST, "role");
}

static void no_extractor_at_all_is_refused(void **state)
{
    (void)state;
    char *folder = make_model_folder();
    add_file(folder, "models.local.json",
             imi_view_of_text("{\"format\":1,\"without\":[\"mobilefacenet\",\"dlib_resnet\"],"
                              "\"models\":[]}"));
    assert_load_fails(folder, IMI_E_MANIFEST, "extractor");
    remove_model_folder(folder);
}

static void only_extractors_can_be_brought(void **state)
{
    (void)state;
    assert_change_fails("\"extractor\"", "\"detector\"", IMI_E_MANIFEST, "extractor");
    assert_change_fails("\"id\":\"tiny\"", "\"id\":\"blazeface\"", IMI_E_MANIFEST, "id");
}

static void an_id_too_long_for_a_model_name_is_refused(void **state)
{
    (void)state;
    assert_change_fails("\"id\":\"tiny\"", "\"id\":\"a1234567890123456789012345678901234567890\"",
                        IMI_E_MANIFEST, "40");
}

static void a_card_must_be_named(void **state)
{
    (void)state;
    assert_change_fails("\"card\":\"tiny.md\",", "", IMI_E_MANIFEST, "card");
    assert_change_fails("tiny.md", "../tiny.md", IMI_E_MANIFEST, "card");
}

static void a_card_must_be_there_and_say_something(void **state)
{
    (void)state;
    assert_change_fails("tiny.md", "other.md", IMI_E_MANIFEST, "other.md");
    char *folder = make_folder("tiny.onnx", "tiny", "tiny");
    replace_file(folder, "tiny.md", (imi_view){NULL, 0});
    assert_load_fails(folder, IMI_E_MANIFEST, "card");
    remove_model_folder(folder);
}

static void a_file_of_another_digest_is_refused(void **state)
{
    (void)state;
    assert_change_fails("\"sha256\":\"", "\"sha256\":\"0\",\"x\":\"", IMI_E_MANIFEST, "sha256");
    char *folder = make_folder("tiny.onnx", "tiny", "tiny");
    replace_file(folder, "tiny.onnx", imi_view_of_text("not a network"));
    assert_load_fails(folder, IMI_E_MODEL_DIGEST, "models.local.json");
    remove_model_folder(folder);
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    assert_change_fails("tiny.onnx", "absent.onnx", IMI_E_MODEL_MISSING, "absent.onnx");
}

static void an_output_of_another_length_is_refused_at_load(void **state)
{
    (void)state;
    assert_change_fails("[1,8]}],\"template_length\":8", "[1,16]}],\"template_length\":16",
                        IMI_E_MODEL_LOAD, "has 8 values, not 16");
    assert_change_fails("[1,8]}],\"template_length\":8", "[1,4]}],\"template_length\":4",
                        IMI_E_MODEL_LOAD, "template_length");
}

static void an_output_that_the_network_has_not_is_refused_at_load(void **state)
{
    (void)state;
    assert_change_fails("\"embedding\"", "\"features\"", IMI_E_MODEL_LOAD, "tiny");
}

static void a_network_whose_values_are_not_finite_is_refused_at_load(void **state)
{
    (void)state;
    char *folder = make_folder("endless.onnx", "tiny", "tiny");
    assert_load_fails(folder, IMI_E_MODEL_LOAD, "finite");
    remove_model_folder(folder);
}

static void more_extractors_than_a_template_holds_are_refused(void **state)
{
    (void)state;
    char *folder = make_model_folder();
    char digest[IMI_SHA256_HEX_SIZE];
    add_network(folder, "tiny.onnx", digest);
    add_file(folder, "tiny.md", imi_view_of_text("# A card\n"));
    char json[4096] = "{\"format\":1,\"models\":[";
    char *entry = replaced(ENTRY, "DIGEST", digest);
    for (int i = 0; i < 3; i++) {
        char id[32];
        snprintf(id, sizeof id, "\"id\":\"tiny%d\"", i);
        char *one = replaced(entry, "\"id\":\"tiny\"", id);
        size_t length = strlen(json);
        snprintf(json + length, sizeof json - length, "%s%s", one, i < 2 ? "," : "]}");
        imi_free(one);
    }
    imi_free(entry);
    add_file(folder, "models.local.json", imi_view_of_text(json));
    assert_load_fails(folder, IMI_E_MANIFEST, "tiny2");
    remove_model_folder(folder);
}

static void a_refused_overlay_leaves_nothing_behind(void **state)
{
    (void)state;
    char *folder = make_folder("tiny.onnx", "[1,8]}],\"template_length\":8",
                               "[1,16]}],\"template_length\":16");
    int64_t before = imi_alloc_live_blocks();
    assert_load_fails(folder, IMI_E_MODEL_LOAD, "tiny");
    assert_int_equal(imi_alloc_live_blocks(), before);
    remove_model_folder(folder);
}

int main(void)
{
    imi_log_set_level(IMI_LOG_WARNING);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_local_extractor_joins_the_shipped_ones),
        cmocka_unit_test(a_local_extractor_makes_the_vector_that_its_entry_describes),
        cmocka_unit_test(other_pre_processing_gives_another_model_id),
        cmocka_unit_test(an_extractor_of_a_shipped_id_replaces_it_in_its_place),
        cmocka_unit_test(shipped_extractors_can_be_left_out),
        cmocka_unit_test(without_may_name_extractors_only),
        cmocka_unit_test(a_file_that_is_no_overlay_is_refused),
        cmocka_unit_test(an_error_in_a_later_entry_changes_nothing),
        cmocka_unit_test(no_extractor_at_all_is_refused),
        cmocka_unit_test(only_extractors_can_be_brought),
        cmocka_unit_test(an_id_too_long_for_a_model_name_is_refused),
        cmocka_unit_test(a_card_must_be_named),
        cmocka_unit_test(a_card_must_be_there_and_say_something),
        cmocka_unit_test(a_file_of_another_digest_is_refused),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(an_output_of_another_length_is_refused_at_load),
        cmocka_unit_test(an_output_that_the_network_has_not_is_refused_at_load),
        cmocka_unit_test(a_network_whose_values_are_not_finite_is_refused_at_load),
        cmocka_unit_test(more_extractors_than_a_template_holds_are_refused),
        cmocka_unit_test(a_refused_overlay_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
