#include "reader.h"

#include "node.h"

#include <endian.h>
#include <string.h>

typedef struct reader {
    const uint8_t *at, *end;
    imi_json_node *nodes;
    size_t count, capacity;
    const char *problem;
} reader;

static bool fail(reader *self, const char *problem)
{
    self->problem = problem;
    return false;
}

static bool is_next(const reader *self, uint8_t c)
{
    return self->at < self->end && *self->at == c;
}

static bool take(reader *self, uint8_t c)
{
    bool is_there = is_next(self, c);
    self->at += is_there;
    return is_there;
}

static void skip_all_blanks(reader *self)
{
    while (is_next(self, ' ') || is_next(self, '\n') || is_next(self, '\r') ||
           is_next(self, '\t')) {
        self->at++;
    }
}

/* Inline, for tokens have none. */
static inline void skip_blanks(reader *self)
{
    if (self->at < self->end && *self->at <= ' ') {
        skip_all_blanks(self);
    }
}

static imi_json_node *push(reader *self, imi_json_kind kind)
{
    if (self->count == self->capacity) {
        fail(self, "has too many values");
        return NULL;
    }
    imi_json_node *node = &self->nodes[self->count++];
    *node = (imi_json_node){.data = self->at, .span = 1, .kind = (uint8_t)kind};
    return node;
}

/* ---- Texts ---- */

static bool is_plain(uint8_t c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

typedef uint64_t any_word __attribute__((aligned(1), may_alias));

/*
 * How many of eight bytes are plain before the first that is not. A subtraction sets the high bit
 * of a byte that is smaller, and perhaps of those above it, so the lowest bit that is set is right.
 */
static size_t count_plain(const uint8_t *at)
{
    static const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t bytes = le64toh(*(const any_word *)(const void *)at);
    uint64_t odd = bytes | (bytes - ones * 0x20) | ((bytes ^ ones * '"') - ones) |
                   ((bytes ^ ones * '\\') - ones);
    odd &= ones * 0x80;
    return odd == 0 ? 8 : (size_t)__builtin_ctzll(odd) / 8;
}

/* Nearly all that texts are made of. */
static void skip_plain(reader *self)
{
    while (self->end - self->at >= 8) {
        size_t count = count_plain(self->at);
        self->at += count;
        if (count < 8) {
            return;
        }
    }
    while (self->at < self->end && is_plain(*self->at)) {
        self->at++;
    }
}

static bool read_text(reader *self)
{
    self->at++;
    imi_json_node *node = push(self, IMI_JSON_TEXT);
    if (node == NULL) {
        return false;
    }
    for (skip_plain(self); !is_next(self, '"'); skip_plain(self)) {
        size_t size = imi_json_character(self->at, self->end);
        if (size == 0) {
            return fail(self, "has a malformed text");
        }
        node->has_escapes |= *self->at == '\\';
        self->at += size;
    }
    node->size = (uint32_t)(self->at - node->data);
    return take(self, '"');
}

/* One of 64 bits by which most names differ that are not the same. */
static uint64_t mark_of(const imi_json_node *name)
{
    if (name->size == 0) {
        return 1;
    }
    unsigned sum = name->size + 5U * name->data[0] + 3U * name->data[name->size - 1];
    return UINT64_C(1) << (sum % 64);
}

/* marks: of the names before; those with escapes say nothing, and set all. */
static bool is_new_name(const imi_json_node *object, const imi_json_node *name, uint64_t *marks)
{
    uint64_t mark = name->has_escapes ? UINT64_MAX : mark_of(name);
    bool may_be_known = (*marks & mark) != 0;
    *marks |= mark;
    for (const imi_json_node *other = object + 1; may_be_known && other < name;
         other += 1 + other[1].span) {
        if (imi_json_same_text(other, name)) {
            return false;
        }
    }
    return true;
}

/* ---- Numbers ---- */

static bool skip_digits(reader *self)
{
    const uint8_t *start = self->at;
    while (self->at < self->end && *self->at >= '0' && *self->at <= '9') {
        self->at++;
    }
    return self->at > start;
}

/* Digits without a zero in front of others. */
static bool skip_integer(reader *self)
{
    return take(self, '0') || skip_digits(self);
}

static bool skip_fraction(reader *self)
{
    return !take(self, '.') || skip_digits(self);
}

static bool skip_exponent(reader *self)
{
    if (!take(self, 'e') && !take(self, 'E')) {
        return true;
    }
    if (!take(self, '-')) {
        take(self, '+');
    }
    return skip_digits(self);
}

static bool read_number(reader *self)
{
    imi_json_node *node = push(self, IMI_JSON_INTEGER);
    if (node == NULL) {
        return false;
    }
    take(self, '-');
    bool is_well_formed = skip_integer(self);
    const uint8_t *behind_integer = self->at;
    if (!is_well_formed || !skip_fraction(self) || !skip_exponent(self)) {
        return fail(self, "has a malformed value");
    }
    node->kind = self->at == behind_integer ? IMI_JSON_INTEGER : IMI_JSON_REAL;
    node->size = (uint32_t)(self->at - node->data);
    return imi_json_number_fits(node) || fail(self, "has a number that is too large");
}

/* ---- Values ---- */

static bool read_value(reader *self, unsigned depth);

static bool read_member(reader *self, size_t object, unsigned depth, uint64_t *marks)
{
    skip_blanks(self);
    if (!is_next(self, '"')) {
        return fail(self, "has a member without a name");
    }
    size_t name = self->count;
    if (!read_text(self)) {
        return false;
    }
    if (!is_new_name(&self->nodes[object], &self->nodes[name], marks)) {
        return fail(self, "has two members of one name");
    }
    skip_blanks(self);
    return take(self, ':') ? read_value(self, depth) : fail(self, "has a name without a value");
}

/* An object or an array, from its opening bracket to the one that closes it. */
static bool read_container(reader *self, imi_json_kind kind, uint8_t closing, unsigned depth)
{
    size_t place = self->count;
    if (depth == IMI_JSON_DEPTH_MAX) {
        return fail(self, "is nested too deeply");
    }
    if (push(self, kind) == NULL) {
        return false;
    }
    self->at++;
    skip_blanks(self);
    uint64_t marks = 0;
    bool is_open = !is_next(self, closing);
    while (is_open) {
        if (!(kind == IMI_JSON_OBJECT ? read_member(self, place, depth + 1, &marks)
                                      : read_value(self, depth + 1))) {
            return false;
        }
        skip_blanks(self);
        is_open = take(self, ',');
    }
    self->nodes[place].span = (uint16_t)(self->count - place);
    return take(self, closing) || fail(self, "has a bracket that is not closed");
}

static bool read_word(reader *self, const char *word, imi_json_kind kind)
{
    size_t size = strlen(word);
    if ((size_t)(self->end - self->at) < size || memcmp(self->at, word, size) != 0) {
        return fail(self, "has a malformed value");
    }
    bool is_kept = push(self, kind) != NULL;
    self->at += size;
    return is_kept;
}

static bool read_value(reader *self, unsigned depth)
{
    skip_blanks(self);
    switch (self->at < self->end ? *self->at : 0) {
    case '"':
        return read_text(self);
    case '{':
        return read_container(self, IMI_JSON_OBJECT, '}', depth);
    case '[':
        return read_container(self, IMI_JSON_ARRAY, ']', depth);
    case 't':
        return read_word(self, "true", IMI_JSON_TRUE);
    case 'f':
        return read_word(self, "false", IMI_JSON_FALSE);
    case 'n':
        return read_word(self, "null", IMI_JSON_NULL);
    default:
        return read_number(self);
    }
}

static bool read_whole(reader *self)
{
    skip_blanks(self);
    if (!is_next(self, '{')) {
        return fail(self, "is not an object");
    }
    if (!read_value(self, 0)) {
        return false;
    }
    skip_blanks(self);
    return self->at == self->end || fail(self, "has something behind its end");
}

imi_status imi_json_read_object(imi_view text, const char *what, imi_status status_if_bad,
                                imi_json_node *nodes, size_t capacity, imi_error *err)
{
    if (text.size == 0 || text.size > UINT32_MAX || capacity > IMI_JSON_NODES_MAX) {
        IMI_FAIL(err, status_if_bad, "%s is empty or too large", what);
    }
    reader self = {text.data, text.data + text.size, nodes, 0, capacity, NULL};
    /* The message quotes nothing: the text may be secret. */
    if (!read_whole(&self)) {
        IMI_FAIL(err, status_if_bad, "%s is not valid JSON: it %s, at byte %zu", what, self.problem,
                 (size_t)(self.at - text.data));
    }
    return IMI_OK;
}
