#include "network.h"

#include "imi/vision.h"
#include "shim/imi_opencv.h"

#include <stdio.h>

enum { CHANNELS = 3, LEVELS = 256 };

struct imi_network {
    imi_model_spec spec;
    imi_net *net;
    float levels[CHANNELS][LEVELS]; /* input value of every level, network's channel order */
    float *input;
    size_t input_count;
    float *outputs;
    size_t output_count;
};

static void fill_levels(imi_network *network)
{
    const imi_model_input *input = &network->spec.input;
    for (size_t c = 0; c < CHANNELS; c++) {
        for (size_t level = 0; level < LEVELS; level++) {
            network->levels[c][level] = ((float)level - input->mean[c]) * input->scale[c];
        }
    }
}

static imi_status make_buffers(imi_network *network, imi_error *err)
{
    const imi_model_spec *spec = &network->spec;
    network->input_count = (size_t)CHANNELS * spec->input.width * spec->input.height;
    for (size_t i = 0; i < spec->output_count; i++) {
        network->output_count += spec->outputs[i].count;
    }
    network->input = imi_alloc_array(network->input_count, sizeof(float));
    network->outputs = imi_alloc_array(network->output_count, sizeof(float));
    if (network->input == NULL || network->outputs == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the buffers of %s", spec->id);
    }
    return IMI_OK;
}

imi_status imi_network_new(const imi_model_spec *spec, imi_view file, imi_network **out,
                           imi_error *err)
{
    *out = NULL;
    IMI_TRY(imi_manifest_check_digest(spec, file, err));
    IMI_AUTO(imi_network) network = imi_alloc(sizeof *network);
    if (network == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %s", spec->id);
    }
    network->spec = *spec;
    fill_levels(network);
    IMI_TRY(make_buffers(network, err));
    IMI_TRY(imi_net_new(file, &network->net, err));
    *out = IMI_STEAL(&network);
    return IMI_OK;
}

void imi_network_destroy(imi_network **network)
{
    if (network == NULL || *network == NULL) {
        return;
    }
    imi_network *old = *network;
    imi_net_destroy(&old->net);
    if (old->input != NULL) {
        imi_wipe(old->input, old->input_count * sizeof(float));
    }
    if (old->outputs != NULL) {
        imi_wipe(old->outputs, old->output_count * sizeof(float));
    }
    imi_free(old->input);
    imi_free(old->outputs);
    imi_free(old);
    *network = NULL;
}

/* Interleaved bytes to planes of values. */
static void fill_input(imi_network *network, const imi_image *image)
{
    size_t plane = (size_t)image->width * image->height;
    for (size_t c = 0; c < CHANNELS; c++) {
        size_t from = network->spec.input.bgr ? CHANNELS - 1 - c : c;
        float *to = network->input + c * plane;
        for (uint32_t y = 0; y < image->height; y++) {
            const uint8_t *row = imi_image_row(image, y) + from;
            for (uint32_t x = 0; x < image->width; x++) {
                *to++ = network->levels[c][row[(size_t)x * CHANNELS]];
            }
        }
    }
}

imi_status imi_network_run(imi_network *network, const imi_image *image, imi_error *err)
{
    const imi_model_spec *spec = &network->spec;
    IMI_TRY(imi_network_check_image(image, err));
    if (image->width != spec->input.width || image->height != spec->input.height) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s takes an image of %ux%u, not %ux%u", spec->id,
                 spec->input.width, spec->input.height, image->width, image->height);
    }
    fill_input(network, image);
    imi_net_output outputs[IMI_MODEL_OUTPUTS_MAX];
    float *values = network->outputs;
    for (size_t i = 0; i < spec->output_count; i++) {
        outputs[i] = (imi_net_output){spec->outputs[i].name, values, spec->outputs[i].count};
        values += spec->outputs[i].count;
    }
    imi_net_input input = {network->input, CHANNELS, image->height, image->width};
    return imi_net_run(network->net, &input, outputs, spec->output_count, err);
}

const float *imi_network_output(const imi_network *network, size_t index)
{
    const float *values = network->outputs;
    for (size_t i = 0; i < index; i++) {
        values += network->spec.outputs[i].count;
    }
    return values;
}

const imi_model_spec *imi_network_spec(const imi_network *network)
{
    return &network->spec;
}

imi_status imi_network_check_image(const imi_image *image, imi_error *err)
{
    if (image == NULL || image->pixels == NULL || image->width == 0 || image->height == 0) {
        IMI_FAIL(err, IMI_E_IMAGE_EMPTY, "the image is empty");
    }
    if (image->format != IMI_PIXEL_RGB8) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the image must be RGB8");
    }
    return IMI_OK;
}

/* The first digits of a digest of all that lies between a face and the network's input. */
static imi_status digest_preparation(const imi_model_spec *spec, char out[IMI_SHA256_HEX_SIZE],
                                     imi_error *err)
{
    const imi_model_input *input = &spec->input;
    char text[512];
    int length = snprintf(text, sizeof text, "%u %u %d %a %a %a %a %a %a %d %a %s", input->width,
                          input->height, input->bgr, (double)input->mean[0], (double)input->mean[1],
                          (double)input->mean[2], (double)input->scale[0], (double)input->scale[1],
                          (double)input->scale[2], (int)spec->alignment.kind,
                          (double)spec->alignment.margin, spec->outputs[0].name);
    if (length < 0 || length >= (int)sizeof text) {
        IMI_FAIL(err, IMI_E_INTERNAL, "the pre-processing of %s has too long a text", spec->id);
    }
    return imi_manifest_digest(imi_view_of_text(text), out, err);
}

imi_status imi_network_name(const imi_model_spec *spec, char *out, imi_error *err)
{
    char preparation[IMI_SHA256_HEX_SIZE] = "";
    if (spec->local) {
        IMI_TRY(digest_preparation(spec, preparation, err));
    }
    int length = snprintf(out, IMI_MODEL_ID_SIZE, "%s@%.12s%s%.8s", spec->id, spec->sha256,
                          spec->local ? "+" : "", preparation);
    if (length < 0 || length >= IMI_MODEL_ID_SIZE) {
        IMI_FAIL(err, IMI_E_MANIFEST, "manifest: the id of model '%s' is too long", spec->id);
    }
    return IMI_OK;
}
