/**
 * The one guard of the C++ shims: no exception leaves, each becomes a status.
 */
#ifndef IMI_SHIM_GUARD_H
#define IMI_SHIM_GUARD_H

#include "imi/status.h"

#include <dlib/error.h>
#include <exception>
#include <new>
#include <opencv2/core.hpp>

namespace imi
{

inline imi_status report(imi_error *err, imi_status status, int64_t code, const char *what,
                         const char *text) noexcept
{
    return imi_error_set(err, status, code, __FILE__, __LINE__, "%s: %s", what, text);
}

/**
 * Run body, which returns imi_status, and translate whatever it throws.
 *
 * failure: the status for an error of the library itself; what: what was being done.
 */
template <typename Body>
imi_status guarded(imi_status failure, const char *what, imi_error *err, Body body) noexcept
{
    try {
        return body();
    } catch (const std::bad_alloc &) {
        return report(err, IMI_E_NO_MEMORY, 0, what, "no memory");
    } catch (const cv::Exception &error) {
        bool no_memory = error.code == cv::Error::StsNoMem;
        return report(err, no_memory ? IMI_E_NO_MEMORY : failure, error.code, what,
                      error.err.c_str());
    } catch (const dlib::error &error) {
        return report(err, failure, error.type, what, error.what());
    } catch (const std::exception &error) {
        return report(err, failure, 0, what, error.what());
    } catch (...) {
        return report(err, failure, 0, what, "unknown exception");
    }
}

} // namespace imi

#endif
