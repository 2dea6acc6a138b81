#include "conceal.h"

#include "imi/credential.h"
#include "imi/crypto.h"
#include "reserved.h"

#include <stdlib.h>
#include <string.h>

typedef struct concealing {
    imi_buffer *disclosures;
    size_t count;
} concealing;

typedef char digest_text[IMI_DIGEST_TEXT_SIZE];

static imi_status conceal_value(concealing *self, json_t *value, imi_error *err);

/* What lies within comes first: the disclosure of the whole then holds digests alone. */
static imi_status conceal_one(concealing *self, const char *name, json_t *value,
                              digest_text digest_out, imi_error *err)
{
    IMI_TRY(conceal_value(self, value, err));
    if (++self->count > IMI_CREDENTIAL_DISCLOSURES_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a credential has at most %d claims",
                 IMI_CREDENTIAL_DISCLOSURES_MAX);
    }
    return imi_disclosure_make(name, value, self->disclosures, digest_out, err);
}

static imi_status conceal_array(concealing *self, json_t *array, imi_error *err)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        digest_text digest;
        IMI_TRY(conceal_one(self, NULL, json_array_get(array, i), digest, err));
        if (json_array_set_new(array, i, json_pack("{s:s}", IMI_SD_ELEMENT, digest)) != 0) {
            IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for digests");
        }
    }
    return IMI_OK;
}

static int compare_digests(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Sorted, so that their order tells nothing of the claims'. */
static imi_status list_digests(digest_text *digests, size_t count, json_t *object, imi_error *err)
{
    qsort(digests, count, sizeof *digests, compare_digests);
    json_t *list = json_array();
    if (json_object_set_new(object, IMI_SD_MEMBER, list) != 0) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for digests");
    }
    for (size_t i = 0; i < count; i++) {
        if (json_array_append_new(list, json_string(digests[i])) != 0) {
            IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for digests");
        }
    }
    return IMI_OK;
}

static imi_status make_decoy(digest_text out, imi_error *err)
{
    uint8_t nothing[IMI_SHA256_SIZE];
    IMI_TRY(imi_random(nothing, sizeof nothing, err));
    return imi_sd_digest((imi_view){nothing, sizeof nothing}, out, err);
}

static imi_status digest_members(concealing *self, json_t *object, size_t decoys,
                                 digest_text *digests, imi_error *err)
{
    size_t count = 0;
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(object, name, value)
    {
        if (imi_sd_name_carries_digests(name)) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "claim name %s is reserved", name);
        }
        IMI_TRY(conceal_one(self, name, value, digests[count++], err));
    }
    for (size_t i = 0; i < decoys; i++) {
        IMI_TRY(make_decoy(digests[count++], err));
    }
    return IMI_OK;
}

static imi_status conceal_object(concealing *self, json_t *object, size_t decoys, imi_error *err)
{
    size_t count = json_object_size(object) + decoys;
    if (count == 0) {
        return IMI_OK;
    }
    digest_text *digests = imi_alloc_array(count, sizeof *digests);
    if (digests == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for digests");
    }
    imi_status status = digest_members(self, object, decoys, digests, err);
    if (status == IMI_OK) {
        json_object_clear(object);
        status = list_digests(digests, count, object, err);
    }
    imi_free(digests);
    return status;
}

static imi_status conceal_value(concealing *self, json_t *value, imi_error *err)
{
    if (json_is_array(value)) {
        return conceal_array(self, value, err);
    }
    return json_is_object(value) ? conceal_object(self, value, 0, err) : IMI_OK;
}

imi_status imi_sd_conceal(json_t *claims, size_t decoys, imi_buffer *disclosures_out,
                          imi_error *err)
{
    concealing self = {disclosures_out, 0};
    return conceal_object(&self, claims, decoys, err);
}
