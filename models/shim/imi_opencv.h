/**
 * OpenCV's dnn module behind a C interface: networks from bytes, tensors in and out.
 *
 * Nothing of C++ crosses: sizes, plain arrays and one opaque handle. The caller supplies every
 * buffer. Tensors are float32, NCHW, without gaps.
 */
#ifndef IMI_OPENCV_H
#define IMI_OPENCV_H

#include "imi/bytes.h"
#include "imi/status.h"

#ifdef __cplusplus
#define IMI_NOEXCEPT noexcept
extern "C" {
#else
#define IMI_NOEXCEPT
#endif

/** One network. Not for concurrent use: each worker has its own. */
typedef struct imi_net imi_net;

/** The input of a run: 1 x channels x height x width values, borrowed for the call. */
typedef struct imi_net_input {
    const float *values;
    uint32_t channels, height, width;
} imi_net_input;

/** Where an output is copied to: the caller's buffer of exactly as many values as it has. */
typedef struct imi_net_output {
    const char *name; /* borrowed */
    float *values;
    size_t count;
} imi_net_output;

/**
 * Load a network. The bytes must already have been checked against a digest: OpenCV's parser
 * is not made for hostile files.
 *
 * Ownership: bytes borrowed for the call; the network is the caller's.
 * Threads:   safe; sets OpenCV to one thread for the whole process.
 * Errors:    IMI_E_MODEL_LOAD if OpenCV does not accept the file, IMI_E_NO_MEMORY.
 */
IMI_MUST_USE imi_status imi_net_new(imi_view onnx, imi_net **out, imi_error *err) IMI_NOEXCEPT;
void imi_net_destroy(imi_net **net) IMI_NOEXCEPT;

/**
 * Run the network.
 *
 * Denormal numbers count as zero while it runs (FTZ and DAZ): one network ran 7 times slower
 * without. The thread's floating point mode is restored before returning, so comparisons and
 * other arithmetic on the same thread keep IEEE rules.
 *
 * Errors: IMI_E_MODEL_RUN if OpenCV fails, an output does not exist or has another length;
 *         outputs are then all NaN.
 */
IMI_MUST_USE imi_status imi_net_run(imi_net *net, const imi_net_input *input,
                                    const imi_net_output *outputs, size_t output_count,
                                    imi_error *err) IMI_NOEXCEPT;

#ifdef __cplusplus
}
#endif
#endif
