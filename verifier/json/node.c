/* What a node that was read holds. */
#include "node.h"

#include <stdlib.h>

bool imi_json_is(const imi_json_node *node, imi_json_kind kind)
{
    return node != NULL && node->kind == kind;
}

const imi_json_node *imi_json_first(const imi_json_node *container)
{
    bool has_children =
        imi_json_is(container, IMI_JSON_OBJECT) || imi_json_is(container, IMI_JSON_ARRAY);
    return has_children && container->span > 1 ? container + 1 : NULL;
}

const imi_json_node *imi_json_next(const imi_json_node *container, const imi_json_node *child)
{
    const imi_json_node *value = container->kind == IMI_JSON_OBJECT ? child + 1 : child;
    const imi_json_node *next = value + value->span;
    return next < container + container->span ? next : NULL;
}

const imi_json_node *imi_json_find(const imi_json_node *object, imi_view name)
{
    if (!imi_json_is(object, IMI_JSON_OBJECT)) {
        return NULL;
    }
    imi_json_node wanted = {.data = name.data, .size = (uint32_t)name.size};
    const imi_json_node *at = object + 1, *end = object + object->span;
    while (at < end && !imi_json_same_text(at, &wanted)) {
        at += 1 + at[1].span;
    }
    return at < end ? at + 1 : NULL;
}

/* ---- Numbers ---- */

bool imi_json_integer(const imi_json_node *node, int64_t *out)
{
    *out = 0;
    if (!imi_json_is(node, IMI_JSON_INTEGER)) {
        return false;
    }
    bool is_negative = node->data[0] == '-';
    int64_t value = 0;
    for (size_t i = is_negative; i < node->size; i++) {
        int digit = node->data[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, is_negative ? -digit : digit, &value)) {
            return false;
        }
    }
    *out = value;
    return true;
}

/* Of a number that ends at end, from behind its sign on: what follows the e, bounded. */
static long exponent_at(const uint8_t *at, const uint8_t *end)
{
    enum { BEYOND_ALL = 10000 };
    while (at < end && (*at | 0x20) != 'e') {
        at++;
    }
    if (at == end) {
        return 0;
    }
    bool is_down = at[1] == '-';
    long exponent = 0;
    for (at += 1 + (is_down || at[1] == '+'); at < end && exponent < BEYOND_ALL; at++) {
        exponent = exponent * 10 + (*at - '0');
    }
    return is_down ? -exponent : exponent;
}

bool imi_json_number_fits(const imi_json_node *number)
{
    enum { PLACES_MAX = 308 }; /* doubles reach 1.8e308 */
    int64_t integer = 0;
    if (number->kind == IMI_JSON_INTEGER) {
        return imi_json_integer(number, &integer);
    }
    const uint8_t *start = number->data + (number->data[0] == '-'), *at = start;
    const uint8_t *end = number->data + number->size;
    while (*at >= '0' && *at <= '9') {
        at++;
    }
    return (at - start) + exponent_at(at, end) <= PLACES_MAX;
}

/* Digits without a point, and how many places to move the point to the right. */
typedef struct decimal {
    uint64_t digits;
    long shift;
} decimal;

static const uint64_t DIGITS_MAX = UINT64_C(1) << 53;
enum { SHIFT_MAX = 22 }; /* 10^22 is the largest power of ten that is a double */

static bool read_decimal(const uint8_t *at, const uint8_t *end, decimal *out)
{
    bool behind_point = false;
    *out = (decimal){.shift = exponent_at(at, end)};
    for (; at < end && (*at | 0x20) != 'e' && out->digits <= DIGITS_MAX; at++) {
        if (*at == '.') {
            behind_point = true;
        } else {
            out->digits = out->digits * 10 + (uint64_t)(*at - '0');
            out->shift -= behind_point;
        }
    }
    return out->digits <= DIGITS_MAX && out->shift >= -SHIFT_MAX && out->shift <= SHIFT_MAX;
}

/* Both operands are exact, so the one operation rounds as strtod would, in every locale. */
bool imi_json_real(const imi_json_node *node, double *out)
{
    decimal number;
    *out = 0;
    if (!imi_json_is(node, IMI_JSON_REAL) && !imi_json_is(node, IMI_JSON_INTEGER)) {
        return false;
    }
    bool is_negative = node->data[0] == '-';
    if (!read_decimal(node->data + is_negative, node->data + node->size, &number)) {
        return false;
    }
    double power = 1, value = (double)number.digits;
    for (long i = 0; i < labs(number.shift); i++) {
        power *= 10;
    }
    value = number.shift < 0 ? value / power : value * power;
    *out = is_negative ? -value : value;
    return true;
}
