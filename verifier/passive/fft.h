/* A small radix-2 Fourier transform and the power spectrum of a square tile. */
#ifndef IMI_PASSIVE_FFT_H
#define IMI_PASSIVE_FFT_H

enum {
    PASSIVE_TILE = 64, /* side of a tile in pixels: a power of two */
    PASSIVE_FFT_MAX = 256,
    PASSIVE_BINS = PASSIVE_TILE / 2 + 1 /* non-negative frequencies along x */
};

/* Tables for one length. */
typedef struct passive_fft {
    unsigned size; /* a power of two, at most PASSIVE_FFT_MAX */
    float cosine[PASSIVE_FFT_MAX / 2], sine[PASSIVE_FFT_MAX / 2];
} passive_fft;

/* Power by frequency: [v][u], u from 0 to half the tile, v wraps to negative frequencies. */
typedef struct passive_spectrum {
    unsigned tiles; /* summed; 0: nothing could be measured */
    float power[PASSIVE_TILE][PASSIVE_BINS];
    float nepers[PASSIVE_TILE][PASSIVE_BINS]; /* its logarithms: no single tile lifts their sum */
} passive_spectrum;

void passive_fft_init(passive_fft *fft, unsigned size);
/* In place. */
void passive_fft_run(const passive_fft *fft, float *real, float *imaginary);

/* Room for the transform of one tile. */
typedef struct passive_tile {
    float real[PASSIVE_TILE][PASSIVE_TILE];
    float imaginary[PASSIVE_TILE][PASSIVE_TILE];
} passive_tile;

/* Add the power of the tile in `tile->real`, which is windowed and overwritten. */
void passive_spectrum_add(passive_spectrum *spectrum, const passive_fft *fft, passive_tile *tile);

#endif
