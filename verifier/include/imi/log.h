/**
 * Log: one JSON object a line on standard error. Never a key, token, template, image,
 * secret or name of a person: identifiers and codes only.
 */
#ifndef IMI_LOG_H
#define IMI_LOG_H

#include "imi/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum imi_log_level {
    IMI_LOG_DEBUG = 0,
    IMI_LOG_INFO = 1,
    IMI_LOG_WARNING = 2,
    IMI_LOG_ERROR = 3,
    IMI_LOG_OFF = 4
} imi_log_level;

/** Lowest level that is written; IMI_LOG_INFO at start. Set before threads start. */
void imi_log_set_level(imi_log_level level);

/**
 * Write one line. topic is a short fixed word ("session", "rpc"); the message is
 * printf-style and escaped for JSON.
 *
 * Threads: safe; a line is written whole.
 */
void imi_log(imi_log_level level, const char *topic, const char *format, ...) IMI_PRINTF(3, 4);

#ifdef __cplusplus
}
#endif
#endif
