#include "fft.h"

#include <math.h>
#include <stddef.h>

static const float PI = 3.14159265F;

void passive_fft_init(passive_fft *fft, unsigned size)
{
    fft->size = size;
    for (unsigned i = 0; i < size / 2; i++) {
        fft->cosine[i] = cosf(2 * PI * (float)i / (float)size);
        fft->sine[i] = -sinf(2 * PI * (float)i / (float)size);
    }
}

static void swap(float *a, float *b)
{
    float kept = *a;
    *a = *b;
    *b = kept;
}

static void reverse_bits(unsigned size, float *real, float *imaginary)
{
    for (unsigned i = 1, j = 0; i < size; i++) {
        unsigned bit = size >> 1;
        for (; (j & bit) != 0; bit >>= 1) {
            j ^= bit;
        }
        j ^= bit;
        if (i < j) {
            swap(&real[i], &real[j]);
            swap(&imaginary[i], &imaginary[j]);
        }
    }
}

void passive_fft_run(const passive_fft *fft, float *real, float *imaginary)
{
    reverse_bits(fft->size, real, imaginary);
    for (unsigned half = 1; half < fft->size; half *= 2) {
        unsigned stride = fft->size / (2 * half);
        for (unsigned start = 0; start < fft->size; start += 2 * half) {
            for (unsigned k = 0; k < half; k++) {
                float c = fft->cosine[k * stride];
                float s = fft->sine[k * stride];
                unsigned a = start + k;
                unsigned b = a + half;
                float x = real[b] * c - imaginary[b] * s;
                float y = real[b] * s + imaginary[b] * c;
                real[b] = real[a] - x;
                imaginary[b] = imaginary[a] - y;
                real[a] += x;
                imaginary[a] += y;
            }
        }
    }
}

/* The mean goes, and the edges fade out: else their step would hide everything. */
static void prepare(passive_tile *tile)
{
    double sum = 0;
    for (size_t y = 0; y < PASSIVE_TILE; y++) {
        for (size_t x = 0; x < PASSIVE_TILE; x++) {
            sum += tile->real[y][x];
        }
    }
    float mean = (float)(sum / (PASSIVE_TILE * PASSIVE_TILE));
    float window[PASSIVE_TILE];
    for (size_t i = 0; i < PASSIVE_TILE; i++) {
        window[i] = 0.5F - 0.5F * cosf(2 * PI * ((float)i + 0.5F) / PASSIVE_TILE);
    }
    for (size_t y = 0; y < PASSIVE_TILE; y++) {
        for (size_t x = 0; x < PASSIVE_TILE; x++) {
            tile->real[y][x] = (tile->real[y][x] - mean) * window[y] * window[x];
        }
    }
}

/* Two real rows travel as the parts of one complex row; even and odd symmetry part them again. */
static void transform_rows(const passive_fft *fft, passive_tile *tile)
{
    for (size_t y = 0; y < PASSIVE_TILE; y += 2) {
        float *a = tile->real[y];
        float *b = tile->real[y + 1];
        passive_fft_run(fft, a, b);
        for (size_t u = 0; u < PASSIVE_BINS; u++) {
            size_t mirror = (PASSIVE_TILE - u) % PASSIVE_TILE;
            float real = a[u];
            float imaginary = b[u];
            tile->imaginary[y][u] = (imaginary - b[mirror]) / 2;
            tile->imaginary[y + 1][u] = (a[mirror] - real) / 2;
            a[u] = (real + a[mirror]) / 2;
            b[u] = (imaginary + b[mirror]) / 2;
        }
    }
}

void passive_spectrum_add(passive_spectrum *spectrum, const passive_fft *fft, passive_tile *tile)
{
    prepare(tile);
    transform_rows(fft, tile);
    for (size_t u = 0; u < PASSIVE_BINS; u++) {
        float real[PASSIVE_TILE];
        float imaginary[PASSIVE_TILE];
        for (size_t y = 0; y < PASSIVE_TILE; y++) {
            real[y] = tile->real[y][u];
            imaginary[y] = tile->imaginary[y][u];
        }
        passive_fft_run(fft, real, imaginary);
        for (size_t v = 0; v < PASSIVE_TILE; v++) {
            float power = real[v] * real[v] + imaginary[v] * imaginary[v];
            spectrum->power[v][u] += power;
            spectrum->nepers[v][u] += logf(power + 1);
        }
    }
    spectrum->tiles++;
}
