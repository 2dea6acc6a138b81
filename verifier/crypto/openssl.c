#include "openssl.h"

#include <openssl/err.h>

imi_status imi_crypto_error_set(imi_error *err, imi_status status, const char *file, int line,
                                const char *what)
{
    unsigned long code = ERR_get_error();
    const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);
    /* Memory is reported as such whatever was being done, so that callers may retry. */
    if (code != 0 && ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE) {
        status = IMI_E_NO_MEMORY;
    }
    ERR_clear_error();
    return imi_error_set(err, status, (int64_t)code, file, line, "%s%s%s", what,
                         reason == NULL ? "" : ": ", reason == NULL ? "" : reason);
}
