/*
 * Vectors against scalar code on every target: random rows, rows that are all of one extreme, all
 * lengths and alignments. No libc, so that it also runs as WebAssembly.
 */
#include "luma_rows.h"

enum { ROW_MAX = 200, ROUNDS = 400, SLACK = 32 };

static uint8_t rows[4][ROW_MAX + SLACK];
static uint32_t random_state = 12345;

uint32_t vectors_differences(void);
uint32_t vectors_pixels(void);

static uint32_t pixels_by_vectors;

static uint8_t random_byte(void)
{
    random_state = random_state * 1664525U + 1013904223U;
    return (uint8_t)(random_state >> 24);
}

/* Every fourth image is all extremes, where sums are greatest and thresholds are met. */
static void fill_rows(uint32_t round)
{
    static const uint8_t extremes[] = {0,
                                       255,
                                       IMI_CORE_LUMA_DARK,
                                       IMI_CORE_LUMA_DARK + 1,
                                       IMI_CORE_LUMA_BRIGHT - 1,
                                       IMI_CORE_LUMA_BRIGHT};
    for (uint32_t r = 0; r < 4; r++) {
        for (uint32_t i = 0; i < sizeof rows[r]; i++) {
            uint8_t byte = random_byte();
            rows[r][i] = round % 4 == 0 ? extremes[byte % sizeof extremes] : byte;
        }
    }
}

static uint32_t unlike(const row_sums *a, const row_sums *b)
{
    return (a->laplacian != b->laplacian) + (a->luma != b->luma) + (a->dark != b->dark) +
           (a->bright != b->bright) + (a->difference != b->difference);
}

static uint32_t compare(uint32_t first, uint32_t count)
{
    luma_row row = {rows[0] + first, rows[1] + first, rows[2] + first, rows[3] + first};
    row_sums scalar = {0}, vectors = {0};
    imi_core_row_scalar(&row, 0, count, &scalar);
    uint32_t done = imi_core_row_vectors(&row, count, &vectors);
    pixels_by_vectors += done;
    imi_core_row_scalar(&row, done, count, &vectors);
    return unlike(&scalar, &vectors);
}

/* Sums that differ; 0 is right. */
uint32_t vectors_differences(void)
{
    uint32_t differences = 0;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        fill_rows(round);
        for (uint32_t count = 0; count <= ROW_MAX; count += 1 + round % 3) {
            differences += compare(1 + round % 17, count);
        }
    }
    return differences;
}

/* How many of the pixels were done by vectors: proof that there were any. */
uint32_t vectors_pixels(void)
{
    return pixels_by_vectors;
}
