/**
 * A phone's screen lights what is before its camera while it shows coloured light.
 *
 * What is drawn holds the room's light already. The screen adds its own, which falls with the
 * square of the distance, whatever way a surface faces. A display gives its own light: of the
 * screen's it throws little back, evenly or as a mirror. Exposure and white balance follow what
 * the whole picture receives.
 */
#ifndef IMI_GENERATOR_LIGHTING_H
#define IMI_GENERATOR_LIGHTING_H

#include "raster.h"
#include "shown_light.h"

typedef struct imi_gen_lighting_traits {
    double screen; /* light of a white screen at 35 cm, by the room's */
    int64_t delay_ms; /* of page, display and camera */
    /* Of a display before the camera, which is as bright as white paper in the room: shares of
     * the screen's light that its surface scatters, and that it reflects as a mirror does. */
    double scattered, mirrored;
} imi_gen_lighting_traits;

/** Rooms by seed: the screen gives 3 to 25 % of the room's light, each ratio as likely. */
imi_gen_lighting_traits imi_gen_lighting_traits_of(uint64_t seed);

enum { IMI_GEN_LINEAR_STEPS = 1 << 14 };

/** State of one capture; plain data. */
typedef struct imi_gen_lighting {
    imi_gen_lighting_traits traits;
    double light[3]; /* of the screen at 35 cm, now */
    double gain[3]; /* exposure and white balance, by those without the screen */
    int64_t at_ms; /* since the first colour; of the frame before */
    float linear[256]; /* of a level */
    uint8_t level[IMI_GEN_LINEAR_STEPS]; /* of linear light */
} imi_gen_lighting;

void imi_gen_lighting_init(imi_gen_lighting *lighting, const imi_gen_lighting_traits *traits);

/** A flat display before the camera; all that is nearer than a distance is of it. */
typedef struct imi_gen_display {
    imi_gen_point normal; /* of length 1 */
    double until_cm; /* 0: there is none */
} imi_gen_display;

/** What the screen's light falls on. */
typedef struct imi_gen_lit {
    const imi_gen_lens *lens;
    imi_gen_display display;
    imi_gen_canvas *canvas;
} imi_gen_lit;

/** The screen shows this now; camera and eye adapt to what then falls on the scene.
 * shown_ms: since the first colour; 0 begins a capture. */
void imi_gen_lighting_show(imi_gen_lighting *lighting, const imi_light_sequence *sequence,
                           int64_t shown_ms, const imi_gen_lit *scene);
/** Let its light fall on what was drawn. */
void imi_gen_lighting_fall(const imi_gen_lighting *lighting, const imi_gen_lit *scene);

#endif
