#include "shim/imi_imgproc.h"

#include "guard.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace
{

using Points = std::vector<cv::Point>;

cv::Mat view(const imi_image *image)
{
    return cv::Mat(static_cast<int>(image->height), static_cast<int>(image->width), CV_8UC1,
                   image->pixels, image->stride_bytes);
}

cv::Mat brush(double width, double height)
{
    auto odd = [](double size) { return std::max(1, static_cast<int>(size)) | 1; };
    return cv::getStructuringElement(cv::MORPH_RECT, cv::Size(odd(width), odd(height)));
}

/* Dark strokes on any background, joined along the line only. */
cv::Mat joined_strokes(const cv::Mat &grey, double letter)
{
    cv::Mat soft, strokes, steps, joined;
    cv::GaussianBlur(grey, soft, cv::Size(3, 3), 0);
    cv::morphologyEx(soft, strokes, cv::MORPH_BLACKHAT, brush(1.6 * letter, 0.9 * letter));
    cv::Sobel(strokes, steps, CV_16S, 1, 0, 3);
    cv::convertScaleAbs(steps, strokes);
    cv::morphologyEx(strokes, joined, cv::MORPH_CLOSE, brush(2.2 * letter, 0.35 * letter));
    cv::threshold(joined, joined, 0, 255, cv::THRESH_BINARY | cv::THRESH_OTSU);
    cv::morphologyEx(joined, joined, cv::MORPH_OPEN, brush(1.5 * letter, 0.45 * letter));
    return joined;
}

imi_tilted_box box_of(const Points &shape)
{
    cv::RotatedRect rect = cv::minAreaRect(shape);
    float angle = rect.angle;
    float width = rect.size.width;
    float height = rect.size.height;
    if (width < height) {
        std::swap(width, height);
        angle += 90.0F;
    }
    while (angle > 90.0F) {
        angle -= 180.0F;
    }
    return {rect.center.x, rect.center.y, width, height,
            angle * static_cast<float>(CV_PI) / 180.0F};
}

template <typename Item, typename Size> void largest_first(std::vector<Item> &items, Size size)
{
    std::sort(items.begin(), items.end(),
              [&](const Item &a, const Item &b) { return size(a) > size(b); });
}

template <typename Item>
void hand_over(const std::vector<Item> &items, Item *out, size_t capacity, size_t *count_out)
{
    *count_out = std::min(items.size(), capacity);
    std::copy_n(items.begin(), *count_out, out);
}

/* Corners in order: the sum of coordinates is least at the top left, greatest opposite. */
imi_quad quad_of(const Points &corners)
{
    size_t first = 0;
    for (size_t i = 1; i < 4; i++) {
        if (corners[i].x + corners[i].y < corners[first].x + corners[first].y) {
            first = i;
        }
    }
    const cv::Point &next = corners[(first + 1) % 4];
    const cv::Point &last = corners[(first + 3) % 4];
    size_t step = next.x - next.y > last.x - last.y ? 1 : 3;
    imi_quad quad{};
    for (size_t i = 0; i < 4; i++) {
        const cv::Point &corner = corners[(first + i * step) % 4];
        quad.corners[i] = {static_cast<float>(corner.x), static_cast<float>(corner.y)};
    }
    return quad;
}

double area_of(const imi_quad &quad)
{
    double twice = 0;
    for (size_t i = 0; i < 4; i++) {
        const imi_point &a = quad.corners[i];
        const imi_point &b = quad.corners[(i + 1) % 4];
        twice += static_cast<double>(a.x) * b.y - static_cast<double>(b.x) * a.y;
    }
    return std::fabs(twice) / 2;
}

void collect_quads(const cv::Mat &edges, double min_area, std::vector<imi_quad> &quads)
{
    std::vector<Points> shapes;
    cv::findContours(edges, shapes, cv::RETR_LIST, cv::CHAIN_APPROX_SIMPLE);
    for (const Points &shape : shapes) {
        Points hull, corners;
        cv::convexHull(shape, hull);
        if (cv::contourArea(hull) < min_area) {
            continue;
        }
        cv::approxPolyDP(hull, corners, 0.03 * cv::arcLength(hull, true), true);
        if (corners.size() == 4 && cv::contourArea(corners) >= 0.9 * cv::contourArea(hull)) {
            quads.push_back(quad_of(corners));
        }
    }
}

imi_status find_lines(const imi_image *grey, double letter, imi_tilted_box *boxes, size_t capacity,
                      size_t *count_out)
{
    std::vector<Points> shapes;
    cv::findContours(joined_strokes(view(grey), letter), shapes, cv::RETR_EXTERNAL,
                     cv::CHAIN_APPROX_SIMPLE);
    std::vector<imi_tilted_box> found;
    for (const Points &shape : shapes) {
        imi_tilted_box box = box_of(shape);
        if (box.height >= 0.4 * letter && box.width >= 6 * box.height) {
            found.push_back(box);
        }
    }
    largest_first(found, [](const imi_tilted_box &box) { return box.width; });
    hand_over(found, boxes, capacity, count_out);
    return IMI_OK;
}

imi_status find_quads(const imi_image *grey, double min_share, imi_quad *quads, size_t capacity,
                      size_t *count_out)
{
    cv::Mat image = view(grey);
    cv::Mat soft, edges;
    double min_area = min_share * image.cols * image.rows;
    std::vector<imi_quad> found;
    cv::GaussianBlur(image, soft, cv::Size(5, 5), 0);
    for (double strength : {20.0, 50.0, 100.0}) {
        cv::Canny(soft, edges, strength, 2.5 * strength);
        cv::dilate(edges, edges, brush(5, 5));
        collect_quads(edges, min_area, found);
    }
    cv::threshold(soft, edges, 0, 255, cv::THRESH_BINARY | cv::THRESH_OTSU);
    collect_quads(edges, min_area, found);
    largest_first(found, area_of);
    hand_over(found, quads, capacity, count_out);
    return IMI_OK;
}

bool is_grey(const imi_image *image)
{
    return image != nullptr && image->format == IMI_PIXEL_GREY8 && image->pixels != nullptr &&
           image->width > 0 && image->height > 0;
}

} // namespace

extern "C" imi_status imi_imgproc_find_lines(const imi_image *grey, uint32_t letter_height_px,
                                             imi_tilted_box *boxes, size_t capacity,
                                             size_t *count_out, imi_error *err) noexcept
{
    *count_out = 0;
    if (!is_grey(grey) || letter_height_px < 4 || letter_height_px > 200) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "lines are found in a grey image only");
    }
    return imi::guarded(IMI_E_MODEL_RUN, "finding lines", err, [&] {
        return find_lines(grey, letter_height_px, boxes, capacity, count_out);
    });
}

extern "C" imi_status imi_imgproc_find_quads(const imi_image *grey, float min_share,
                                             imi_quad *quads, size_t capacity, size_t *count_out,
                                             imi_error *err) noexcept
{
    *count_out = 0;
    if (!is_grey(grey) || !(min_share > 0)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "outlines are found in a grey image only");
    }
    return imi::guarded(IMI_E_MODEL_RUN, "finding outlines", err,
                        [&] { return find_quads(grey, min_share, quads, capacity, count_out); });
}
