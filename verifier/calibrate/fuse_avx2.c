#define FUSE_FUNCTION fuse_avx2
#include "fuse_body.h"
