#include "palette.h"

#include <math.h>

/* A second a colour: slower than the 700 ms that the page promises, eight seconds in all. */
enum { STEP_MS = 1000 };

const imi_light_colour imi_light_palette[IMI_LIGHT_PALETTE_SIZE] = {
    {255, 137, 137}, /* rose */
    {89, 191, 89}, /* green */
    {124, 170, 255}, /* blue */
    {255, 121, 243}, /* pink */
    {231, 155, 48}, /* amber */
    {48, 188, 203}, /* teal */
};

/* IEC 61966-2-1. */
float imi_light_linear(uint8_t value)
{
    float v = (float)value / 255.0f;
    return v <= 0.04045f ? v / 12.92f : powf((v + 0.055f) / 1.055f, 2.4f);
}

imi_chroma imi_light_push(imi_light_colour colour)
{
    float green = imi_light_linear(colour.green);
    return (imi_chroma){imi_light_linear(colour.red) - green,
                        imi_light_linear(colour.blue) - green};
}

/* Number of colours that may follow those shown so far. */
static uint32_t choices_at(uint32_t step)
{
    return IMI_LIGHT_PALETTE_SIZE - (step < 2 ? step : 2);
}

/* The n-th colour that is neither of the last two: any three in a row differ, so that no sequence
 * is a mere to and fro. */
static uint32_t nth_allowed(uint32_t n, const uint32_t *shown, uint32_t step)
{
    for (uint32_t colour = 0; colour < IMI_LIGHT_PALETTE_SIZE; colour++) {
        bool recent =
            (step >= 1 && colour == shown[step - 1]) || (step >= 2 && colour == shown[step - 2]);
        if (!recent && n-- == 0) {
            return colour;
        }
    }
    return 0;
}

void imi_light_compose(const uint32_t picks[IMI_LIGHT_COLOURS_MAX], imi_light_sequence *out)
{
    uint32_t shown[IMI_LIGHT_COLOURS_MAX] = {0};
    *out = (imi_light_sequence){.count = IMI_LIGHT_COLOURS_MAX, .step_ms = STEP_MS};
    for (uint32_t step = 0; step < IMI_LIGHT_COLOURS_MAX; step++) {
        shown[step] = nth_allowed(picks[step] % choices_at(step), shown, step);
        out->colours[step] = imi_light_palette[shown[step]];
    }
}

imi_status imi_light_draw(imi_light_sequence *out, imi_error *err)
{
    if (out == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "nowhere to put the sequence");
    }
    *out = (imi_light_sequence){0};
    uint32_t picks[IMI_LIGHT_COLOURS_MAX];
    for (uint32_t step = 0; step < IMI_LIGHT_COLOURS_MAX; step++) {
        /* Numbers past the last whole multiple would favour the first colours. */
        uint32_t fair = UINT32_MAX - UINT32_MAX % choices_at(step);
        do {
            IMI_TRY(imi_random((uint8_t *)&picks[step], sizeof picks[step], err));
        } while (picks[step] >= fair);
    }
    imi_light_compose(picks, out);
    return IMI_OK;
}

uint64_t imi_light_space(void)
{
    uint64_t space = 1;
    for (uint32_t step = 0; step < IMI_LIGHT_COLOURS_MAX; step++) {
        space *= choices_at(step);
    }
    return space;
}
