#include "imi/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

imi_view imi_view_of_text(const char *text)
{
    return (imi_view){(const uint8_t *)text, text == NULL ? 0 : strlen(text)};
}

bool imi_view_equal(imi_view a, imi_view b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool imi_view_equal_secret(imi_view a, imi_view b)
{
    if (a.size != b.size) {
        return false;
    }
    volatile uint8_t difference = 0;
    for (size_t i = 0; i < a.size; i++) {
        difference = (uint8_t)(difference | (a.data[i] ^ b.data[i]));
    }
    return difference == 0;
}

void imi_buffer_clean_up(imi_buffer *buffer)
{
    if (buffer != NULL) {
        imi_wipe(buffer->data, buffer->capacity);
        imi_free(buffer->data);
        *buffer = (imi_buffer)IMI_BUFFER_INIT;
    }
}

imi_status imi_buffer_reserve(imi_buffer *buffer, size_t capacity, imi_error *err)
{
    if (capacity <= buffer->capacity) {
        return IMI_OK;
    }
    size_t doubled = 0;
    if (imi_size_mul(buffer->capacity, 2, &doubled) && doubled > capacity) {
        capacity = doubled;
    }
    /* A fresh block rather than realloc, so that the old bytes can be wiped. */
    uint8_t *data = imi_alloc(capacity);
    if (data == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a buffer of %zu bytes", capacity);
    }
    imi_copy(data, buffer->data, buffer->size);
    imi_wipe(buffer->data, buffer->capacity);
    imi_free(buffer->data);
    buffer->data = data;
    buffer->capacity = capacity;
    return IMI_OK;
}

imi_status imi_buffer_append(imi_buffer *buffer, imi_view bytes, imi_error *err)
{
    size_t total = 0;
    if (!imi_size_add(buffer->size, bytes.size, &total)) {
        IMI_FAIL(err, IMI_E_OVERFLOW, "buffer size overflows");
    }
    IMI_TRY(imi_buffer_reserve(buffer, total, err));
    imi_copy(buffer->data + buffer->size, bytes.data, bytes.size);
    buffer->size = total;
    return IMI_OK;
}

imi_status imi_buffer_append_text(imi_buffer *buffer, const char *text, imi_error *err)
{
    return imi_buffer_append(buffer, imi_view_of_text(text), err);
}

imi_status imi_buffer_printf(imi_buffer *buffer, imi_error *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (size < 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "text cannot be formatted");
    }
    IMI_TRY(imi_buffer_reserve(buffer, buffer->size + (size_t)size + 1, err));
    va_start(arguments, format);
    vsnprintf((char *)buffer->data + buffer->size, (size_t)size + 1, format, arguments);
    va_end(arguments);
    buffer->size += (size_t)size;
    return IMI_OK;
}

imi_status imi_buffer_terminate(imi_buffer *buffer, imi_error *err)
{
    IMI_TRY(imi_buffer_reserve(buffer, buffer->size + 1, err));
    buffer->data[buffer->size] = 0;
    return IMI_OK;
}

imi_view imi_buffer_view(const imi_buffer *buffer)
{
    return (imi_view){buffer->data, buffer->size};
}
