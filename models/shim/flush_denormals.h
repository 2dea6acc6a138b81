/**
 * Counts denormal numbers as zero on this thread for the life of an object.
 */
#ifndef IMI_SHIM_FLUSH_DENORMALS_H
#define IMI_SHIM_FLUSH_DENORMALS_H

#include <cstdint>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace imi
{

class FlushDenormals
{
  public:
    FlushDenormals(const FlushDenormals &) = delete;
    FlushDenormals &operator=(const FlushDenormals &) = delete;

#if defined(__SSE2__)
    FlushDenormals() noexcept : saved_(_mm_getcsr())
    {
        _mm_setcsr(saved_ | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
    }
    ~FlushDenormals()
    {
        _mm_setcsr(saved_);
    }

  private:
    /* Bits 15 and 6 of MXCSR. */
    static constexpr unsigned FLUSH_TO_ZERO = 0x8000U;
    static constexpr unsigned DENORMALS_ARE_ZERO = 0x0040U;
    unsigned saved_;
#elif defined(__aarch64__)
    FlushDenormals() noexcept
    {
        __asm__ volatile("mrs %0, fpcr" : "=r"(saved_));
        __asm__ volatile("msr fpcr, %0" : : "r"(saved_ | FLUSH_TO_ZERO));
    }
    ~FlushDenormals()
    {
        __asm__ volatile("msr fpcr, %0" : : "r"(saved_));
    }

  private:
    /* Bit 24 of FPCR covers inputs and results. */
    static constexpr uint64_t FLUSH_TO_ZERO = uint64_t{1} << 24;
    uint64_t saved_;
#else
    FlushDenormals() noexcept
    {
    }
#endif
};

} // namespace imi

#endif
