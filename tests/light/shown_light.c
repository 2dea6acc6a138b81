#include "shown_light.h"

#include "palette.h"

#include <math.h>

void shown_light_at(const imi_light_sequence *sequence, int64_t at_ms, double out[3])
{
    out[0] = out[1] = out[2] = 0;
    if (sequence->count == 0) {
        return;
    }
    int64_t at = at_ms < 0 ? 0 : at_ms;
    int64_t step = at / sequence->step_ms;
    step = step < sequence->count ? step : sequence->count - 1;
    double faded = fmin(1, (double)(at - step * sequence->step_ms) / IMI_LIGHT_RAMP_MS);
    imi_light_colour now = sequence->colours[step];
    imi_light_colour before = sequence->colours[step > 0 ? step - 1 : 0];
    const uint8_t to[3] = {now.red, now.green, now.blue};
    const uint8_t from[3] = {before.red, before.green, before.blue};
    for (int i = 0; i < 3; i++) {
        out[i] = faded * (double)imi_light_linear(to[i]) +
                 (1 - faded) * (double)imi_light_linear(from[i]);
    }
}
