#include "imi/face_measure.h"

#include <math.h>

static float area(const imi_face_box *box)
{
    return box->width > 0 && box->height > 0 ? box->width * box->height : 0;
}

float imi_face_box_common_area(const imi_face_box *a, const imi_face_box *b)
{
    float width = fminf(a->left + a->width, b->left + b->width) - fmaxf(a->left, b->left);
    float height = fminf(a->top + a->height, b->top + b->height) - fmaxf(a->top, b->top);
    return width > 0 && height > 0 ? width * height : 0;
}

float imi_face_box_overlap(const imi_face_box *a, const imi_face_box *b)
{
    float common = imi_face_box_common_area(a, b);
    float all = area(a) + area(b) - common;
    return all > 0 ? common / all : 0;
}
