#include "shim/imi_dlib.h"

#include "guard.h"

#include <algorithm>
#include <cmath>
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/image_processing/full_object_detection.h>
#include <dlib/image_transforms.h>
#include <vector>

struct imi_hog {
    dlib::frontal_face_detector detector;
};

namespace
{

constexpr double SUBPIXEL = 64;
/* Of areas. Points in one place give a huge map, not an infinite one. */
constexpr float ENLARGEMENT_MAX = 1e4F;
constexpr float POINT_LIMIT = 1e6F;

dlib::array2d<unsigned char> to_dlib(const imi_image *grey)
{
    dlib::array2d<unsigned char> image(grey->height, grey->width);
    for (uint32_t y = 0; y < grey->height; y++) {
        std::copy_n(imi_image_row(grey, y), grey->width, &image[y][0]);
    }
    return image;
}

imi_face_box to_box(const dlib::rect_detection &found)
{
    const dlib::rectangle &rect = found.rect;
    return {static_cast<float>(rect.left()), static_cast<float>(rect.top()),
            static_cast<float>(rect.width()), static_cast<float>(rect.height()),
            static_cast<float>(found.detection_confidence)};
}

bool usable(const imi_point *points)
{
    return std::all_of(points, points + IMI_DLIB_POINTS, [](const imi_point &p) {
        return std::isfinite(p.x) && std::isfinite(p.y) && std::fabs(p.x) <= POINT_LIMIT &&
               std::fabs(p.y) <= POINT_LIMIT;
    });
}

dlib::full_object_detection enlarge(const imi_point *points)
{
    std::vector<dlib::point> parts;
    for (int i = 0; i < IMI_DLIB_POINTS; i++) {
        parts.emplace_back(std::lround(points[i].x * SUBPIXEL),
                           std::lround(points[i].y * SUBPIXEL));
    }
    return dlib::full_object_detection(dlib::rectangle(), parts);
}

imi_affine to_affine(const dlib::point_transform_affine &map)
{
    const auto &m = map.get_m();
    const auto &b = map.get_b();
    return {static_cast<float>(m(0, 0) * SUBPIXEL),
            static_cast<float>(m(0, 1) * SUBPIXEL),
            static_cast<float>(b(0)),
            static_cast<float>(m(1, 0) * SUBPIXEL),
            static_cast<float>(m(1, 1) * SUBPIXEL),
            static_cast<float>(b(1))};
}

/* Decoding the detector takes 0.4 s, so it is done once; each worker runs a copy of its own. */
const dlib::frontal_face_detector &prototype()
{
    static const dlib::frontal_face_detector detector = dlib::get_frontal_face_detector();
    return detector;
}

} // namespace

extern "C" imi_status imi_hog_new(imi_hog **out, imi_error *err) noexcept
{
    *out = nullptr;
    return imi::guarded(IMI_E_MODEL_LOAD, "loading the HOG detector", err, [&] {
        *out = new imi_hog{prototype()};
        return IMI_OK;
    });
}

extern "C" void imi_hog_destroy(imi_hog **hog) noexcept
{
    if (hog != nullptr) {
        (void)imi::guarded(IMI_E_INTERNAL, "freeing the HOG detector", nullptr, [&] {
            delete *hog;
            return IMI_OK;
        });
        *hog = nullptr;
    }
}

extern "C" imi_status imi_hog_detect(imi_hog *hog, const imi_image *grey, double threshold,
                                     imi_face_box *boxes, size_t capacity, size_t *count_out,
                                     imi_error *err) noexcept
{
    *count_out = 0;
    if (hog == nullptr || grey == nullptr || grey->pixels == nullptr || grey->width == 0 ||
        grey->height == 0 || grey->format != IMI_PIXEL_GREY8) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the HOG detector needs a grey image");
    }
    return imi::guarded(IMI_E_MODEL_RUN, "running the HOG detector", err, [&] {
        std::vector<dlib::rect_detection> found;
        hog->detector(to_dlib(grey), found, threshold);
        size_t count = std::min(capacity, found.size());
        std::transform(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count), boxes,
                       to_box);
        *count_out = count;
        return IMI_OK;
    });
}

extern "C" imi_status imi_dlib_chip_map(const imi_point points[IMI_DLIB_POINTS], uint32_t size,
                                        double padding, imi_affine *image_to_chip_out,
                                        imi_error *err) noexcept
{
    *image_to_chip_out = {0, 0, 0, 0, 0, 0};
    if (size == 0 || !(padding >= 0) || !usable(points)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a face chip needs a size and finite points");
    }
    return imi::guarded(IMI_E_MODEL_RUN, "placing a face chip", err, [&] {
        auto details = dlib::get_face_chip_details(enlarge(points), size, padding);
        imi_affine map = to_affine(dlib::get_mapping_to_chip(details));
        float det = map.a * map.e - map.b * map.d;
        if (!(det > 0 && det <= ENLARGEMENT_MAX && std::isfinite(map.c + map.f))) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the points do not span a face");
        }
        *image_to_chip_out = map;
        return IMI_OK;
    });
}
