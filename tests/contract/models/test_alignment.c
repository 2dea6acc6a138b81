/* Where a face comes to lie in the chip, for each kind of alignment. */
#include "support.h"

#include "alignment.h"
#include "geometry.h"

#include <math.h>

static imi_model_spec spec_of(imi_alignment_kind kind, uint32_t width, uint32_t height,
                              float margin)
{
    return (imi_model_spec){.id = "net",
                            .role = IMI_MODEL_EXTRACTOR,
                            .input = {.width = width, .height = height},
                            .alignment = {kind, margin}};
}

/* The mesh of a real face, through a map. */
static void mesh_of_face(imi_model_set *models, imi_landmarks *out)
{
    IMI_AUTO(imi_image) image = load_still("franck_02159.jpg");
    find_mesh(models, image, out);
}

static imi_affine map_of(const imi_model_spec *spec, const imi_landmarks *mesh)
{
    imi_error err = IMI_ERROR_INIT;
    imi_affine map;
    assert_ok(imi_alignment_map(spec, mesh, &map, &err), &err);
    return map;
}

static imi_point place(const imi_affine *map, const imi_landmarks *mesh, uint16_t index)
{
    return imi_affine_apply(map, imi_mesh_point(mesh, index));
}

static void assert_close(float value, float wanted, float tolerance)
{
    assert_true(fabsf(value - wanted) <= tolerance);
}

static void arcface5_puts_the_nose_where_the_template_has_it(void **state)
{
    imi_landmarks mesh;
    mesh_of_face(*state, &mesh);
    imi_model_spec spec = spec_of(IMI_ALIGN_ARCFACE5, 112, 112, 0);
    imi_affine map = map_of(&spec, &mesh);
    imi_point nose = place(&map, &mesh, IMI_MESH_NOSE_TIP);
    assert_close(nose.x, 56, 6);
    assert_close(nose.y, 72, 6);
}

static void arcface5_scales_with_the_chip(void **state)
{
    imi_landmarks mesh;
    mesh_of_face(*state, &mesh);
    imi_model_spec small = spec_of(IMI_ALIGN_ARCFACE5, 112, 112, 0);
    imi_model_spec large = spec_of(IMI_ALIGN_ARCFACE5, 224, 224, 0);
    imi_affine at_small = map_of(&small, &mesh);
    imi_affine at_large = map_of(&large, &mesh);
    imi_point a = place(&at_small, &mesh, IMI_MESH_CHIN);
    imi_point b = place(&at_large, &mesh, IMI_MESH_CHIN);
    assert_close(b.x, 2 * a.x + 0.5F, 1e-2F);
    assert_close(b.y, 2 * a.y + 0.5F, 1e-2F);
}

static void arcface5_stays_in_the_middle_of_a_narrow_chip(void **state)
{
    imi_landmarks mesh;
    mesh_of_face(*state, &mesh);
    imi_model_spec square = spec_of(IMI_ALIGN_ARCFACE5, 112, 112, 0);
    imi_model_spec narrow = spec_of(IMI_ALIGN_ARCFACE5, 96, 112, 0);
    imi_affine at_square = map_of(&square, &mesh);
    imi_affine at_narrow = map_of(&narrow, &mesh);
    imi_point a = place(&at_square, &mesh, IMI_MESH_NOSE_TIP);
    imi_point b = place(&at_narrow, &mesh, IMI_MESH_NOSE_TIP);
    assert_close(b.x, a.x - 8, 1e-2F);
    assert_close(b.y, a.y, 1e-2F);
}

static void dlib_padding_makes_the_face_smaller(void **state)
{
    imi_landmarks mesh;
    mesh_of_face(*state, &mesh);
    imi_model_spec tight = spec_of(IMI_ALIGN_DLIB_CHIP, 150, 150, 0);
    imi_model_spec wide = spec_of(IMI_ALIGN_DLIB_CHIP, 150, 150, 0.5F);
    imi_affine at_tight = map_of(&tight, &mesh);
    imi_affine at_wide = map_of(&wide, &mesh);
    assert_true(hypotf(at_wide.a, at_wide.d) < hypotf(at_tight.a, at_tight.d));
}

/* The extent of the mesh in the chip. */
static void extent(const imi_affine *map, const imi_landmarks *mesh, imi_point *low,
                   imi_point *high)
{
    *low = (imi_point){INFINITY, INFINITY};
    *high = (imi_point){-INFINITY, -INFINITY};
    for (uint16_t i = 0; i < IMI_MESH_POINTS; i++) {
        imi_point at = place(map, mesh, i);
        *low = (imi_point){fminf(low->x, at.x), fminf(low->y, at.y)};
        *high = (imi_point){fmaxf(high->x, at.x), fmaxf(high->y, at.y)};
    }
}

static void a_crop_holds_the_whole_mesh_with_its_margin(void **state)
{
    imi_landmarks mesh;
    mesh_of_face(*state, &mesh);
    imi_model_spec spec = spec_of(IMI_ALIGN_CROP, 224, 160, 0.25F);
    imi_affine map = map_of(&spec, &mesh);
    imi_point low;
    imi_point high;
    extent(&map, &mesh, &low, &high);
    /* The mesh is higher than wide, so the chip's height decides: 160 / 1.5. */
    assert_close(high.y - low.y, 160 / 1.5F, 0.1F);
    assert_close((low.x + high.x) / 2, 111.5F, 0.1F);
    assert_close((low.y + high.y) / 2, 79.5F, 0.1F);
}

static void a_crop_has_the_eyes_level_however_the_head_is_turned(void **state)
{
    imi_landmarks mesh;
    mesh_of_face(*state, &mesh);
    imi_model_spec spec = spec_of(IMI_ALIGN_CROP, 224, 224, 0);
    for (size_t i = 0; i < IMI_MESH_POINTS; i++) {
        imi_point3 p = mesh.points[i];
        mesh.points[i] = (imi_point3){0.8F * p.x - 0.6F * p.y, 0.6F * p.x + 0.8F * p.y, p.z};
    }
    imi_affine map = map_of(&spec, &mesh);
    imi_point right = place(&map, &mesh, IMI_MESH_RIGHT_EYE_OUTER);
    imi_point left = place(&map, &mesh, IMI_MESH_LEFT_EYE_OUTER);
    assert_close(left.y, right.y, 1e-2F);
    assert_true(left.x > right.x);
    assert_true(place(&map, &mesh, IMI_MESH_CHIN).y > right.y);
}

static void a_mesh_without_extent_gives_no_map(void **state)
{
    (void)state;
    imi_landmarks none = {.presence = 1};
    for (int kind = IMI_ALIGN_ARCFACE5; kind <= IMI_ALIGN_CROP; kind++) {
        imi_model_spec spec = spec_of((imi_alignment_kind)kind, 112, 112, 0.1F);
        imi_affine map = {1, 1, 1, 1, 1, 1};
        imi_error err = IMI_ERROR_INIT;
        assert_true(imi_alignment_map(&spec, &none, &map, &err) != IMI_OK);
        assert_true(map.a == 0 && map.e == 0);
    }
}

static void one_point_that_is_not_a_number_gives_no_crop(void **state)
{
    imi_landmarks mesh;
    mesh_of_face(*state, &mesh);
    mesh.points[100].x = NAN;
    imi_model_spec spec = spec_of(IMI_ALIGN_CROP, 112, 112, 0.1F);
    imi_affine map;
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(imi_alignment_map(&spec, &mesh, &map, &err), IMI_E_INVALID_ARGUMENT);
    assert_true(map.a == 0);
}

static void a_kind_that_is_none_is_refused(void **state)
{
    imi_landmarks mesh;
    mesh_of_face(*state, &mesh);
    imi_model_spec spec = spec_of((imi_alignment_kind)0, 112, 112, 0);
    imi_affine map;
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(imi_alignment_map(&spec, &mesh, &map, &err), IMI_E_MANIFEST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arcface5_puts_the_nose_where_the_template_has_it),
        cmocka_unit_test(arcface5_scales_with_the_chip),
        cmocka_unit_test(arcface5_stays_in_the_middle_of_a_narrow_chip),
        cmocka_unit_test(dlib_padding_makes_the_face_smaller),
        cmocka_unit_test(a_crop_holds_the_whole_mesh_with_its_margin),
        cmocka_unit_test(a_crop_has_the_eyes_level_however_the_head_is_turned),
        cmocka_unit_test(a_mesh_without_extent_gives_no_map),
        cmocka_unit_test(one_point_that_is_not_a_number_gives_no_crop),
        cmocka_unit_test(a_kind_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, load_models, unload_models);
}
