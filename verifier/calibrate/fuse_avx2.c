/* For AVX2; see fuse.h. */
#define FUSE_FUNCTION fuse_avx2
#include "fuse_body.h"
