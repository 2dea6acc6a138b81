/* The form of a keyring's state file. */
#include "algorithm.h"
#include "keyring_state.h"
#include "verifier/json/json.h"

#include <string.h>

typedef struct text_member {
    const char *name;
    size_t offset, capacity;
} text_member;

#define TEXT(name, field)                                                                          \
    {                                                                                              \
        name, offsetof(imi_keyring_entry, field), sizeof((imi_keyring_entry *)0)->field            \
    }

static const text_member texts[] = {TEXT("kid", key_id), TEXT("alg", algorithm),
                                    TEXT("source", source), TEXT("name", name)};

typedef struct time_member {
    const char *name;
    size_t offset;
} time_member;

static const time_member times[] = {
    {"announced_s", offsetof(imi_keyring_entry, announced_s)},
    {"signs_from_s", offsetof(imi_keyring_entry, signs_from_s)},
    {"retires_s", offsetof(imi_keyring_entry, retires_s)},
    {"dropped_s", offsetof(imi_keyring_entry, dropped_s)},
};

enum { TEXTS = sizeof texts / sizeof texts[0], TIMES = sizeof times / sizeof times[0] };

/* A name of a file must stay in the folder. */
static bool is_sound(const imi_keyring_entry *entry)
{
    bool is_file = strcmp(entry->source, "file") == 0;
    return imi_algorithm_named(entry->algorithm) != NULL &&
           (is_file || strcmp(entry->source, "pkcs11") == 0) &&
           !(is_file && (strchr(entry->name, '/') != NULL || entry->name[0] == '.')) &&
           entry->announced_s > 0 && entry->signs_from_s > 0;
}

static imi_status parse_entry(const json_t *object, imi_keyring_entry *out, imi_error *err)
{
    for (size_t i = 0; i < TEXTS; i++) {
        const char *text = imi_json_text(object, texts[i].name);
        if (text == NULL || text[0] == '\0' ||
            !imi_copy_text((char *)out + texts[i].offset, texts[i].capacity, text)) {
            IMI_FAIL(err, IMI_E_KEY, "%s of a key in the keyring's state is missing or malformed",
                     texts[i].name);
        }
    }
    for (size_t i = 0; i < TIMES; i++) {
        const json_t *value = json_object_get(object, times[i].name);
        if (!json_is_integer(value) || json_integer_value(value) < 0) {
            IMI_FAIL(err, IMI_E_KEY, "%s of a key in the keyring's state is not a time",
                     times[i].name);
        }
        *(int64_t *)(void *)((char *)out + times[i].offset) = json_integer_value(value);
    }
    if (!is_sound(out)) {
        IMI_FAIL(err, IMI_E_KEY, "a key in the keyring's state is not one that we could have put");
    }
    return IMI_OK;
}

imi_status imi_keyring_state_parse(imi_view text, imi_keyring_state *out, imi_error *err)
{
    *out = (imi_keyring_state){0};
    IMI_AUTO_JSON file = NULL;
    IMI_TRY(imi_json_parse_object(text, IMI_KEYRING_STATE_BYTES_MAX, "the keyring's state",
                                  IMI_E_KEY, &file, err));
    const json_t *keys = json_object_get(file, "keys");
    if (!json_is_array(keys) || json_array_size(keys) > IMI_KEYRING_MAX) {
        IMI_FAIL(err, IMI_E_KEY, "the keyring's state holds no keys, or too many");
    }
    imi_keyring_state state = {0};
    for (size_t i = 0; i < json_array_size(keys); i++) {
        IMI_TRY(parse_entry(json_array_get(keys, i), &state.entries[state.count++], err));
    }
    *out = state;
    return IMI_OK;
}

static imi_status render_entry(const imi_keyring_entry *entry, json_t *list, imi_error *err)
{
    IMI_AUTO_JSON object = json_object();
    int failed = object == NULL;
    for (size_t i = 0; failed == 0 && i < TEXTS; i++) {
        failed = json_object_set_new(object, texts[i].name,
                                     json_string((const char *)entry + texts[i].offset));
    }
    for (size_t i = 0; failed == 0 && i < TIMES; i++) {
        const void *time = (const char *)entry + times[i].offset;
        failed = json_object_set_new(object, times[i].name, json_integer(*(const int64_t *)time));
    }
    if (failed != 0 || json_array_append(list, object) != 0) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the keyring's state");
    }
    return IMI_OK;
}

imi_status imi_keyring_state_render(const imi_keyring_state *state, imi_buffer *out, imi_error *err)
{
    IMI_AUTO_JSON list = json_array();
    for (size_t i = 0; i < state->count; i++) {
        IMI_TRY(render_entry(&state->entries[i], list, err));
    }
    IMI_AUTO_JSON file = json_pack("{s:O}", "keys", list);
    return imi_json_render(file, out, err);
}
