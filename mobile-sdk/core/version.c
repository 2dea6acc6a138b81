#include "imi_core/api.h"

uint32_t imi_core_version(void)
{
    return (uint32_t)IMI_CORE_VERSION_MAJOR << 16 | IMI_CORE_VERSION_MINOR << 8 |
           IMI_CORE_VERSION_PATCH;
}
