#include "presentation.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LIST_SIZE_MAX = 64 << 20, CLIP_SECONDS_MAX = 86400 };

void eval_presentations_clean_up(eval_presentations *all)
{
    for (size_t i = 0; i < all->count; i++) {
        imi_free(all->items[i].path);
    }
    imi_free(all->items);
    imi_buffer_clean_up(&all->text);
    *all = (eval_presentations){.text = IMI_BUFFER_INIT};
}

/* Cut off and give the text before the separator; *rest is what follows, NULL at the end. */
static char *cut(char *text, char separator, char **rest)
{
    char *at = strchr(text, separator);
    *rest = at == NULL ? NULL : at + 1;
    if (at != NULL) {
        *at = '\0';
    }
    return text;
}

static char *without_quotes(char *text)
{
    size_t length = strlen(text);
    if (length < 2 || text[0] != '"' || text[length - 1] != '"') {
        return text;
    }
    text[length - 1] = '\0';
    return text + 1;
}

/* Seconds as a decimal number, in milliseconds; -1 if it is none. */
static int64_t read_seconds(const char *text)
{
    char *end = NULL;
    double seconds = strtod(text, &end);
    bool good = end != text && *end == '\0' && seconds >= 0 && seconds <= CLIP_SECONDS_MAX;
    return good ? (int64_t)(seconds * 1000 + 0.5) : -1;
}

/* Cut "#t=FROM-TO" off a file's name. */
static bool read_range(char *file, eval_presentation *out)
{
    char *range = strstr(file, "#t=");
    if (range == NULL) {
        return true;
    }
    *range = '\0';
    char *to = NULL;
    out->start_ms = read_seconds(cut(range + strlen("#t="), '-', &to));
    out->end_ms = to == NULL ? -1 : read_seconds(to);
    return out->start_ms >= 0 && out->end_ms > out->start_ms;
}

/* The name that reports show keeps the range. */
static imi_status find_file(const char *list, const char *file, eval_presentation *out,
                            imi_error *err)
{
    const char *slash = strrchr(list, '/');
    int folder = slash == NULL || file[0] == '/' ? 0 : (int)(slash - list + 1);
    IMI_AUTO_BUFFER path = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_printf(&path, err, "%.*s%s", folder, list, file));
    IMI_TRY(imi_buffer_terminate(&path, err));
    bool beside = access((const char *)path.data, R_OK) == 0;
    out->path = imi_strdup(beside ? (const char *)path.data : file);
    if (out->path == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a list of files");
    }
    if (!beside && access(file, R_OK) != 0) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "%s is not there, or not readable", file);
    }
    return IMI_OK;
}

static imi_status read_file(const char *list, const char *name, eval_presentation *out,
                            imi_error *err)
{
    char file[4096];
    out->name = name;
    if (!imi_copy_text(file, sizeof file, name) || !read_range(file, out)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s: no range of seconds such as clip.mp4#t=8-16",
                 name);
    }
    return find_file(list, file, out, err);
}

static imi_status read_line(const char *list, size_t number, char *line, eval_presentation *out,
                            imi_error *err)
{
    char *label = NULL;
    char *challenge = NULL;
    const char *name = cut(line, ',', &label);
    if (label != NULL) {
        out->label = cut(label, ',', &challenge);
    }
    if (name[0] == '\0' || label == NULL || label[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s line %zu: not file,label,challenge", list,
                 number);
    }
    IMI_TRY(read_file(list, name, out, err));
    const char *script = challenge == NULL ? "" : without_quotes(challenge);
    imi_error reason = IMI_ERROR_INIT;
    if (script[0] != '\0' && imi_challenge_parse(script, &out->challenge, &reason) != IMI_OK) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s line %zu: %s", list, number, reason.message);
    }
    return IMI_OK;
}

static imi_status read_lines(const char *list, eval_presentations *out, imi_error *err)
{
    char *rest = (char *)out->text.data;
    for (size_t number = 1; rest != NULL; number++) {
        char *line = cut(rest, '\n', &rest);
        line[strcspn(line, "\r")] = '\0';
        if (number == 1 && strncmp(line, "file,label", strlen("file,label")) != 0) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s: the first line is not file,label,challenge",
                     list);
        }
        if (number > 1 && line[0] != '\0') {
            IMI_TRY(read_line(list, number, line, &out->items[out->count++], err));
        }
    }
    if (out->count == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s lists nothing", list);
    }
    return IMI_OK;
}

static imi_status load(const char *list, eval_presentations *out, imi_error *err)
{
    IMI_TRY(imi_file_read(list, LIST_SIZE_MAX, &out->text, err));
    IMI_TRY(imi_buffer_terminate(&out->text, err));
    size_t lines = 1;
    for (const char *at = (const char *)out->text.data; *at != '\0'; at++) {
        lines += *at == '\n';
    }
    out->items = imi_alloc_array(lines, sizeof *out->items);
    if (out->items == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu lines", lines);
    }
    return read_lines(list, out, err);
}

imi_status eval_presentations_load(const char *list, eval_presentations *out, imi_error *err)
{
    *out = (eval_presentations){.text = IMI_BUFFER_INIT};
    imi_status status = load(list, out, err);
    if (status != IMI_OK) {
        eval_presentations_clean_up(out);
    }
    return status;
}
