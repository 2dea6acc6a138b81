#include "node.h"

#include <string.h>

enum { ESCAPE_SIZE = 6, SURROGATES = 2 * ESCAPE_SIZE }; /* \uXXXX, and a pair of them */

/* ---- Characters ---- */

/* Of four hexadecimal digits; -1 if they are none. */
static long hex_value(const uint8_t *digits)
{
    long value = 0;
    for (size_t i = 0; i < 4; i++) {
        uint8_t c = digits[i], letter = c | 0x20;
        int digit = c >= '0' && c <= '9'             ? c - '0'
                    : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10
                                                     : -1;
        if (digit < 0) {
            return -1;
        }
        value = value << 4 | digit;
    }
    return value;
}

/* Code unit of \uXXXX, -1 if there is none such. */
static long unit_at(const uint8_t *at, const uint8_t *end)
{
    return end - at >= ESCAPE_SIZE && at[0] == '\\' && at[1] == 'u' ? hex_value(at + 2) : -1;
}

static bool is_between(long unit, long low, long high)
{
    return unit >= low && unit <= high;
}

/* Surrogates come in pairs; U+0000 would end a C string. */
static size_t unicode_escape(const uint8_t *at, const uint8_t *end)
{
    long unit = unit_at(at, end);
    if (is_between(unit, 0xD800, 0xDBFF)) {
        return is_between(unit_at(at + ESCAPE_SIZE, end), 0xDC00, 0xDFFF) ? SURROGATES : 0;
    }
    return unit > 0 && !is_between(unit, 0xDC00, 0xDFFF) ? ESCAPE_SIZE : 0;
}

size_t imi_json_character(const uint8_t *at, const uint8_t *end)
{
    if (at == end || *at < 0x20 || *at == '"') {
        return 0;
    }
    if (*at == '\\') {
        bool is_short = end - at >= 2 && at[1] != 0 && strchr("\"\\/bfnrt", at[1]) != NULL;
        return is_short ? 2 : unicode_escape(at, end);
    }
    return *at < 0x80 ? 1 : imi_utf8_sequence((imi_view){at, (size_t)(end - at)});
}

/* ---- Texts without their escapes, byte by byte ---- */

typedef struct unescaper {
    const uint8_t *at, *end;
    bool has_escapes; /* without any a backslash is one: so it is in texts of our own */
    uint8_t held[4]; /* UTF-8 of an escape, the last byte first */
    unsigned held_count;
} unescaper;

static unescaper start_at(const imi_json_node *text)
{
    return (unescaper){
        .at = text->data, .end = text->data + text->size, .has_escapes = text->has_escapes};
}

static void hold_utf8(unescaper *self, long character)
{
    if (character < 0x80) {
        self->held[self->held_count++] = (uint8_t)character;
        return;
    }
    /* 110xxxxx, 1110xxxx or 11110xxx: with each byte that follows, the first has one bit less. */
    long room = 0x3F;
    do {
        self->held[self->held_count++] = (uint8_t)(0x80 | (character & 0x3F));
        character >>= 6;
        room >>= 1;
    } while (character > room);
    self->held[self->held_count++] = (uint8_t)(~(2 * room + 1) | character);
}

static void hold_escape(unescaper *self)
{
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    const char *letter = strchr(letters, self->at[1]);
    if (self->at[1] != 'u') {
        uint8_t plain = self->at[1];
        self->held[self->held_count++] =
            letter == NULL ? plain : (uint8_t)meanings[letter - letters];
        self->at += 2;
        return;
    }
    long character = unit_at(self->at, self->end);
    self->at += ESCAPE_SIZE;
    if (is_between(character, 0xD800, 0xDBFF)) {
        long low = unit_at(self->at, self->end);
        character = 0x10000 + ((character - 0xD800) << 10) + (low - 0xDC00);
        self->at += ESCAPE_SIZE;
    }
    hold_utf8(self, character);
}

/* -1 at the end. */
static int next_byte(unescaper *self)
{
    if (self->held_count == 0 && self->at < self->end) {
        if (*self->at != '\\' || !self->has_escapes) {
            return *self->at++;
        }
        hold_escape(self);
    }
    return self->held_count == 0 ? -1 : self->held[--self->held_count];
}

bool imi_json_same_unescaped(const imi_json_node *a, const imi_json_node *b)
{
    unescaper left = start_at(a), right = start_at(b);
    int byte = 0;
    do {
        byte = next_byte(&left);
        if (byte != next_byte(&right)) {
            return false;
        }
    } while (byte >= 0);
    return true;
}

bool imi_json_says(const imi_json_node *node, const char *text)
{
    imi_json_node wanted = {.data = (const uint8_t *)text, .size = (uint32_t)strlen(text)};
    return imi_json_is(node, IMI_JSON_TEXT) && imi_json_same_text(node, &wanted);
}

/* Size of the text; what does not fit is left out. */
static size_t unescape(const imi_json_node *text, char *out, size_t capacity)
{
    unescaper from = start_at(text);
    size_t size = 0;
    for (int byte = next_byte(&from); byte >= 0; byte = next_byte(&from), size++) {
        if (size < capacity) {
            out[size] = (char)byte;
        }
    }
    return size;
}

bool imi_json_copy_text(const imi_json_node *node, char *out, size_t capacity)
{
    out[0] = '\0';
    if (!imi_json_is(node, IMI_JSON_TEXT)) {
        return false;
    }
    size_t size = node->has_escapes ? unescape(node, out, capacity) : node->size;
    if (size >= capacity) {
        out[0] = '\0';
        return false;
    }
    if (!node->has_escapes) {
        imi_copy(out, node->data, size);
    }
    out[size] = '\0';
    return size > 0;
}
