#include <stdint.h>
#include <stdio.h>

uint32_t vectors_differences(void);
uint32_t vectors_pixels(void);

int main(void)
{
    uint32_t differences = vectors_differences();
    uint32_t pixels = vectors_pixels();
    printf("%u pixels by vectors, %u sums differ\n", (unsigned)pixels, (unsigned)differences);
    return differences == 0 && pixels > 0 ? 0 : 1;
}
