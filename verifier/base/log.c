#include "imi/log.h"

#include "imi/bytes.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static atomic_int g_level = IMI_LOG_INFO;

void imi_log_set_level(imi_log_level level)
{
    atomic_store(&g_level, (int)level);
}

/* Length of the UTF-8 sequence of several bytes at text, 0 if it is malformed or cut. */
static size_t sequence_at(const char *text)
{
    for (size_t size = 2; size <= 4 && text[size - 1] != '\0'; size++) {
        if (imi_text_is_clean_utf8((imi_view){(const uint8_t *)text, size})) {
            return size;
        }
    }
    return 0;
}

/* Append a sequence of several bytes, or the replacement character for a stray byte. Returns how
 * many bytes of text that was. */
static size_t append_sequence(char *line, size_t *at, const char *text)
{
    size_t size = sequence_at(text);
    if (size == 0) {
        imi_copy(line + *at, "\\ufffd", 6);
        *at += 6;
        return 1;
    }
    imi_copy(line + *at, text, size);
    *at += size;
    return size;
}

/* Append text to line with JSON escapes; drops what does not fit. */
static size_t escape(char *line, size_t at, size_t capacity, const char *text)
{
    while (*text != '\0' && at + 7 < capacity) {
        unsigned char c = (unsigned char)*text;
        if (c >= 0x80) {
            text += append_sequence(line, &at, text);
            continue;
        }
        text++;
        if (c == '"' || c == '\\') {
            line[at++] = '\\';
            line[at++] = (char)c;
        } else if (c < 0x20) {
            at += (size_t)snprintf(line + at, capacity - at, "\\u%04x", c);
        } else {
            line[at++] = (char)c;
        }
    }
    return at;
}

void imi_log(imi_log_level level, const char *topic, const char *format, ...)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    if (level < IMI_LOG_DEBUG || level >= IMI_LOG_OFF || (int)level < atomic_load(&g_level)) {
        return;
    }
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);

    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    char stamp[32];
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);

    char line[2048];
    size_t at = (size_t)snprintf(
        line, sizeof line,
        "{\"time\":\"%s.%03ldZ\",\"level\":\"%s\",\"topic\":\"%.32s\",\"message\":\"", stamp,
        now.tv_nsec / 1000000, names[level], topic);
    at = escape(line, at, sizeof line - 4, message);
    line[at++] = '"';
    line[at++] = '}';
    line[at++] = '\n';
    /* One write a line keeps lines of several threads whole; a lost log line is no error. */
    ssize_t written = write(STDERR_FILENO, line, at);
    (void)written;
}
