#include "luma_rows.h"

static uint32_t distance(int32_t a, int32_t b)
{
    return (uint32_t)(a < b ? b - a : a - b);
}

void imi_core_row_scalar(const luma_row *row, uint32_t first, uint32_t end, row_sums *sums)
{
    for (uint32_t i = first; i < end; i++) {
        const uint8_t *here = row->here + i;
        int32_t around = here[-1] + here[1] + row->above[i] + row->below[i];
        sums->laplacian += distance(4 * here[0], around);
        sums->luma += here[0];
        sums->dark += here[0] <= IMI_CORE_LUMA_DARK;
        sums->bright += here[0] >= IMI_CORE_LUMA_BRIGHT;
        sums->difference += distance(here[0], row->before[i]);
    }
}
