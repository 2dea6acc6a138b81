/* For AVX-512; see fuse.h. */
#define FUSE_FUNCTION fuse_avx512
#include "fuse_body.h"
