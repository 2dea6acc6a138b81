#include "json.h"

#include "imi/memory.h"
#include "parse_memory.h"
#include "reader.h"

#include <string.h>

/* Nesting is bounded before the parser recurses. Brackets in strings are skipped. */
static bool is_shallow(imi_view text)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        if (in_string && c == '\\') {
            i++;
        } else if (c == '"') {
            in_string = !in_string;
        } else if (!in_string && (c == '{' || c == '[') && ++depth > IMI_JSON_DEPTH_MAX) {
            return false;
        } else if (!in_string && (c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return true;
}

static imi_status parse(imi_view text, size_t limit, const char *what, imi_status status_if_bad,
                        json_t **out, imi_error *err)
{
    if (text.size > limit) {
        IMI_FAIL(err, status_if_bad, "%s is larger than %zu bytes", what, limit);
    }
    /* Jansson takes some that stand behind numbers. */
    if (text.size > 0 && memchr(text.data, 0, text.size) != NULL) {
        IMI_FAIL(err, status_if_bad, "%s holds the character NUL", what);
    }
    if (!is_shallow(text)) {
        IMI_FAIL(err, status_if_bad, "%s is nested more than %d deep", what, IMI_JSON_DEPTH_MAX);
    }
    json_error_t detail = {0};
    bool out_of_memory = false;
    IMI_AUTO_JSON value = imi_json_load(text, &detail, &out_of_memory);
    if (out_of_memory) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to read %s", what);
    }
    /* Jansson's message quotes the input, which may be secret: only the position is kept. */
    if (value == NULL) {
        IMI_FAIL(err, status_if_bad, "%s is not valid JSON at byte %d", what, detail.position);
    }
    *out = IMI_STEAL(&value);
    return IMI_OK;
}

imi_status imi_json_parse_object(imi_view text, size_t limit, const char *what,
                                 imi_status status_if_bad, json_t **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO_JSON value = NULL;
    IMI_TRY(parse(text, limit, what, status_if_bad, &value, err));
    if (!json_is_object(value)) {
        IMI_FAIL(err, status_if_bad, "%s is not a JSON object", what);
    }
    *out = IMI_STEAL(&value);
    return IMI_OK;
}

imi_status imi_json_parse_array(imi_view text, size_t limit, const char *what,
                                imi_status status_if_bad, json_t **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO_JSON value = NULL;
    IMI_TRY(parse(text, limit, what, status_if_bad, &value, err));
    if (!json_is_array(value)) {
        IMI_FAIL(err, status_if_bad, "%s is not a JSON array", what);
    }
    *out = IMI_STEAL(&value);
    return IMI_OK;
}

const char *imi_json_text(const json_t *object, const char *member)
{
    return json_string_value(json_object_get(object, member));
}

/* Jansson goes on after some failures of its callback, so the failure is kept here: text with a
 * gap must not be signed. */
typedef struct sink {
    imi_buffer *out;
    imi_status status;
} sink;

static int append_chunk(const char *chunk, size_t size, void *user)
{
    sink *self = user;
    if (self->status == IMI_OK) {
        self->status = imi_buffer_append(self->out, (imi_view){(const uint8_t *)chunk, size}, NULL);
    }
    return self->status == IMI_OK ? 0 : -1;
}

static imi_status render(const json_t *value, size_t digits, imi_buffer *out, imi_error *err)
{
    sink self = {out, IMI_OK};
    size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(digits);
    if (value == NULL || json_dump_callback(value, append_chunk, &self, flags) != 0 ||
        self.status != IMI_OK) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to write JSON");
    }
    return IMI_OK;
}

imi_status imi_json_render(const json_t *value, imi_buffer *out, imi_error *err)
{
    /* Six digits are more than any figure in a token is known to, and render 1e-4 as 0.0001. */
    return render(value, 6, out, err);
}

imi_status imi_json_render_exact(const json_t *value, imi_buffer *out, imi_error *err)
{
    /* DBL_DIG: what a double keeps of any decimal. */
    return render(value, 15, out, err);
}
