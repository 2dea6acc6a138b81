/*
 * Keys that tokens are signed with: rotated and dropped by administrators.
 */
#include "administration_internal.h"

#include "imi/log.h"
#include "log_events.h"

#include <string.h>

static int64_t now_s(const imi_administration *self)
{
    return imi_administration_now_ms(self) / 1000;
}

static imi_status admit(const imi_administration *self, const char *name, imi_error *err)
{
    IMI_TRY(imi_administration_admit(self, name, err));
    if (self->options.keyring == NULL) {
        IMI_FAIL(err, IMI_E_UNSUPPORTED, "this server's keys cannot be changed");
    }
    return IMI_OK;
}

imi_status imi_administration_list_keys(imi_administration *self, const char *name,
                                        imi_keyring_entry out[IMI_KEYRING_MAX], size_t *count_out,
                                        imi_error *err)
{
    *count_out = 0;
    IMI_TRY(admit(self, name, err));
    return imi_keyring_list(self->options.keyring, out, count_out, err);
}

/* What was done to the keyring is logged behind it: should the server end in between, the key set's
 * keeper finds a key without its leaf at the next start. */
static imi_status record(imi_administration *self, const char *name, const char *action,
                         const imi_keyring_entry *key, bool added, imi_error *err)
{
    char object[IMI_ID_SIZE];
    imi_audit_record audit;
    IMI_AUTO_LOG_EVENT event = IMI_LOG_EVENT_INIT;
    imi_log_key_name(key, object);
    imi_administration_describe(self, &audit, name, action, object, "%s %s", key->algorithm,
                                key->key_id);
    IMI_TRY(imi_log_event_key(key, added, audit.at_ms, &event, err));
    imi_store *store = self->options.store;
    IMI_TRY(store->append_audit(store, &audit, &event.draft, err));
    imi_log(IMI_LOG_INFO, "keys", "%s by %s: %s", action, name, audit.detail);
    return IMI_OK;
}

imi_status imi_administration_rotate_key(imi_administration *self, const char *name,
                                         const char *algorithm, const char *key_label,
                                         imi_keyring_entry *out, imi_error *err)
{
    *out = (imi_keyring_entry){.announced_s = 0};
    imi_keyring_entry fresh;
    const char *label = key_label[0] == '\0' ? NULL : key_label;
    IMI_TRY(admit(self, name, err));
    IMI_TRY(imi_keyring_rotate(self->options.keyring, algorithm, label, now_s(self), &fresh, err));
    IMI_TRY(record(self, name, "key.rotate", &fresh, true, err));
    *out = fresh;
    return IMI_OK;
}

static imi_status find_key(imi_administration *self, const char *key_id, imi_keyring_entry *out,
                           imi_error *err)
{
    imi_keyring_entry keys[IMI_KEYRING_MAX];
    size_t count = 0;
    IMI_TRY(imi_keyring_list(self->options.keyring, keys, &count, err));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(keys[i].key_id, key_id) == 0) {
            *out = keys[i];
            return IMI_OK;
        }
    }
    IMI_FAIL(err, IMI_E_NOT_FOUND, "no such key");
}

imi_status imi_administration_drop_key(imi_administration *self, const char *name,
                                       const char *key_id, imi_error *err)
{
    imi_keyring_entry key;
    IMI_TRY(admit(self, name, err));
    IMI_TRY(find_key(self, key_id, &key, err));
    IMI_TRY(imi_keyring_drop(self->options.keyring, key_id, now_s(self), err));
    return record(self, name, "key.drop", &key, false, err);
}
