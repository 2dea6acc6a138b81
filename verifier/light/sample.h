/** What one frame says of the light: mean chroma of the face's skin and of what is behind it. */
#ifndef IMI_LIGHT_SAMPLE_H
#define IMI_LIGHT_SAMPLE_H

#include "palette.h"

/** Linear light of each byte, made once a watch. */
typedef struct imi_light_curve {
    float linear[256];
} imi_light_curve;

void imi_light_curve_init(imi_light_curve *curve);

/** Mean over cheeks and forehead; false if too little skin is in the image and unclipped. */
bool imi_light_sample_skin(const imi_light_curve *curve, const imi_image *image,
                           const imi_landmarks *landmarks, imi_chroma *out);
/**
 * Mean over what lies beside and above the head; false if that is too little. What is below the
 * chin is left out: shoulders are nearly as close to the light as the face.
 */
bool imi_light_sample_background(const imi_light_curve *curve, const imi_image *image,
                                 const imi_landmarks *landmarks, imi_chroma *out);

#endif
