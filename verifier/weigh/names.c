#include "imi/findings.h"

#include <string.h>

static const char *const names[IMI_LAYER_COUNT] = {
    [IMI_LAYER_CHALLENGE] = "challenge",   [IMI_LAYER_GEOMETRY] = "geometry",
    [IMI_LAYER_PARALLAX] = "parallax",     [IMI_LAYER_PASSIVE] = "passive",
    [IMI_LAYER_CONTINUITY] = "continuity", [IMI_LAYER_CAMERA] = "camera",
    [IMI_LAYER_LIGHT] = "light",           [IMI_LAYER_ATTESTATION] = "attestation",
};

const char *imi_layer_name(imi_layer layer)
{
    return (unsigned)layer < IMI_LAYER_COUNT ? names[layer] : NULL;
}

imi_layer imi_layer_of_name(const char *name)
{
    int layer = 0;
    while (layer < IMI_LAYER_COUNT && (name == NULL || strcmp(names[layer], name) != 0)) {
        layer++;
    }
    return (imi_layer)layer;
}
