/*
 * What compilers may call whatever they are told. Only linked where there is no libc.
 */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memset(void *at, int value, size_t size);

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        ((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
    }
    return to;
}

void *memset(void *at, int value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        ((uint8_t *)at)[i] = (uint8_t)value;
    }
    return at;
}

#if defined(__ARM_EABI__)
/*
 * The names that 32-bit Arm's run-time ABI has for them: for any alignment, for 4 and for 8 bytes.
 * Arguments of its memset are in another order.
 */
#define ALIASES(suffix)                                                                            \
    void __aeabi_memcpy##suffix(void *to, const void *from, size_t size);                          \
    void __aeabi_memclr##suffix(void *at, size_t size);                                            \
    void __aeabi_memset##suffix(void *at, size_t size, int value);                                 \
    void __aeabi_memcpy##suffix(void *to, const void *from, size_t size)                           \
    {                                                                                              \
        memcpy(to, from, size);                                                                    \
    }                                                                                              \
    void __aeabi_memclr##suffix(void *at, size_t size)                                             \
    {                                                                                              \
        memset(at, 0, size);                                                                       \
    }                                                                                              \
    void __aeabi_memset##suffix(void *at, size_t size, int value)                                  \
    {                                                                                              \
        memset(at, value, size);                                                                   \
    }
ALIASES()
ALIASES(4)
ALIASES(8)
#endif
