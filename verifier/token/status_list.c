#include "imi/status_list.h"

#include "deflate.h"
#include "times.h"

enum { PAYLOAD_NODES_MAX = 64 }; /* names and values; ours has fifteen */

struct imi_status_list {
    imi_token_clock fetched;
    imi_token_times times;
    int64_t ttl_s; /* 0: the list does not say */
    unsigned bits; /* of one status: 1, 2, 4 or 8 */
    imi_buffer packed;
};

void imi_status_list_destroy(imi_status_list **list)
{
    if (list != NULL && *list != NULL) {
        imi_status_list *taken = IMI_STEAL(list);
        imi_buffer_clean_up(&taken->packed);
        imi_free(taken);
    }
}

static imi_status read_packed(const imi_json_node *payload, imi_status_list *list, imi_error *err)
{
    const imi_json_node *object = imi_json_member(payload, "status_list");
    int64_t bits = 0;
    if (!imi_json_integer(imi_json_member(object, "bits"), &bits) ||
        (bits != 1 && bits != 2 && bits != 4 && bits != 8)) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "the status list's bits are not 1, 2, 4 or 8");
    }
    list->bits = (unsigned)bits;
    const imi_json_node *text = imi_json_member(object, "lst");
    if (!imi_json_is(text, IMI_JSON_TEXT)) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "the status list has no lst");
    }
    IMI_AUTO_BUFFER zipped = IMI_BUFFER_INIT;
    imi_status status = imi_base64url_decode((imi_view){text->data, text->size}, &zipped, err);
    if (status == IMI_E_INVALID_ARGUMENT) {
        IMI_FAIL(err, IMI_E_TOKEN_FORMAT, "the status list's lst is not strict base64url");
    }
    IMI_TRY(status);
    return imi_zlib_inflate(imi_buffer_view(&zipped), IMI_STATUS_LIST_BYTES, &list->packed, err);
}

static imi_status read_payload(const imi_json_node *payload,
                               const imi_status_list_expectation *expectation,
                               imi_status_list *list, imi_error *err)
{
    if (!imi_json_says(imi_json_member(payload, "sub"), expectation->uri)) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "the status list is not the one that the token names");
    }
    IMI_TRY(imi_token_times_read(payload, &list->times, err));
    IMI_TRY(imi_token_times_hold(&list->times, list->fetched, err));
    if (imi_json_member(payload, "ttl") != NULL) {
        IMI_TRY(imi_token_time_read(payload, "ttl", &list->ttl_s, err));
    }
    return read_packed(payload, list, err);
}

imi_status imi_status_list_open(imi_view compact, const imi_key_set *keys,
                                const imi_status_list_expectation *expectation,
                                imi_status_list **out, imi_error *err)
{
    *out = NULL;
    imi_token_clock clock = {expectation->now_s, expectation->leeway_s};
    IMI_TRY(imi_token_clock_check(clock, err));
    if (expectation->uri == NULL || expectation->uri[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a status list's uri must be expected");
    }
    imi_jws_expectation form = {expectation->algorithm, IMI_STATUS_LIST_TYPE, IMI_JWS_BYTES_MAX};
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_jws_verify(compact, keys, &form, &text, err));
    imi_json_node payload[PAYLOAD_NODES_MAX];
    IMI_TRY(imi_json_read_object(imi_buffer_view(&text), "the status list", IMI_E_TOKEN_FORMAT,
                                 payload, PAYLOAD_NODES_MAX, err));
    IMI_AUTO(imi_status_list) list = imi_alloc(sizeof *list);
    if (list == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a status list");
    }
    list->fetched = clock;
    IMI_TRY(read_payload(payload, expectation, list, err));
    *out = IMI_STEAL(&list);
    return IMI_OK;
}

imi_status imi_status_list_get(const imi_status_list *list, uint32_t index, int64_t now_s,
                               imi_token_status *out, imi_error *err)
{
    *out = IMI_TOKEN_INVALID;
    imi_token_clock clock = {now_s, list->fetched.leeway_s};
    IMI_TRY(imi_token_clock_check(clock, err));
    IMI_TRY(imi_token_times_hold(&list->times, clock, err));
    if (list->ttl_s > 0 && now_s - list->fetched.now_s > list->ttl_s) {
        IMI_FAIL(err, IMI_E_TOKEN_EXPIRED, "the status list's ttl has passed: fetch it again");
    }
    size_t per_byte = 8 / list->bits;
    if (index / per_byte >= list->packed.size) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "the token's index is beyond the status list");
    }
    unsigned shift = (unsigned)(index % per_byte) * list->bits;
    unsigned value =
        (unsigned)list->packed.data[index / per_byte] >> shift & ((1U << list->bits) - 1);
    if (value > IMI_TOKEN_SUSPENDED) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "status %u is not one that we know", value);
    }
    *out = (imi_token_status)value;
    return IMI_OK;
}
