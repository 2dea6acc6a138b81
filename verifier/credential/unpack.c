#include "unpack.h"

#include "imi/credential.h"
#include "reserved.h"

#include <string.h>

typedef struct walk {
    imi_sd_jwt *sd;
    json_t *seen; /* every digest met so far */
    imi_buffer path; /* of what is being looked at */
    unsigned depth;
} walk;

static void clean_up_walk(walk *self)
{
    json_decref(self->seen);
    imi_buffer_clean_up(&self->path);
}

#define AUTO_WALK __attribute__((cleanup(clean_up_walk))) walk

static imi_status unpack_value(walk *self, json_t *value, imi_error *err);

/* Names are escaped as in RFC 6901, so that no name passes for a path. */
static imi_status push_name(walk *self, const char *name, imi_error *err)
{
    if (self->depth > 1) {
        IMI_TRY(imi_buffer_append_text(&self->path, "/", err));
    }
    for (const char *at = name; *at != '\0'; at++) {
        const char one[2] = {*at, '\0'};
        const char *text = *at == '~' ? "~0" : *at == '/' ? "~1" : one;
        IMI_TRY(imi_buffer_append_text(&self->path, text, err));
    }
    return IMI_OK;
}

static imi_status unpack_at(walk *self, const char *name, json_t *value, imi_error *err)
{
    size_t before = self->path.size;
    IMI_TRY(push_name(self, name, err));
    IMI_TRY(unpack_value(self, value, err));
    self->path.size = before;
    return IMI_OK;
}

static imi_status note_path(walk *self, const char *name, imi_disclosure *disclosure,
                            imi_error *err)
{
    size_t before = self->path.size;
    IMI_TRY(push_name(self, name, err));
    IMI_TRY(imi_buffer_terminate(&self->path, err));
    disclosure->path = imi_strdup((const char *)self->path.data);
    self->path.size = before;
    if (disclosure->path == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a path");
    }
    return IMI_OK;
}

/* The disclosure of a digest, or NULL. A digest that is met again would disclose one claim twice,
 * or in two places. */
static imi_status resolve(walk *self, const json_t *value, imi_disclosure **out, imi_error *err)
{
    const char *digest = json_string_value(value);
    if (digest == NULL) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_DISCLOSURE, "a digest is not text");
    }
    if (json_object_get(self->seen, digest) != NULL) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_DISCLOSURE, "a digest is there twice");
    }
    if (json_object_set_new(self->seen, digest, json_true()) != 0) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for digests");
    }
    *out = imi_sd_jwt_find(self->sd, digest);
    return IMI_OK;
}

static imi_status check_member(const walk *self, const json_t *object, const char *name,
                               imi_error *err)
{
    if (name == NULL) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_DISCLOSURE, "a member of an object has no name");
    }
    if (json_object_get(object, name) != NULL) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_DISCLOSURE, "a disclosed claim is there already");
    }
    if (self->depth == 1 && imi_sd_name_is_issuers(name)) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_DISCLOSURE, "claim %s cannot be a disclosed one", name);
    }
    return IMI_OK;
}

static imi_status insert_member(walk *self, json_t *object, const json_t *digest, imi_error *err)
{
    imi_disclosure *disclosure = NULL;
    IMI_TRY(resolve(self, digest, &disclosure, err));
    if (disclosure == NULL) {
        return IMI_OK;
    }
    const char *name = imi_disclosure_name(disclosure);
    json_t *value = imi_disclosure_value(disclosure);
    IMI_TRY(check_member(self, object, name, err));
    IMI_TRY(note_path(self, name, disclosure, err));
    IMI_TRY(unpack_at(self, name, value, err));
    if (json_object_set(object, name, value) != 0) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a claim");
    }
    return IMI_OK;
}

static imi_status insert_members(walk *self, json_t *object, const json_t *digests, imi_error *err)
{
    if (digests != NULL && !json_is_array(digests)) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_DISCLOSURE, "a member " IMI_SD_MEMBER " is not a list");
    }
    for (size_t i = 0; i < json_array_size(digests); i++) {
        IMI_TRY(insert_member(self, object, json_array_get(digests, i), err));
    }
    return IMI_OK;
}

static imi_status unpack_object(walk *self, json_t *object, imi_error *err)
{
    if (json_object_get(object, IMI_SD_ELEMENT) != NULL) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_DISCLOSURE, "a member " IMI_SD_ELEMENT " is out of place");
    }
    IMI_AUTO_JSON digests = json_incref(json_object_get(object, IMI_SD_MEMBER));
    json_object_del(object, IMI_SD_MEMBER);
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(object, name, value)
    {
        IMI_TRY(unpack_at(self, name, value, err));
    }
    return insert_members(self, object, digests, err);
}

/* An element that stands for a disclosure: {"...": digest}. */
static const json_t *digest_of_element(const json_t *element)
{
    return json_object_size(element) == 1 ? json_object_get(element, IMI_SD_ELEMENT) : NULL;
}

/* The value at a place in an array, or NULL if it is not disclosed. */
static imi_status find_element(walk *self, const json_t *digest, const char *place, json_t **out,
                               imi_error *err)
{
    *out = NULL;
    imi_disclosure *disclosure = NULL;
    IMI_TRY(resolve(self, digest, &disclosure, err));
    if (disclosure == NULL) {
        return IMI_OK;
    }
    if (imi_disclosure_name(disclosure) != NULL) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_DISCLOSURE, "an element of an array has a name");
    }
    *out = imi_disclosure_value(disclosure);
    return note_path(self, place, disclosure, err);
}

/* Puts the element in place, or takes it away: *at then stays. */
static imi_status unpack_element(walk *self, json_t *array, size_t *at, imi_error *err)
{
    char place[24];
    json_t *value = json_array_get(array, *at);
    snprintf(place, sizeof place, "%zu", *at);
    const json_t *digest = digest_of_element(value);
    if (digest != NULL) {
        IMI_TRY(find_element(self, digest, place, &value, err));
    }
    if (value == NULL) {
        json_array_remove(array, *at);
        return IMI_OK;
    }
    IMI_TRY(unpack_at(self, place, value, err));
    if (digest != NULL && json_array_set(array, *at, value) != 0) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a claim");
    }
    (*at)++;
    return IMI_OK;
}

static imi_status unpack_array(walk *self, json_t *array, imi_error *err)
{
    for (size_t at = 0; at < json_array_size(array);) {
        IMI_TRY(unpack_element(self, array, &at, err));
    }
    return IMI_OK;
}

static imi_status unpack_value(walk *self, json_t *value, imi_error *err)
{
    if (!json_is_object(value) && !json_is_array(value)) {
        return IMI_OK;
    }
    /* Each text was shallow by itself; disclosures within disclosures add up. */
    if (self->depth == IMI_CREDENTIAL_DEPTH_MAX) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_DISCLOSURE, "claims are nested more than %d deep",
                 IMI_CREDENTIAL_DEPTH_MAX);
    }
    self->depth++;
    IMI_TRY(json_is_object(value) ? unpack_object(self, value, err)
                                  : unpack_array(self, value, err));
    self->depth--;
    return IMI_OK;
}

static imi_status take_algorithm(json_t *payload, imi_error *err)
{
    const json_t *algorithm = json_object_get(payload, IMI_SD_ALGORITHM);
    const char *name = algorithm == NULL ? IMI_SD_SHA256 : json_string_value(algorithm);
    if (name == NULL || strcmp(name, IMI_SD_SHA256) != 0) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_DISCLOSURE, IMI_SD_ALGORITHM " is not " IMI_SD_SHA256);
    }
    json_object_del(payload, IMI_SD_ALGORITHM);
    return IMI_OK;
}

imi_status imi_sd_unpack(json_t *payload, imi_sd_jwt *sd, imi_error *err)
{
    IMI_TRY(take_algorithm(payload, err));
    AUTO_WALK self = {.sd = sd, .seen = json_object()};
    if (self.seen == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for digests");
    }
    IMI_TRY(unpack_value(&self, payload, err));
    for (size_t i = 0; i < sd->count; i++) {
        if (sd->disclosures[i].path == NULL) {
            IMI_FAIL(err, IMI_E_CREDENTIAL_DISCLOSURE,
                     "a disclosure is not one that the issuer signed");
        }
    }
    return IMI_OK;
}
