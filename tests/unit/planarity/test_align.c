/* Views of a face, their corners, and the same corners in another view. */
#include "align.h"
#include "stage.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static imi_face_view take(const stage_pose *pose)
{
    imi_landmarks mesh;
    stage_mesh(pose, &mesh);
    imi_image *image = stage_draw(pose, IMI_PIXEL_GREY8);
    imi_face_view view;
    assert_int_equal(imi_face_view_take(image, &mesh, &view, NULL), IMI_OK);
    imi_image_destroy(&image);
    imi_face_view_find_corners(&view);
    return view;
}

static void corners_lie_on_the_upper_face(void **state)
{
    (void)state;
    stage_pose pose = stage_at_rest(STAGE_HEAD);
    imi_face_view view = take(&pose);
    assert_in_range(view.corner_count, 40, IMI_VIEW_CORNERS);
    imi_point3 base = view.mesh.points[2];
    imi_point3 cheek = view.mesh.points[IMI_MESH_RIGHT_CHEEK_EDGE];
    imi_point lowest = imi_face_view_from_frame(&view, base.x, base.y);
    imi_point side = imi_face_view_from_frame(&view, cheek.x, cheek.y);
    for (uint32_t i = 0; i < view.corner_count; i++) {
        assert_true(view.corners[i].y < lowest.y);
        assert_true(view.corners[i].x > side.x);
    }
    imi_face_view_clean_up(&view);
}

/* Corners in a box about the middles of both eyes, in lengths of an eye: half the width, and from
 * one height to another. */
static unsigned count_about_eyes(const imi_face_view *view, float half, float nearest, float far)
{
    static const unsigned eyes[2][2] = {{IMI_MESH_RIGHT_EYE_OUTER, IMI_MESH_RIGHT_EYE_INNER},
                                        {IMI_MESH_LEFT_EYE_OUTER, IMI_MESH_LEFT_EYE_INNER}};
    unsigned count = 0;
    for (int e = 0; e < 2; e++) {
        imi_point3 outer = view->mesh.points[eyes[e][0]];
        imi_point3 inner = view->mesh.points[eyes[e][1]];
        imi_point from = imi_face_view_from_frame(view, outer.x, outer.y);
        imi_point to = imi_face_view_from_frame(view, inner.x, inner.y);
        float length = hypotf(to.x - from.x, to.y - from.y);
        for (uint32_t i = 0; i < view->corner_count; i++) {
            float aside = fabsf(view->corners[i].x - (from.x + to.x) / 2) / length;
            float away = fabsf(view->corners[i].y - (from.y + to.y) / 2) / length;
            count += aside < half && away >= nearest && away < far;
        }
    }
    return count;
}

static void no_corner_lies_between_lids_but_about_them(void **state)
{
    (void)state;
    stage_pose pose = stage_at_rest(STAGE_HEAD);
    imi_face_view view = take(&pose);
    assert_int_equal(count_about_eyes(&view, 0.33F, 0, 0.16F), 0);
    assert_true(count_about_eyes(&view, 0.33F, 0.3F, 0.6F) >= 4);
    imi_face_view_clean_up(&view);
}

static void a_blank_face_has_no_corners(void **state)
{
    (void)state;
    stage_pose pose = stage_at_rest(STAGE_HEAD);
    pose.blank = true;
    imi_face_view view = take(&pose);
    assert_non_null(view.block);
    assert_int_equal(view.corner_count, 0);
    imi_face_view_clean_up(&view);
}

static void colour_and_grey_give_the_same_view(void **state)
{
    (void)state;
    stage_pose pose = stage_at_rest(STAGE_HEAD);
    imi_face_view grey = take(&pose);
    imi_image *image = stage_draw(&pose, IMI_PIXEL_RGB8);
    imi_face_view colour;
    assert_int_equal(imi_face_view_take(image, &grey.mesh, &colour, NULL), IMI_OK);
    assert_int_equal(colour.block_size, grey.block_size);
    assert_memory_equal(colour.block, grey.block, grey.block_size);
    imi_image_destroy(&image);
    imi_face_view_clean_up(&grey);
    imi_face_view_clean_up(&colour);
}

static void a_large_face_is_averaged_down(void **state)
{
    (void)state;
    stage_pose pose = stage_at_rest(STAGE_HEAD);
    pose.distance /= 2.4;
    imi_face_view view = take(&pose);
    assert_true(view.factor == 2);
    assert_true(view.level[0].height <= 400);
    imi_face_view_clean_up(&view);
}

static void a_cleaned_view_is_empty(void **state)
{
    (void)state;
    stage_pose pose = stage_at_rest(STAGE_HEAD);
    imi_face_view view = take(&pose);
    imi_face_view_clean_up(&view);
    assert_null(view.block);
    assert_int_equal(view.corner_count, 0);
    imi_face_view_clean_up(&view);
}

/* RMS distance of the matches from where the photo's points went, in pixels of the frame. */
static double error_of(const imi_face_view *from, const imi_face_view *to, double scale,
                       double shift, const imi_match *matches, uint32_t count)
{
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        double x = matches[i].from_x * from->factor + from->left - STAGE_WIDTH / 2.0;
        double y = matches[i].from_y * from->factor + from->top - STAGE_HEIGHT / 2.0;
        double to_x = matches[i].to_x * to->factor + to->left - STAGE_WIDTH / 2.0 - shift;
        double to_y = matches[i].to_y * to->factor + to->top - STAGE_HEIGHT / 2.0;
        sum += pow(to_x - scale * x, 2) + pow(to_y - scale * y, 2);
    }
    return sqrt(sum / count);
}

static void corners_of_a_photo_are_found_where_they_went(void **state)
{
    (void)state;
    stage_pose pose = stage_at_rest(STAGE_PHOTO);
    imi_face_view from = take(&pose);
    static const double scales[] = {1, 1.3, 1.7, 0.8};
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
        stage_pose moved = pose;
        moved.distance /= scales[i];
        moved.shift_x = 20.3;
        moved.seed = 5;
        imi_face_view to = take(&moved);
        imi_match matches[IMI_VIEW_CORNERS];
        uint32_t count = imi_align_corners(&from, &to, matches);
        assert_true(count * 10 >= from.corner_count * 7);
        double error = error_of(&from, &to, scales[i], 20.3, matches, count);
        if (!(error <= 0.3)) {
            fail_msg("RMS %g px at scale %g", error, scales[i]);
        }
        imi_face_view_clean_up(&to);
    }
    imi_face_view_clean_up(&from);
}

static void corners_are_found_though_the_mesh_misleads(void **state)
{
    (void)state;
    stage_pose pose = stage_at_rest(STAGE_PHOTO);
    imi_face_view from = take(&pose);
    pose.seed = 5;
    imi_face_view to = take(&pose);
    for (int i = 0; i < IMI_MESH_POINTS; i++) {
        to.mesh.points[i].x += 5;
        to.mesh.points[i].y -= 4;
    }
    imi_match matches[IMI_VIEW_CORNERS];
    uint32_t count = imi_align_corners(&from, &to, matches);
    assert_true(count * 10 >= from.corner_count * 7);
    assert_true(error_of(&from, &to, 1, 0, matches, count) <= 0.3);
    imi_face_view_clean_up(&from);
    imi_face_view_clean_up(&to);
}

static void corners_are_not_found_in_another_picture(void **state)
{
    (void)state;
    stage_pose pose = stage_at_rest(STAGE_PHOTO);
    imi_face_view from = take(&pose);
    pose.shift_x = 60; /* the same texture elsewhere, with the mesh where it was */
    imi_face_view to = take(&pose);
    to.left += 60;
    to.mesh = from.mesh;
    for (int i = 0; i < IMI_MESH_POINTS; i++) {
        to.mesh.points[i].x += 31;
        to.mesh.points[i].y += 17;
    }
    imi_match matches[IMI_VIEW_CORNERS];
    assert_true(imi_align_corners(&from, &to, matches) * 5 < from.corner_count);
    imi_face_view_clean_up(&from);
    imi_face_view_clean_up(&to);
}

static void views_without_pixels_match_nothing(void **state)
{
    (void)state;
    stage_pose pose = stage_at_rest(STAGE_PHOTO);
    imi_face_view view = take(&pose);
    imi_face_view empty = {.mesh = view.mesh};
    imi_match matches[IMI_VIEW_CORNERS];
    assert_int_equal(imi_align_corners(&view, &empty, matches), 0);
    assert_int_equal(imi_align_corners(&empty, &view, matches), 0);
    imi_face_view_clean_up(&view);
}

static void meshes_of_no_extent_match_nothing(void **state)
{
    (void)state;
    stage_pose pose = stage_at_rest(STAGE_PHOTO);
    imi_face_view from = take(&pose);
    imi_face_view to = take(&pose);
    to.mesh = (imi_landmarks){0};
    imi_match matches[IMI_VIEW_CORNERS];
    assert_int_equal(imi_align_corners(&from, &to, matches), 0);
    imi_face_view_clean_up(&from);
    imi_face_view_clean_up(&to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(corners_lie_on_the_upper_face),
        cmocka_unit_test(no_corner_lies_between_lids_but_about_them),
        cmocka_unit_test(a_blank_face_has_no_corners),
        cmocka_unit_test(colour_and_grey_give_the_same_view),
        cmocka_unit_test(a_large_face_is_averaged_down),
        cmocka_unit_test(a_cleaned_view_is_empty),
        cmocka_unit_test(corners_are_not_found_in_another_picture),
        cmocka_unit_test(views_without_pixels_match_nothing),
        cmocka_unit_test(meshes_of_no_extent_match_nothing),
        cmocka_unit_test(corners_of_a_photo_are_found_where_they_went),
        cmocka_unit_test(corners_are_found_though_the_mesh_misleads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
