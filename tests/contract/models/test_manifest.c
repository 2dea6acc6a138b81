/* What a manifest may say, and that each thing it may not say is refused by name. */
#include "support.h"

#include "manifest.h"

#include <stdio.h>
#include <string.h>

static const char *const MODEL =
    "{\"id\":\"net\",\"role\":\"extractor\",\"required\":true,\"file\":\"net.onnx\","
    "\"sha256\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\","
    "\"input\":{\"width\":112,\"height\":96,\"layout\":\"NCHW\",\"colour\":\"BGR\","
    "\"mean\":[1,2,3],\"scale\":0.5,\"crop_scale\":2.7},"
    "\"alignment\":{\"kind\":\"crop\",\"margin\":0.2},"
    "\"outputs\":[{\"name\":\"out\",\"shape\":[1,128]}],\"template_length\":128}";

static imi_status parse(const char *json, imi_manifest *out, imi_error *err)
{
    return imi_manifest_parse(imi_view_of_text(json), out, err);
}

/* MODEL in a manifest, with the first occurrence of from replaced by to. */
static imi_status parse_changed(const char *from, const char *to, imi_manifest *out, imi_error *err)
{
    char json[2048];
    const char *at = strstr(MODEL, from);
    assert_non_null(at);
    snprintf(json, sizeof json, "{\"format\":1,\"models\":[%.*s%s%s]}", (int)(at - MODEL), MODEL,
             to, at + strlen(from));
    return parse(json, out, err);
}

static void assert_refused(const char *from, const char *to, const char *field)
{
    imi_error err = IMI_ERROR_INIT;
    imi_manifest manifest;
    assert_int_equal(parse_changed(from, to, &manifest, &err), IMI_E_MANIFEST);
    assert_non_null(strstr(err.message, field));
    assert_int_equal(manifest.count, 0);
}

static void reads_every_field_of_a_model(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    imi_manifest manifest;
    assert_ok(parse_changed("net.onnx", "net.onnx", &manifest, &err), &err);
    const imi_model_spec *spec = &manifest.models[0];
    assert_int_equal(manifest.count, 1);
    assert_string_equal(spec->id, "net");
    assert_int_equal(spec->role, IMI_MODEL_EXTRACTOR);
    assert_true(spec->required);
    assert_false(spec->builtin);
    assert_string_equal(spec->file, "net.onnx");
    assert_int_equal(spec->input.width, 112);
    assert_int_equal(spec->input.height, 96);
    assert_true(spec->input.bgr);
    assert_true(spec->input.mean[2] == 3.0F);
    assert_true(spec->input.scale[0] == 0.5F && spec->input.scale[2] == 0.5F);
    assert_int_equal(spec->alignment.kind, IMI_ALIGN_CROP);
    assert_true(spec->alignment.margin == 0.2F);
    assert_false(spec->local);
    assert_true(spec->input.crop_scale == 2.7F);
    assert_string_equal(spec->outputs[0].name, "out");
    assert_int_equal(spec->outputs[0].count, 128);
    assert_int_equal(spec->template_length, 128);
}

static void the_shipped_manifest_is_valid(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    imi_manifest manifest;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    assert_ok(imi_file_read(MODELS_FOLDER "/manifest.json", 1U << 20, &file, &err), &err);
    assert_ok(imi_manifest_parse(imi_buffer_view(&file), &manifest, &err), &err);
    assert_int_equal(manifest.count, 7);
}

static void a_scale_may_differ_by_channel(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    imi_manifest manifest;
    assert_ok(parse_changed("\"scale\":0.5", "\"scale\":[0.1,0.2,0.3]", &manifest, &err), &err);
    assert_true(manifest.models[0].input.scale[0] == 0.1F);
    assert_true(manifest.models[0].input.scale[2] == 0.3F);
}

static void text_that_is_not_json_is_refused_with_its_line(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    imi_manifest manifest;
    assert_int_equal(parse("{\n\"format\": 1,\n oops", &manifest, &err), IMI_E_MANIFEST);
    assert_non_null(strstr(err.message, "line 3"));
}

static void another_format_is_refused(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    imi_manifest manifest;
    assert_int_equal(parse("{\"format\":2,\"models\":[]}", &manifest, &err), IMI_E_MANIFEST);
    assert_non_null(strstr(err.message, "format"));
}

static void an_empty_list_of_models_is_refused(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    imi_manifest manifest;
    assert_int_equal(parse("{\"format\":1,\"models\":[]}", &manifest, &err), IMI_E_MANIFEST);
}

static void a_field_given_twice_is_refused(void **state)
{
    (void)state;
    assert_refused("\"required\":true", "\"required\":true,\"required\":false", "duplicate");
}

static void an_id_that_is_empty_or_odd_is_refused(void **state)
{
    (void)state;
    assert_refused("\"id\":\"net\"", "\"id\":\"\"", "id");
    assert_refused("\"id\":\"net\"", "\"id\":\"a net\"", "id");
    assert_refused("\"id\":\"net\"", "\"id\":\"net@1\"", "id");
}

static void an_unknown_role_is_refused(void **state)
{
    (void)state;
    assert_refused("\"extractor\"", "\"oracle\"", "role");
}

static void required_must_be_said(void **state)
{
    (void)state;
    assert_refused("\"required\":true", "\"required\":\"yes\"", "required");
}

static void a_file_in_another_folder_is_refused(void **state)
{
    (void)state;
    assert_refused("net.onnx", "../net.onnx", "file");
    assert_refused("net.onnx", "a/net.onnx", "file");
    assert_refused("net.onnx", ".hidden", "file");
}

static void a_digest_that_is_not_hexadecimal_is_refused(void **state)
{
    (void)state;
    assert_refused("\"0123", "\"x123", "sha256");
    assert_refused("\"0123", "\"123", "sha256");
    assert_refused("\"0123", "\"00123", "sha256");
}

static void sizes_out_of_range_are_refused(void **state)
{
    (void)state;
    assert_refused("\"width\":112", "\"width\":0", "width");
    assert_refused("\"height\":96", "\"height\":1e9", "height");
    assert_refused("\"height\":96", "\"height\":4096", "height");
}

static void an_unknown_colour_or_layout_is_refused(void **state)
{
    (void)state;
    assert_refused("\"BGR\"", "\"YUV\"", "colour");
    assert_refused("\"NCHW\"", "\"NHWC\"", "layout");
}

static void a_mean_or_scale_that_cannot_be_is_refused(void **state)
{
    (void)state;
    assert_refused("[1,2,3]", "[1,2]", "mean");
    assert_refused("[1,2,3]", "[1,2,300]", "mean");
    assert_refused("\"scale\":0.5", "\"scale\":0", "scale");
    assert_refused("\"scale\":0.5", "\"scale\":[0.5,0.5]", "scale");
    assert_refused("\"scale\":0.5", "\"scale\":[0.5,0.5,2]", "scale");
    assert_refused("\"crop_scale\":2.7", "\"crop_scale\":-1", "crop_scale");
}

static void outputs_that_would_overflow_are_refused(void **state)
{
    (void)state;
    assert_refused("[1,128]", "[65536,65536]", "shape");
    assert_refused("[1,128]", "[]", "shape");
    assert_refused("[{\"name\":\"out\",\"shape\":[1,128]}]", "[]", "outputs");
}

static void a_template_length_other_than_the_output_is_refused(void **state)
{
    (void)state;
    assert_refused("\"template_length\":128", "\"template_length\":127", "template_length");
    assert_refused("\"template_length\":128", "\"template_length\":0", "template_length");
}

static void a_template_longer_than_the_engine_takes_is_refused(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    imi_manifest manifest;
    assert_int_equal(parse_changed("[1,128]}],\"template_length\":128}",
                                   "[1,1024]}],\"template_length\":1024}", &manifest, &err),
                     IMI_E_MANIFEST);
    assert_non_null(strstr(err.message, "512"));
}

static void an_extractor_with_two_outputs_is_refused(void **state)
{
    (void)state;
    assert_refused("\"outputs\":[", "\"outputs\":[{\"name\":\"a\",\"shape\":[1,128]},",
                   "template_length");
}

static void an_extractor_that_is_built_in_is_refused(void **state)
{
    (void)state;
    assert_refused("\"required\":true", "\"required\":true,\"builtin\":\"lib\"", "builtin");
}

static void an_unknown_alignment_is_refused(void **state)
{
    (void)state;
    assert_refused("\"crop\"", "\"arcface\"", "arcface5, dlib_chip or crop");
    assert_refused("\"alignment\":{\"kind\":\"crop\",\"margin\":0.2},", "", "alignment");
    assert_refused("{\"kind\":\"crop\",\"margin\":0.2}", "\"crop\"", "alignment");
}

static void an_alignment_lacking_its_margin_is_refused(void **state)
{
    (void)state;
    assert_refused(",\"margin\":0.2", "", "margin");
    assert_refused("\"margin\":0.2", "\"margin\":-0.1", "margin");
    assert_refused("\"margin\":0.2", "\"margin\":2.5", "margin");
    assert_refused("\"margin\":0.2", "\"margin\":\"wide\"", "margin");
    assert_refused("\"crop\",\"margin\":0.2", "\"dlib_chip\",\"margin\":0.2", "padding");
}

static void a_field_that_the_alignment_has_not_is_refused(void **state)
{
    (void)state;
    assert_refused("\"margin\":0.2", "\"margin\":0.2,\"padding\":0.2", "alignment");
    assert_refused("\"crop\",\"margin\":0.2", "\"arcface5\",\"margin\":0.2", "alignment");
}

static void a_dlib_chip_must_be_square(void **state)
{
    (void)state;
    assert_refused("\"crop\",\"margin\":0.2", "\"dlib_chip\",\"padding\":0.2", "square");
}

static void a_chip_in_which_no_face_can_be_told_is_refused(void **state)
{
    (void)state;
    assert_refused("\"height\":96", "\"height\":31", "32");
    assert_refused("\"width\":112", "\"width\":16", "32");
}

static void the_same_id_twice_is_refused(void **state)
{
    (void)state;
    char json[2048];
    snprintf(json, sizeof json, "{\"format\":1,\"models\":[%s,%s]}", MODEL, MODEL);
    imi_error err = IMI_ERROR_INIT;
    imi_manifest manifest;
    assert_int_equal(parse(json, &manifest, &err), IMI_E_MANIFEST);
    assert_non_null(strstr(err.message, "unique"));
}

static void a_digest_that_fits_is_accepted_and_another_refused(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    imi_model_spec spec = {.file = "abc"};
    /* FIPS 180-2, appendix B.1 */
    imi_copy_text(spec.sha256, sizeof spec.sha256,
                  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_ok(imi_manifest_check_digest(&spec, imi_view_of_text("abc"), &err), &err);
    assert_int_equal(imi_manifest_check_digest(&spec, imi_view_of_text("abd"), &err),
                     IMI_E_MODEL_DIGEST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_field_of_a_model),
        cmocka_unit_test(the_shipped_manifest_is_valid),
        cmocka_unit_test(a_scale_may_differ_by_channel),
        cmocka_unit_test(text_that_is_not_json_is_refused_with_its_line),
        cmocka_unit_test(another_format_is_refused),
        cmocka_unit_test(an_empty_list_of_models_is_refused),
        cmocka_unit_test(a_field_given_twice_is_refused),
        cmocka_unit_test(an_id_that_is_empty_or_odd_is_refused),
        cmocka_unit_test(an_unknown_role_is_refused),
        cmocka_unit_test(required_must_be_said),
        cmocka_unit_test(a_file_in_another_folder_is_refused),
        cmocka_unit_test(a_digest_that_is_not_hexadecimal_is_refused),
        cmocka_unit_test(sizes_out_of_range_are_refused),
        cmocka_unit_test(an_unknown_colour_or_layout_is_refused),
        cmocka_unit_test(a_mean_or_scale_that_cannot_be_is_refused),
        cmocka_unit_test(outputs_that_would_overflow_are_refused),
        cmocka_unit_test(a_template_length_other_than_the_output_is_refused),
        cmocka_unit_test(a_template_longer_than_the_engine_takes_is_refused),
        cmocka_unit_test(an_extractor_with_two_outputs_is_refused),
        cmocka_unit_test(an_extractor_that_is_built_in_is_refused),
        cmocka_unit_test(an_unknown_alignment_is_refused),
        cmocka_unit_test(an_alignment_lacking_its_margin_is_refused),
        cmocka_unit_test(a_field_that_the_alignment_has_not_is_refused),
        cmocka_unit_test(a_dlib_chip_must_be_square),
        cmocka_unit_test(a_chip_in_which_no_face_can_be_told_is_refused),
        cmocka_unit_test(the_same_id_twice_is_refused),
        cmocka_unit_test(a_digest_that_fits_is_accepted_and_another_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
