/*
 * What the cues look at: where the face is, a small picture of its surroundings, and tiles of
 * the face at the camera's own resolution. Bounded: a frame of twelve megapixels costs the same.
 */
#ifndef IMI_PASSIVE_SCENE_H
#define IMI_PASSIVE_SCENE_H

#include "fft.h"
#include "imi/face.h"
#include "imi/image.h"

enum {
    PASSIVE_THUMB = 144, /* larger side of the small picture */
    PASSIVE_FACE_MIN_PX = 40, /* smaller faces carry nothing that can be measured */
    PASSIVE_LINE = 256 /* samples of a profile */
};

/* Whole pixels within an image; width and height at least 1. */
typedef struct passive_rect {
    uint32_t left, top, width, height;
} passive_rect;

typedef struct passive_thumb {
    uint32_t width, height;
    float step; /* pixels of the image per pixel here */
    passive_rect face;
    bool grey; /* no colour anywhere */
    float luma[PASSIVE_THUMB][PASSIVE_THUMB]; /* 0 to 255 */
    float cb[PASSIVE_THUMB][PASSIVE_THUMB], cr[PASSIVE_THUMB][PASSIVE_THUMB]; /* zero is grey */
    bool padding[PASSIVE_THUMB][PASSIVE_THUMB]; /* pure black: no camera made it */
} passive_thumb;

typedef struct passive_scene {
    const imi_image *image;
    passive_rect face; /* extent of the mesh, or the detector's box */
    passive_rect around; /* the face and what surrounds it */
    passive_thumb thumb; /* of around */
    passive_spectrum spectrum; /* of the face */
    passive_fft fft;
    passive_tile tile;
} passive_scene;

/* Fill a zeroed scene. False: there is no face that could be measured. */
bool passive_scene_look(passive_scene *scene, const imi_image *image, const imi_face_box *box,
                        const imi_landmarks *landmarks);

/* Luma (Rec. 601), 0 to 255, of a pixel within the image. */
static inline float passive_luma(const imi_image *image, uint32_t x, uint32_t y)
{
    const uint8_t *p = imi_image_row(image, y) + (size_t)x * image->format;
    return image->format == IMI_PIXEL_GREY8 ? (float)p[0]
                                            : 0.299F * p[0] + 0.587F * p[1] + 0.114F * p[2];
}

#endif
