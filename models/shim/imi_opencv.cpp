#include "shim/imi_opencv.h"

#include "flush_denormals.h"
#include "guard.h"

#include <algorithm>
#include <limits>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/dnn.hpp>
#include <string>
#include <vector>

struct imi_net {
    cv::dnn::Net net;
};

namespace
{

/* Models run in worker threads of ours, one each: threads of OpenCV's would fight with them. */
void configure_opencv()
{
    static const bool done = [] {
        cv::setNumThreads(1);
        cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
        return true;
    }();
    (void)done;
}

void fill_nan(const imi_net_output *outputs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        std::fill_n(outputs[i].values, outputs[i].count, std::numeric_limits<float>::quiet_NaN());
    }
}

imi_status copy_outputs(const std::vector<cv::Mat> &results, const imi_net_output *outputs,
                        imi_error *err)
{
    for (size_t i = 0; i < results.size(); i++) {
        const cv::Mat &result = results[i];
        if (result.total() != outputs[i].count || result.type() != CV_32F ||
            !result.isContinuous()) {
            IMI_FAIL(err, IMI_E_MODEL_RUN, "output %s has %zu values, not %zu", outputs[i].name,
                     result.total(), outputs[i].count);
        }
    }
    for (size_t i = 0; i < results.size(); i++) {
        std::copy_n(results[i].ptr<float>(), outputs[i].count, outputs[i].values);
    }
    return IMI_OK;
}

imi_status run(imi_net *net, const imi_net_input *input, const imi_net_output *outputs,
               size_t count, imi_error *err)
{
    const int shape[] = {1, static_cast<int>(input->channels), static_cast<int>(input->height),
                         static_cast<int>(input->width)};
    /* setInput copies, so the borrowed values are only read. */
    net->net.setInput(cv::Mat(4, shape, CV_32F, const_cast<float *>(input->values)));
    std::vector<std::string> names;
    for (size_t i = 0; i < count; i++) {
        names.emplace_back(outputs[i].name);
    }
    std::vector<cv::Mat> results;
    {
        imi::FlushDenormals flush;
        net->net.forward(results, names);
    }
    return copy_outputs(results, outputs, err);
}

} // namespace

extern "C" imi_status imi_net_new(imi_view onnx, imi_net **out, imi_error *err) noexcept
{
    *out = nullptr;
    if (onnx.data == nullptr || onnx.size == 0) {
        IMI_FAIL(err, IMI_E_MODEL_LOAD, "the network file is empty");
    }
    return imi::guarded(IMI_E_MODEL_LOAD, "loading a network", err, [&] {
        configure_opencv();
        cv::dnn::Net net =
            cv::dnn::readNetFromONNX(reinterpret_cast<const char *>(onnx.data), onnx.size);
        if (net.empty()) {
            IMI_FAIL(err, IMI_E_MODEL_LOAD, "the network has no layers");
        }
        net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
        net.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
        *out = new imi_net{net};
        return IMI_OK;
    });
}

extern "C" void imi_net_destroy(imi_net **net) noexcept
{
    if (net != nullptr) {
        (void)imi::guarded(IMI_E_INTERNAL, "freeing a network", nullptr, [&] {
            delete *net;
            return IMI_OK;
        });
        *net = nullptr;
    }
}

extern "C" imi_status imi_net_run(imi_net *net, const imi_net_input *input,
                                  const imi_net_output *outputs, size_t output_count,
                                  imi_error *err) noexcept
{
    fill_nan(outputs, output_count);
    if (net == nullptr || input->values == nullptr || output_count == 0 || input->channels == 0 ||
        input->height == 0 || input->width == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a network needs a non-empty input and an output");
    }
    return imi::guarded(IMI_E_MODEL_RUN, "running a network", err,
                        [&] { return run(net, input, outputs, output_count, err); });
}
