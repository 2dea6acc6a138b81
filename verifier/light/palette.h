/** The colours that are shown, and what they come to as light. */
#ifndef IMI_LIGHT_PALETTE_H
#define IMI_LIGHT_PALETTE_H

#include "imi/light.h"

enum { IMI_LIGHT_PALETTE_SIZE = 6 };

/**
 * All of nearly the same relative luminance (0.40 to 0.42), so that no change is a flash as
 * WCAG 2.3.1 defines it (a step of 0.10 or more), and none a saturated red (a red share of 0.8).
 */
extern const imi_light_colour imi_light_palette[IMI_LIGHT_PALETTE_SIZE];

/** Chroma of light or of what it falls on: logarithms of red and blue over green, or, of a
 * colour by itself, the differences that move those logarithms. */
typedef struct imi_chroma {
    float red, blue;
} imi_chroma;

/** Linear light of an sRGB byte, 0 to 1. */
float imi_light_linear(uint8_t value);
/** How a colour, added to neutral light, pushes its chroma; per unit of its share. */
imi_chroma imi_light_push(imi_light_colour colour);

/** Fill a sequence with colours that picks, each below 2^32 - 1, choose. */
void imi_light_compose(const uint32_t picks[IMI_LIGHT_COLOURS_MAX], imi_light_sequence *out);

#endif
