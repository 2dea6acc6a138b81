#include "exif_maker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { ASCII = 2, SHORT = 3, LONG = 4, ENTRY = 12, BODY_MAX = 4096 };

typedef struct writer {
    const exif_plan *plan;
    uint8_t bytes[BODY_MAX]; /* the TIFF structure */
    size_t entry; /* where the next one goes */
    size_t end; /* of all that is written; texts go here */
} writer;

static void put(writer *w, size_t at, uint32_t value, size_t width)
{
    assert_true(at + width <= BODY_MAX);
    for (size_t i = 0; i < width; i++) {
        size_t from_low = w->plan->big_endian ? width - 1 - i : i;
        w->bytes[at + i] = (uint8_t)(value >> 8 * from_low);
    }
}

static void put_head(writer *w, uint16_t tag, uint16_t type, uint32_t count)
{
    put(w, w->entry, tag, 2);
    put(w, w->entry + 2, type, 2);
    put(w, w->entry + 4, count, 4);
    w->entry += ENTRY;
}

static void put_integer(writer *w, uint16_t tag, uint16_t type, uint32_t value)
{
    if (value > 0) {
        put_head(w, tag, type, 1);
        put(w, w->entry - 4, value, type == SHORT ? 2 : 4);
    }
}

/* Up to four bytes lie in the entry itself. */
static void put_text(writer *w, uint16_t tag, const char *text)
{
    if (text == NULL) {
        return;
    }
    size_t size = strlen(text) + 1;
    put_head(w, tag, ASCII, (uint32_t)size);
    size_t at = w->entry - 4;
    if (size > 4) {
        put(w, at, (uint32_t)w->end, 4);
        at = w->end;
        w->end += size;
    }
    assert_true(at + size <= BODY_MAX);
    imi_copy(w->bytes + at, text, size);
}

static void open_directory(writer *w, size_t at, uint32_t entries)
{
    put(w, at, entries, 2);
    w->entry = at + 2;
    w->end = w->entry + (size_t)entries * ENTRY + 4;
}

static void put_first(writer *w, uint32_t camera_at)
{
    const exif_plan *plan = w->plan;
    put_text(w, 0x010F, plan->make);
    put_text(w, 0x0110, plan->model);
    put_integer(w, 0x0112, SHORT, plan->orientation);
    put_integer(w, 0x8769, LONG, camera_at);
}

void exif_maker_body(const exif_plan *plan, imi_buffer *out)
{
    uint32_t first = 1U + (plan->make != NULL) + (plan->model != NULL) + (plan->orientation > 0);
    uint32_t camera = plan->taken_at != NULL;
    writer w = {.plan = plan};
    imi_copy(w.bytes, plan->big_endian ? "MM" : "II", 2);
    put(&w, 2, 42, 2);
    put(&w, 4, EXIF_MAKER_FIRST, 4);
    open_directory(&w, EXIF_MAKER_FIRST, first);
    size_t camera_at = w.end;
    w.end = camera_at + 2 + (size_t)camera * ENTRY + 4;
    put_first(&w, (uint32_t)camera_at);
    size_t texts = w.end;
    open_directory(&w, camera_at, camera);
    w.end = texts;
    put_text(&w, 0x9003, plan->taken_at);
    assert_int_equal(imi_buffer_append(out, (imi_view){(const uint8_t *)"Exif\0", 6}, NULL),
                     IMI_OK);
    assert_int_equal(imi_buffer_append(out, (imi_view){w.bytes, w.end}, NULL), IMI_OK);
}

void exif_maker_add(const exif_plan *plan, imi_buffer *file)
{
    IMI_AUTO_BUFFER body = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER whole = IMI_BUFFER_INIT;
    exif_maker_body(plan, &body);
    size_t length = body.size + 2;
    const uint8_t head[] = {0xFF, 0xD8, 0xFF, 0xE1, (uint8_t)(length >> 8), (uint8_t)length};
    const imi_view parts[] = {
        {head, sizeof head}, imi_buffer_view(&body), {file->data + 2, file->size - 2}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        assert_int_equal(imi_buffer_append(&whole, parts[i], NULL), IMI_OK);
    }
    file->size = 0;
    assert_int_equal(imi_buffer_append(file, imi_buffer_view(&whole), NULL), IMI_OK);
}
