/* The mesh lies where a face's parts are, however the picture is turned. */
#include "support.h"

#include <math.h>

static float eye_line(const imi_landmarks *mesh)
{
    imi_point3 right = mesh->points[IMI_MESH_RIGHT_EYE_OUTER];
    imi_point3 left = mesh->points[IMI_MESH_LEFT_EYE_OUTER];
    return atan2f(left.y - right.y, left.x - right.x);
}

static float eye_distance(const imi_landmarks *mesh)
{
    imi_point3 right = mesh->points[IMI_MESH_RIGHT_EYE_OUTER];
    imi_point3 left = mesh->points[IMI_MESH_LEFT_EYE_OUTER];
    return hypotf(left.x - right.x, left.y - right.y);
}

static void parts_of_a_face_are_in_order(void **state)
{
    imi_model_set *models = *state;
    IMI_AUTO(imi_image) image = load_still("franck_02159.jpg");
    imi_landmarks mesh;
    find_mesh(models, image, &mesh);
    const imi_point3 *p = mesh.points;
    assert_true(mesh.presence > 0.9F && mesh.presence <= 1);
    assert_true(p[IMI_MESH_RIGHT_EYE_OUTER].x < p[IMI_MESH_RIGHT_EYE_INNER].x);
    assert_true(p[IMI_MESH_RIGHT_EYE_INNER].x < p[IMI_MESH_LEFT_EYE_INNER].x);
    assert_true(p[IMI_MESH_LEFT_EYE_INNER].x < p[IMI_MESH_LEFT_EYE_OUTER].x);
    assert_true(p[IMI_MESH_FOREHEAD_TOP].y < p[IMI_MESH_RIGHT_EYE_OUTER].y);
    assert_true(p[IMI_MESH_RIGHT_EYE_OUTER].y < p[IMI_MESH_NOSE_TIP].y);
    assert_true(p[IMI_MESH_NOSE_TIP].y < p[IMI_MESH_UPPER_LIP_INNER].y);
    assert_true(p[IMI_MESH_LOWER_LIP_INNER].y < p[IMI_MESH_CHIN].y);
    assert_true(p[IMI_MESH_RIGHT_MOUTH].x < p[IMI_MESH_LEFT_MOUTH].x);
}

static void the_nose_is_nearer_than_the_cheeks(void **state)
{
    imi_model_set *models = *state;
    IMI_AUTO(imi_image) image = load_still("franck_02159.jpg");
    imi_landmarks mesh;
    find_mesh(models, image, &mesh);
    assert_true(mesh.points[IMI_MESH_NOSE_TIP].z < mesh.points[IMI_MESH_RIGHT_CHEEK_EDGE].z);
    assert_true(mesh.points[IMI_MESH_NOSE_TIP].z < mesh.points[IMI_MESH_LEFT_CHEEK_EDGE].z);
}

static imi_image *turned(const imi_image *image, float by_rad)
{
    float c = cosf(by_rad);
    float s = sinf(by_rad);
    float x = (float)image->width / 2;
    float y = (float)image->height / 2;
    imi_affine map = {c, -s, x - c * x + s * y, s, c, y - s * x - c * y};
    return warped(image, &map, image->width, image->height);
}

static void a_tilted_head_is_followed(void **state)
{
    imi_model_set *models = *state;
    IMI_AUTO(imi_image) image = load_still("franck_02159.jpg");
    imi_landmarks upright;
    find_mesh(models, image, &upright);
    for (int degrees = -30; degrees <= 30; degrees += 15) {
        float angle = (float)degrees * 0.0174533F;
        IMI_AUTO(imi_image) tilted = turned(image, angle);
        imi_landmarks mesh;
        find_mesh(models, tilted, &mesh);
        assert_true(mesh.presence > 0.9F);
        assert_true(fabsf(eye_line(&mesh) - eye_line(&upright) - angle) < 0.06F);
        assert_true(fabsf(eye_distance(&mesh) / eye_distance(&upright) - 1) < 0.06F);
    }
}

static void a_rough_box_gives_the_same_mesh(void **state)
{
    imi_model_set *models = *state;
    IMI_AUTO(imi_image) image = load_still("franck_02888.jpg");
    imi_face_box box = find_face(models, image);
    imi_landmarks exact;
    imi_landmarks rough;
    imi_error err = IMI_ERROR_INIT;
    assert_ok(models->landmarker->locate(models->landmarker, image, &box, &exact, &err), &err);
    imi_face_box shifted = {box.left + 0.15F * box.width, box.top - 0.1F * box.height,
                            0.8F * box.width, 0.8F * box.height, 1};
    assert_ok(models->landmarker->locate(models->landmarker, image, &shifted, &rough, &err), &err);
    float limit = 0.06F * eye_distance(&exact);
    for (size_t i = 0; i < IMI_MESH_POINTS; i++) {
        assert_true(hypotf(exact.points[i].x - rough.points[i].x,
                           exact.points[i].y - rough.points[i].y) < limit);
    }
}

static void a_place_without_face_has_low_presence(void **state)
{
    imi_model_set *models = *state;
    IMI_AUTO(imi_image) image = plain_image(300, 300, 90);
    imi_face_box box = {100, 100, 100, 100, 1};
    imi_landmarks mesh;
    imi_error err = IMI_ERROR_INIT;
    assert_ok(models->landmarker->locate(models->landmarker, image, &box, &mesh, &err), &err);
    assert_true(mesh.presence < 0.2F);
}

static void a_box_outside_the_image_is_no_error(void **state)
{
    imi_model_set *models = *state;
    IMI_AUTO(imi_image) image = plain_image(300, 300, 90);
    imi_face_box box = {-5000, 8000, 120, 120, 1};
    imi_landmarks mesh;
    imi_error err = IMI_ERROR_INIT;
    assert_ok(models->landmarker->locate(models->landmarker, image, &box, &mesh, &err), &err);
    assert_true(mesh.presence < 0.2F);
}

static void assert_box_refused(imi_model_set *models, imi_face_box box)
{
    IMI_AUTO(imi_image) image = plain_image(64, 64, 90);
    imi_landmarks mesh = {.presence = 1};
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(models->landmarker->locate(models->landmarker, image, &box, &mesh, &err),
                     IMI_E_INVALID_ARGUMENT);
    assert_true(mesh.presence == 0);
}

static void a_box_without_size_is_refused(void **state)
{
    assert_box_refused(*state, (imi_face_box){0, 0, 0, 0, 1});
    assert_box_refused(*state, (imi_face_box){0, 0, -5, 10, 1});
}

static void a_box_that_is_not_a_number_is_refused(void **state)
{
    assert_box_refused(*state, (imi_face_box){NAN, 0, 10, 10, 1});
    assert_box_refused(*state, (imi_face_box){0, 0, INFINITY, 10, 1});
    assert_box_refused(*state, (imi_face_box){0, 0, NAN, 10, 1});
}

static void an_empty_image_is_refused(void **state)
{
    imi_model_set *models = *state;
    imi_image empty = {.format = IMI_PIXEL_RGB8};
    imi_face_box box = {0, 0, 10, 10, 1};
    imi_landmarks mesh = {.presence = 1};
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(models->landmarker->locate(models->landmarker, &empty, &box, &mesh, &err),
                     IMI_E_IMAGE_EMPTY);
    assert_true(mesh.presence == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_a_face_are_in_order),
        cmocka_unit_test(the_nose_is_nearer_than_the_cheeks),
        cmocka_unit_test(a_tilted_head_is_followed),
        cmocka_unit_test(a_rough_box_gives_the_same_mesh),
        cmocka_unit_test(a_place_without_face_has_low_presence),
        cmocka_unit_test(a_box_outside_the_image_is_no_error),
        cmocka_unit_test(a_box_without_size_is_refused),
        cmocka_unit_test(a_box_that_is_not_a_number_is_refused),
        cmocka_unit_test(an_empty_image_is_refused),
    };
    return cmocka_run_group_tests(tests, load_models, unload_models);
}
