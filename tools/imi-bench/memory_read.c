#include "memory_read.h"

#include "imi/kernel.h"

enum { BLOCK_BYTES = 1024, WORDS = BLOCK_BYTES / sizeof(uint64_t) };

static uint64_t read_words(const void *data, size_t size)
{
    const uint64_t *from = data;
    uint64_t sums[8] = {0};
    for (size_t block = 0; block < size / BLOCK_BYTES; block++, from += WORDS) {
        for (size_t i = 0; i < WORDS; i += 8) {
            for (size_t j = 0; j < 8; j++) {
                sums[j] += from[i + j];
            }
        }
    }
    return sums[0] ^ sums[1] ^ sums[2] ^ sums[3] ^ sums[4] ^ sums[5] ^ sums[6] ^ sums[7];
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2"))) static uint64_t read_avx2(const void *data, size_t size)
{
    const __m256i *from = data;
    const __m256i *end = from + size / sizeof *from;
    __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
    for (; from < end; from += 4) {
        a = _mm256_add_epi64(a, _mm256_loadu_si256(from));
        b = _mm256_add_epi64(b, _mm256_loadu_si256(from + 1));
        c = _mm256_add_epi64(c, _mm256_loadu_si256(from + 2));
        d = _mm256_add_epi64(d, _mm256_loadu_si256(from + 3));
    }
    __m256i sum = _mm256_add_epi64(_mm256_add_epi64(a, b), _mm256_add_epi64(c, d));
    return (uint64_t)_mm256_extract_epi64(sum, 0) ^ (uint64_t)_mm256_extract_epi64(sum, 3);
}

/* ahead_bytes: prefetch distance, 0 for none. */
__attribute__((target("avx512f"), always_inline)) static inline uint64_t
read_512(const void *data, size_t size, size_t ahead_bytes)
{
    const __m512i *from = data;
    const __m512i *end = from + size / sizeof *from;
    __m512i a = _mm512_setzero_si512(), b = a, c = a, d = a;
    for (; from < end; from += 4) {
        for (size_t line = 0; ahead_bytes > 0 && line < 4; line++) {
            _mm_prefetch((const char *)(from + line) + ahead_bytes, _MM_HINT_T0);
        }
        a = _mm512_add_epi64(a, _mm512_loadu_si512(from));
        b = _mm512_add_epi64(b, _mm512_loadu_si512(from + 1));
        c = _mm512_add_epi64(c, _mm512_loadu_si512(from + 2));
        d = _mm512_add_epi64(d, _mm512_loadu_si512(from + 3));
    }
    __m512i sum = _mm512_add_epi64(_mm512_add_epi64(a, b), _mm512_add_epi64(c, d));
    /* Unsigned by hand: the compiler's own reduction adds signed numbers, which overflow. */
    uint64_t lanes[8];
    _mm512_storeu_si512(lanes, sum);
    uint64_t total = 0;
    for (size_t i = 0; i < 8; i++) {
        total += lanes[i];
    }
    return total;
}

__attribute__((target("avx512f"))) static uint64_t read_avx512(const void *data, size_t size)
{
    return read_512(data, size, 0);
}

__attribute__((target("avx512f"))) static uint64_t read_avx512_ahead(const void *data, size_t size)
{
    return read_512(data, size, 4096);
}
#endif

const memory_reader *memory_reader_at(size_t number)
{
    static const struct {
        uint32_t features;
        memory_reader reader;
    } readers[] = {
        {0, {"words", read_words}},
#if defined(__x86_64__)
        {IMI_CPU_AVX2, {"avx2", read_avx2}},
        {IMI_CPU_AVX512, {"avx512", read_avx512}},
        {IMI_CPU_AVX512, {"avx512, prefetch", read_avx512_ahead}},
#endif
    };
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        if ((imi_cpu_features() & readers[i].features) == readers[i].features && number-- == 0) {
            return &readers[i].reader;
        }
    }
    return NULL;
}
