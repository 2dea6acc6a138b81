/*
 * Whole photos of drawn cards through the real models: what is found, and which reasons.
 *
 * usage: test_document_photos [PATTERN], where only tests whose name matches run.
 */
#include "drawn_card.h"

#include "imi_models/document.h"
#include "imi_models/models.h"

#include <stdio.h>

#define TD3_1 "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
#define TD3_2 "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
#define TD1_1 "I<UTOD231458907<<<<<<<<<<<<<<<"
#define TD1_2 "7408122F1204159UTO<<<<<<<<<<<6"
#define TD1_3 "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"

static const imi_calendar_day today = {2010, 1, 1};

/* Everything that reading needs, loaded once. */
typedef struct bench {
    imi_model_set models;
    imi_engine *engine;
    imi_text_reader *reader;
    imi_card_finder *finder;
    imi_image *face; /* a portrait from a still */
} bench;

static imi_image *load_face(bench *b)
{
    static const imi_jpeg_limits limits = IMI_JPEG_LIMITS_PHOTO;
    imi_error error = IMI_ERROR_INIT;
    imi_buffer file = IMI_BUFFER_INIT;
    imi_image *still = NULL;
    assert_ok(imi_file_read(MEDIA_FOLDER "/franck_02159.jpg", 16U << 20, &file, &error), &error);
    assert_ok(imi_jpeg_decode(imi_buffer_view(&file), &limits, &still, &error), &error);
    imi_buffer_clean_up(&file);
    imi_face face;
    assert_ok(imi_engine_analyse(b->engine, still, IMI_CAPTURE_PORTRAIT, &face, &error), &error);
    imi_affine map = {.a = 200 / face.box.width, .e = 200 / face.box.width};
    map.c = 170 - map.a * (face.box.left + face.box.width / 2);
    map.f = 210 - map.e * (face.box.top + face.box.height / 2);
    imi_image *portrait = NULL;
    assert_ok(imi_image_new(340, 420, IMI_PIXEL_RGB8, &portrait, &error), &error);
    assert_ok(imi_image_warp(still, &map, portrait, &error), &error);
    imi_image_destroy(&still);
    return portrait;
}

static int set_up(void **state)
{
    imi_error error = IMI_ERROR_INIT;
    bench *b = imi_alloc(sizeof *b);
    assert_non_null(b);
    assert_ok(imi_model_set_load(MODELS_FOLDER, &b->models, &error), &error);
    imi_engine_parts parts = imi_model_set_parts(&b->models);
    assert_ok(imi_engine_new(&parts, &b->engine, &error), &error);
    assert_ok(imi_document_reader_new(&b->reader, &error), &error);
    assert_ok(imi_card_finder_new(&b->finder, &error), &error);
    b->face = load_face(b);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    bench *b = *state;
    imi_image_destroy(&b->face);
    b->finder->destroy(b->finder);
    b->reader->destroy(b->reader);
    imi_engine_destroy(&b->engine);
    imi_model_set_clean_up(&b->models);
    imi_free(b);
    return 0;
}

static imi_document read_photo(const bench *b, const imi_image *photo,
                               const imi_document_claims *claims)
{
    const imi_document_parts parts = {b->engine, b->reader, b->finder};
    imi_error error = IMI_ERROR_INIT;
    imi_document document;
    assert_ok(imi_document_read(&parts, photo, claims, today, &document, NULL, &error), &error);
    return document;
}

/* The card on a table, as a phone's photo. */
static imi_image *photo_of(const card_print *print, float degrees)
{
    imi_image *card = draw_card(print);
    imi_image *table = lay_on_table(card, degrees, 1300, 1000);
    imi_image *photo = through_jpeg(table, 85);
    imi_image_destroy(&card);
    imi_image_destroy(&table);
    return photo;
}

static imi_document read_card(const bench *b, const card_print *print, float degrees)
{
    imi_image *photo = photo_of(print, degrees);
    imi_document document = read_photo(b, photo, NULL);
    imi_image_destroy(&photo);
    return document;
}

static void assert_reasons(const imi_document *document, uint32_t wanted)
{
    for (int i = 0; i < IMI_DOCUMENT_REASON_COUNT; i++) {
        if ((document->reasons >> i & 1U) != (wanted >> i & 1U)) {
            print_error("%s: %s\n", imi_document_reason_name((imi_document_reason)i),
                        (wanted >> i & 1U) != 0 ? "missing" : "not expected");
        }
    }
    assert_int_equal(document->reasons, wanted);
}

static void good_passport_is_accepted(void **state)
{
    const bench *b = *state;
    const card_print print = {.zone = {TD3_1, TD3_2}, .portrait = b->face};
    imi_document document = read_card(b, &print, 0);
    assert_reasons(&document, 0);
    assert_true(imi_document_is_accepted(&document));
    assert_int_equal(document.kind, IMI_DOCUMENT_PASSPORT);
    assert_true(document.outline_found);
    assert_true(document.portrait_found);
    assert_int_equal(document.portrait_reason, IMI_CAPTURE_OK);
    assert_string_equal(document.fields[IMI_FIELD_DOCUMENT_NUMBER].text, "L898902C3");
    assert_int_equal(document.mrz.correction_count, 0);
}

static void passport_held_aslant_is_accepted(void **state)
{
    const bench *b = *state;
    const card_print print = {.zone = {TD3_1, TD3_2}, .portrait = b->face};
    static const float tilts[] = {-14, 9};
    for (size_t i = 0; i < 2; i++) {
        imi_document document = read_card(b, &print, tilts[i]);
        assert_true(imi_document_is_accepted(&document));
    }
}

static void passport_upside_down_and_on_its_side_is_accepted(void **state)
{
    const bench *b = *state;
    const card_print print = {.zone = {TD3_1, TD3_2}, .portrait = b->face};
    static const float turns[] = {180, 90, -90};
    for (size_t i = 0; i < 3; i++) {
        imi_image *card = draw_card(&print);
        imi_image *photo = lay_on_table(card, turns[i], 1250, 1250);
        imi_document document = read_photo(b, photo, NULL);
        assert_true(imi_document_is_accepted(&document));
        imi_image_destroy(&card);
        imi_image_destroy(&photo);
    }
}

static void view_holds_the_portrait(void **state)
{
    const bench *b = *state;
    const card_print print = {.zone = {TD3_1, TD3_2}, .portrait = b->face};
    const imi_document_parts parts = {b->engine, b->reader, b->finder};
    imi_image *photo = photo_of(&print, 180);
    imi_image *view = NULL;
    imi_document document;
    imi_error error = IMI_ERROR_INIT;
    assert_ok(imi_document_read(&parts, photo, NULL, today, &document, &view, &error), &error);
    imi_face face;
    assert_ok(imi_engine_analyse(b->engine, view, IMI_CAPTURE_PORTRAIT, &face, &error), &error);
    assert_true(face.box.left < document.portrait.left + document.portrait.width);
    assert_true(document.portrait.left < face.box.left + face.box.width);
    imi_image_destroy(&view);
    imi_image_destroy(&photo);
}

static void claims_are_compared(void **state)
{
    const bench *b = *state;
    const card_print print = {.zone = {TD3_1, TD3_2}, .portrait = b->face};
    imi_image *photo = photo_of(&print, 0);
    const imi_document_claims right = {"L898902C3", "ZE184226B", "1974-08-12",
                                       "Anna Maria Eriksson"};
    imi_document document = read_photo(b, photo, &right);
    assert_reasons(&document, 0);
    for (int i = 0; i < IMI_CLAIM_COUNT; i++) {
        assert_int_equal(document.matches[i], IMI_DATA_MATCH);
    }
    const imi_document_claims wrong = {.document_number = "L898902C8"};
    document = read_photo(b, photo, &wrong);
    assert_reasons(&document, 1U << IMI_DOCUMENT_DATA_DIFFERS);
    assert_false(imi_document_is_accepted(&document));
    imi_image_destroy(&photo);
}

static void wrong_check_digit_is_told(void **state)
{
    const bench *b = *state;
    const card_print print = {.zone = {TD3_1, "L898902C46UTO7408122F1204159ZE184226B<<<<<10"},
                              .portrait = b->face};
    imi_document document = read_card(b, &print, 0);
    assert_reasons(&document, 1U << IMI_DOCUMENT_CHECK_DIGIT_WRONG);
}

static void back_of_a_card_is_the_wrong_side(void **state)
{
    const bench *b = *state;
    const card_print print = {.zone = {TD1_1, TD1_2, TD1_3}};
    imi_document document = read_card(b, &print, 0);
    assert_reasons(&document, 1U << IMI_DOCUMENT_WRONG_SIDE);
}

static void passport_without_its_portrait_is_told(void **state)
{
    const bench *b = *state;
    const card_print print = {.zone = {TD3_1, TD3_2}};
    imi_document document = read_card(b, &print, 0);
    assert_reasons(&document, 1U << IMI_DOCUMENT_NO_PORTRAIT);
}

static void covered_zone_is_unreadable(void **state)
{
    const bench *b = *state;
    const card_print print = {.portrait = b->face};
    imi_document document = read_card(b, &print, 0);
    assert_reasons(&document, 1U << IMI_DOCUMENT_MRZ_UNREADABLE);
}

static void face_without_a_document_is_no_document(void **state)
{
    const bench *b = *state;
    imi_document document = read_photo(b, b->face, NULL);
    assert_true(imi_document_has(&document, IMI_DOCUMENT_NO_DOCUMENT));
    assert_false(imi_document_is_accepted(&document));
}

static void table_alone_is_no_document(void **state)
{
    const bench *b = *state;
    imi_image *table = paper(900, 700, false);
    imi_document document = read_photo(b, table, NULL);
    imi_image_destroy(&table);
    assert_true(imi_document_has(&document, IMI_DOCUMENT_NO_DOCUMENT));
}

static void light_on_the_portrait_is_glare(void **state)
{
    const bench *b = *state;
    const card_print print = {.zone = {TD3_1, TD3_2}, .portrait = b->face};
    imi_image *card = draw_card(&print);
    for (uint32_t y = 180; y < 260; y++) {
        uint8_t *row = card->pixels + y * card->stride_bytes;
        for (size_t i = (size_t)170 * 3; i < (size_t)230 * 3; i++) {
            row[i] = 255;
        }
    }
    imi_document document = read_photo(b, card, NULL);
    imi_image_destroy(&card);
    assert_true(imi_document_has(&document, IMI_DOCUMENT_GLARE) ||
                imi_document_has(&document, IMI_DOCUMENT_NO_PORTRAIT));
    assert_false(imi_document_is_accepted(&document));
}

static void grey_copy_is_hinted_at(void **state)
{
    const bench *b = *state;
    const card_print print = {.zone = {TD3_1, TD3_2}, .portrait = b->face};
    imi_image *card = draw_card(&print);
    for (size_t i = 0; i < card->stride_bytes * card->height; i += 3) {
        card->pixels[i] = card->pixels[i + 1];
        card->pixels[i + 2] = card->pixels[i + 1];
    }
    imi_document document = read_photo(b, card, NULL);
    imi_image_destroy(&card);
    assert_reasons(&document, 1U << IMI_DOCUMENT_COPY_OF_A_COPY);
    assert_true(imi_document_is_accepted(&document));
}

#ifdef IMI_HAVE_TESSERACT
static void resident_number_is_read_and_compared(void **state)
{
    const bench *b = *state;
    const card_print print = {.portrait = b->face, .number = "11010519491231002X"};
    imi_image *photo = photo_of(&print, 0);
    const imi_document_claims claims = {.id_number = "11010519491231002x",
                                        .birth_date = "1949-12-31"};
    imi_document document = read_photo(b, photo, &claims);
    imi_image_destroy(&photo);
    assert_reasons(&document, 0);
    assert_int_equal(document.kind, IMI_DOCUMENT_RESIDENT_CARD);
    assert_int_equal(document.matches[IMI_CLAIM_ID_NUMBER], IMI_DATA_MATCH);
    assert_int_equal(document.matches[IMI_CLAIM_BIRTH_DATE], IMI_DATA_MATCH);
}

static void wrong_resident_number_is_told(void **state)
{
    const bench *b = *state;
    const card_print print = {.portrait = b->face, .number = "110105194912310021"};
    imi_document document = read_card(b, &print, 0);
    assert_reasons(&document, 1U << IMI_DOCUMENT_CHECK_DIGIT_WRONG);
}
#endif

static void missing_parts_are_refused(void **state)
{
    const bench *b = *state;
    const imi_document_parts parts[] = {{NULL, b->reader, NULL}, {b->engine, NULL, NULL}};
    for (size_t i = 0; i < 2; i++) {
        imi_document document;
        assert_int_equal(imi_document_read(&parts[i], b->face, NULL, today, &document, NULL, NULL),
                         IMI_E_INVALID_ARGUMENT);
        assert_false(imi_document_is_accepted(&document));
    }
}

static void unknown_day_and_grey_images_are_refused(void **state)
{
    const bench *b = *state;
    const imi_document_parts parts = {b->engine, b->reader, b->finder};
    imi_document document;
    assert_int_equal(imi_document_read(&parts, b->face, NULL, (imi_calendar_day){0, 0, 0},
                                       &document, NULL, NULL),
                     IMI_E_INVALID_ARGUMENT);
    imi_image *grey = NULL;
    assert_int_equal(imi_image_to_grey(b->face, &grey, NULL), IMI_OK);
    assert_int_equal(imi_document_read(&parts, grey, NULL, today, &document, NULL, NULL),
                     IMI_E_INVALID_ARGUMENT);
    imi_image_destroy(&grey);
    assert_int_equal(imi_document_read(&parts, NULL, NULL, today, &document, NULL, NULL),
                     IMI_E_INVALID_ARGUMENT);
}

static imi_status refuse(imi_text_reader *self, const imi_image *image, imi_text_hint hint,
                         imi_text_line *lines, size_t capacity, size_t *count_out, imi_error *err)
{
    (void)self, (void)image, (void)hint, (void)lines, (void)capacity;
    *count_out = 0;
    IMI_FAIL(err, IMI_E_MODEL_RUN, "a reader that cannot run");
}

static void reader_that_cannot_run_is_an_error_and_accepts_nothing(void **state)
{
    const bench *b = *state;
    imi_text_reader broken = {.read = refuse};
    const imi_document_parts parts = {b->engine, &broken, b->finder};
    imi_document document;
    imi_image *view = NULL;
    assert_int_equal(imi_document_read(&parts, b->face, NULL, today, &document, &view, NULL),
                     IMI_E_MODEL_RUN);
    assert_null(view);
    assert_false(imi_document_is_accepted(&document));
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_passport_is_accepted),
        cmocka_unit_test(passport_held_aslant_is_accepted),
        cmocka_unit_test(passport_upside_down_and_on_its_side_is_accepted),
        cmocka_unit_test(view_holds_the_portrait),
        cmocka_unit_test(claims_are_compared),
        cmocka_unit_test(wrong_check_digit_is_told),
        cmocka_unit_test(back_of_a_card_is_the_wrong_side),
        cmocka_unit_test(passport_without_its_portrait_is_told),
        cmocka_unit_test(covered_zone_is_unreadable),
        cmocka_unit_test(face_without_a_document_is_no_document),
        cmocka_unit_test(table_alone_is_no_document),
        cmocka_unit_test(light_on_the_portrait_is_glare),
        cmocka_unit_test(grey_copy_is_hinted_at),
#ifdef IMI_HAVE_TESSERACT
        cmocka_unit_test(resident_number_is_read_and_compared),
        cmocka_unit_test(wrong_resident_number_is_told),
#endif
        cmocka_unit_test(missing_parts_are_refused),
        cmocka_unit_test(unknown_day_and_grey_images_are_refused),
        cmocka_unit_test(reader_that_cannot_run_is_an_error_and_accepts_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
