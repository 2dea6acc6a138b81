/* The transform against its definition. */
#include "fft.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void slow(unsigned size, const float *real, unsigned f, double *re_out, double *im_out)
{
    *re_out = 0;
    *im_out = 0;
    for (unsigned i = 0; i < size; i++) {
        double angle = -6.283185307179586 * i * f / size;
        *re_out += real[i] * cos(angle);
        *im_out += real[i] * sin(angle);
    }
}

static void it_is_the_sum_that_defines_it(void **state)
{
    (void)state;
    for (unsigned size = 2; size <= PASSIVE_FFT_MAX; size *= 2) {
        passive_fft fft;
        passive_fft_init(&fft, size);
        float given[PASSIVE_FFT_MAX];
        float real[PASSIVE_FFT_MAX];
        float imaginary[PASSIVE_FFT_MAX] = {0};
        for (unsigned i = 0; i < size; i++) {
            given[i] = real[i] = sinf((float)(i * i) * 0.37F) + 0.2F;
        }
        passive_fft_run(&fft, real, imaginary);
        for (unsigned f = 0; f < size; f++) {
            double re = 0;
            double im = 0;
            slow(size, given, f, &re, &im);
            assert_true(fabs(real[f] - re) < 1e-3 && fabs(imaginary[f] - im) < 1e-3);
        }
    }
}

static void fill(passive_tile *tile, int u, int v)
{
    *tile = (passive_tile){{{0}}, {{0}}};
    for (int y = 0; y < PASSIVE_TILE; y++) {
        for (int x = 0; x < PASSIVE_TILE; x++) {
            tile->real[y][x] = 100 + cosf(6.2831853F * (float)(u * x + v * y) / PASSIVE_TILE);
        }
    }
}

static void a_wave_stands_at_its_own_frequency(void **state)
{
    (void)state;
    passive_fft fft;
    passive_fft_init(&fft, PASSIVE_TILE);
    static passive_tile tile;
    const int waves[][2] = {{5, 0}, {7, 3}, {11, -9}, {1, 30}, {31, -31}};
    for (size_t i = 0; i < sizeof waves / sizeof waves[0]; i++) {
        static passive_spectrum spectrum;
        spectrum = (passive_spectrum){.tiles = 0};
        fill(&tile, waves[i][0], waves[i][1]);
        passive_spectrum_add(&spectrum, &fft, &tile);
        int best_u = 0;
        int best_v = 0;
        for (int v = 0; v < PASSIVE_TILE; v++) {
            for (int u = 0; u < PASSIVE_BINS; u++) {
                if (spectrum.power[v][u] > spectrum.power[best_v][best_u]) {
                    best_u = u;
                    best_v = v;
                }
            }
        }
        assert_int_equal(best_u, waves[i][0]);
        assert_int_equal(best_v, (waves[i][1] + PASSIVE_TILE) % PASSIVE_TILE);
    }
}

static void a_flat_tile_has_no_power(void **state)
{
    (void)state;
    passive_fft fft;
    passive_fft_init(&fft, PASSIVE_TILE);
    static passive_tile tile;
    static passive_spectrum spectrum;
    fill(&tile, 0, 0);
    passive_spectrum_add(&spectrum, &fft, &tile);
    assert_int_equal(spectrum.tiles, 1);
    for (int v = 0; v < PASSIVE_TILE; v++) {
        for (int u = 0; u < PASSIVE_BINS; u++) {
            assert_true(spectrum.power[v][u] < 1e-3F);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_sum_that_defines_it),
        cmocka_unit_test(a_wave_stands_at_its_own_frequency),
        cmocka_unit_test(a_flat_tile_has_no_power),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
