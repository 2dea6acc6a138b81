/*
 * imi.v1.AdministrationService: keys that tokens are signed with.
 */
#include "rpc/administration_call.h"

static void fill_key(Imi__V1__SigningKey *out, imi_keyring_entry *key)
{
    imi__v1__signing_key__init(out);
    out->key_id = key->key_id;
    out->algorithm = key->algorithm;
    out->source = key->source;
    out->name = key->name;
    out->announced_at = key->announced_s;
    out->signs_from = key->signs_from_s;
    out->retires_at = key->retires_s;
    out->dropped_at = key->dropped_s;
}

static imi_status list_keys(imi_service *service, imi_rpc_call *call, const void *message,
                            imi_buffer *response, imi_error *err)
{
    (void)service;
    (void)message;
    IMI_AUTO_ADMIN_CALL self;
    IMI_TRY(imi_admin_call_begin(call, &self, err));
    imi_keyring_entry keys[IMI_KEYRING_MAX];
    Imi__V1__SigningKey messages[IMI_KEYRING_MAX], *list[IMI_KEYRING_MAX];
    Imi__V1__ListKeysResponse answer = IMI__V1__LIST_KEYS_RESPONSE__INIT;
    IMI_TRY(
        imi_administration_list_keys(self.administration, self.name, keys, &answer.n_keys, err));
    for (size_t i = 0; i < answer.n_keys; i++) {
        fill_key(&messages[i], &keys[i]);
        list[i] = &messages[i];
    }
    answer.keys = list;
    return imi_handler_respond(&answer, response, err);
}

static imi_status rotate_key(imi_service *service, imi_rpc_call *call, const void *message,
                             imi_buffer *response, imi_error *err)
{
    (void)service;
    const Imi__V1__RotateKeyRequest *request = message;
    IMI_AUTO_ADMIN_CALL self;
    IMI_TRY(imi_admin_call_begin(call, &self, err));
    imi_keyring_entry key;
    IMI_TRY(imi_administration_rotate_key(self.administration, self.name, request->algorithm,
                                          request->key_label, &key, err));
    Imi__V1__SigningKey told;
    fill_key(&told, &key);
    Imi__V1__RotateKeyResponse answer = IMI__V1__ROTATE_KEY_RESPONSE__INIT;
    answer.key = &told;
    return imi_handler_respond(&answer, response, err);
}

static imi_status drop_key(imi_service *service, imi_rpc_call *call, const void *message,
                           imi_buffer *response, imi_error *err)
{
    (void)service;
    const Imi__V1__DropKeyRequest *request = message;
    IMI_AUTO_ADMIN_CALL self;
    IMI_TRY(imi_admin_call_begin(call, &self, err));
    IMI_TRY(imi_administration_drop_key(self.administration, self.name, request->key_id, err));
    Imi__V1__DropKeyResponse answer = IMI__V1__DROP_KEY_RESPONSE__INIT;
    return imi_handler_respond(&answer, response, err);
}

imi_rpc_flow imi_on_list_keys(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__list_keys_request__descriptor, list_keys);
}

imi_rpc_flow imi_on_rotate_key(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__rotate_key_request__descriptor, rotate_key);
}

imi_rpc_flow imi_on_drop_key(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__drop_key_request__descriptor, drop_key);
}
