/**
 * What the files of this layer share: the engine itself.
 */
#ifndef IMI_ENGINE_INTERNAL_H
#define IMI_ENGINE_INTERNAL_H

#include "imi/engine.h"

struct imi_engine {
    imi_engine_parts parts;
};

/** Errors: IMI_E_INVALID_ARGUMENT for anything but RGB8. */
IMI_MUST_USE imi_status imi_engine_check_image(const imi_image *image, imi_error *err);

#endif
