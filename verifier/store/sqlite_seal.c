#include "sqlite_trust.h"

#include "imi/memory.h"

#include <string.h>

/* As binding would check them, which comes too late. */
static bool is_name(const char *text)
{
    return text != NULL && memchr(text, 0, IMI_STORE_NAME_SIZE) != NULL &&
           imi_text_is_clean_utf8(imi_view_of_text(text));
}

imi_status imi_store_find_key(imi_store_sqlite *store, const char *relying_party,
                              const char *subject_id, bool make, char key_id_out[IMI_ID_SIZE],
                              imi_error *err)
{
    key_id_out[0] = '\0';
    if (!is_name(relying_party) || !is_name(subject_id)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a subject's name is too long or not valid UTF-8");
    }
    return imi_vault_find_key(store->vault, relying_party, subject_id, make, key_id_out, err);
}

imi_status imi_store_seal(imi_store_sqlite *store, const char *relying_party,
                          const char *subject_id, const char *context, imi_view plain,
                          imi_sealed *out, imi_error *err)
{
    if (subject_id[0] == '\0') {
        return imi_buffer_append(&out->bytes, plain, err);
    }
    IMI_TRY(imi_store_find_key(store, relying_party, subject_id, true, out->key_id, err));
    return imi_vault_seal(store->vault, out->key_id, context, plain, &out->bytes, err);
}

imi_status imi_store_unseal(imi_store_sqlite *store, const imi_sealed *sealed, const char *context,
                            imi_buffer *out, imi_error *err)
{
    imi_view bytes = imi_buffer_view(&sealed->bytes);
    if (sealed->key_id[0] == '\0') {
        return imi_buffer_append(out, bytes, err);
    }
    return imi_vault_unseal(store->vault, sealed->key_id, context, bytes, out, err);
}
