/**
 * A network with its input contract: from an image of the right size to named outputs.
 */
#ifndef IMI_MODELS_NETWORK_H
#define IMI_MODELS_NETWORK_H

#include "imi/image.h"
#include "manifest.h"

typedef struct imi_network imi_network;

/**
 * Load the network of a manifest entry.
 *
 * Ownership: file borrowed for the call; spec is copied. Errors: IMI_E_MODEL_DIGEST,
 * IMI_E_MODEL_LOAD, IMI_E_NO_MEMORY.
 */
IMI_MUST_USE imi_status imi_network_new(const imi_model_spec *spec, imi_view file,
                                        imi_network **out, imi_error *err);
/** Wipes what the last run left. */
void imi_network_destroy(imi_network **network);
IMI_AUTO_DEFINE(imi_network, imi_network_destroy)

/** Run on an RGB8 image of exactly the size of the input. */
IMI_MUST_USE imi_status imi_network_run(imi_network *network, const imi_image *image,
                                        imi_error *err);

/** Values of the output at an index of the manifest's list; of the last run; borrowed. */
const float *imi_network_output(const imi_network *network, size_t index);
const imi_model_spec *imi_network_spec(const imi_network *network);

/**
 * Check what a caller of one of our models passed as an image.
 * Errors: IMI_E_IMAGE_EMPTY, IMI_E_INVALID_ARGUMENT if it is not RGB8.
 */
IMI_MUST_USE imi_status imi_network_check_image(const imi_image *image, imi_error *err);

/**
 * "id@" and the first 12 digits of the digest, into IMI_MODEL_ID_SIZE bytes. A local model's
 * name ends in "+" and 8 digits of a digest of its alignment and pre-processing, as whoever
 * changes those in models.local.json may forget that older templates no longer compare.
 * Errors: IMI_E_CRYPTO, IMI_E_MANIFEST if the name does not fit.
 */
IMI_MUST_USE imi_status imi_network_name(const imi_model_spec *spec, char *out, imi_error *err);

#endif
