#include "imi/crypto.h"

#include "imi/memory.h"

static imi_status make_secret(void *user, imi_buffer *out, imi_error *err)
{
    (void)user;
    IMI_TRY(imi_buffer_reserve(out, IMI_SECRET_SIZE, err));
    IMI_TRY(imi_random(out->data, IMI_SECRET_SIZE, err));
    out->size = IMI_SECRET_SIZE;
    return IMI_OK;
}

imi_status imi_secret_file_load(const char *path, uint8_t out[IMI_SECRET_SIZE], imi_error *err)
{
    imi_wipe(out, IMI_SECRET_SIZE);
    if (path == NULL || path[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a secret file needs a path");
    }
    IMI_AUTO_BUFFER secret = IMI_BUFFER_INIT;
    IMI_TRY(imi_private_file_load(path, IMI_SECRET_SIZE, make_secret, NULL, &secret, err));
    if (secret.size != IMI_SECRET_SIZE) {
        IMI_FAIL(err, IMI_E_KEY, "%s is damaged: it holds %zu bytes instead of %d", path,
                 secret.size, IMI_SECRET_SIZE);
    }
    imi_copy(out, secret.data, IMI_SECRET_SIZE);
    return IMI_OK;
}
