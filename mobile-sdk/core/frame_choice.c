#include "imi_core/frame_choice.h"

#include "bytes.h"

/* The mean sharpness of late forgets an eighth with every camera frame; "nearly as sharp" is
 * seven eighths of it. */
enum { EIGHTH_SHIFT = 3 };

struct imi_core_chooser {
    int64_t taken_ms; /* of the last frame that was taken */
    uint32_t sharpness_milli; /* mean of late */
    bool begun;
};

size_t imi_core_chooser_size(void)
{
    return sizeof(imi_core_chooser);
}

imi_core_chooser *imi_core_chooser_init(void *storage, size_t size)
{
    imi_core_chooser *chooser = storage_for(storage, size, sizeof *chooser);
    if (chooser != NULL) {
        *chooser = (imi_core_chooser){.begun = false};
    }
    return chooser;
}

static uint32_t mean_with(uint32_t mean, uint32_t value)
{
    return mean - (mean >> EIGHTH_SHIFT) + (value >> EIGHTH_SHIFT);
}

bool imi_core_chooser_take(imi_core_chooser *chooser, const imi_core_quality *quality,
                           uint32_t period_ms, int64_t now_ms)
{
    uint32_t sharpness = quality->sharpness_milli;
    bool takes = !chooser->begun;
    if (chooser->begun) {
        int64_t since_ms = now_ms - chooser->taken_ms;
        uint32_t mean = chooser->sharpness_milli;
        bool sharp = sharpness >= mean - (mean >> EIGHTH_SHIFT);
        takes = since_ms >= (int64_t)period_ms && (sharp || since_ms >= 2 * (int64_t)period_ms);
        sharpness = mean_with(mean, sharpness);
    }
    chooser->begun = true;
    chooser->sharpness_milli = sharpness;
    if (takes) {
        chooser->taken_ms = now_ms;
    }
    return takes;
}
