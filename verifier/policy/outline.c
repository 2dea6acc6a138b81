#include "outline.h"

#include "imi/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

enum { DEPTH_MAX = 8, FIELDS_MAX = 8192 };

typedef struct field {
    char path[IMI_OUTLINE_PATH_SIZE];
    unsigned line;
} field;

struct imi_outline {
    char name[128];
    field *fields;
    size_t count, capacity;
};

/* One mapping or list that is open while walking. */
typedef struct frame {
    bool is_mapping;
    bool has_key; /* a key was read whose value comes next */
    size_t index; /* of the next entry of a list */
    char path[IMI_OUTLINE_PATH_SIZE];
    char child[IMI_OUTLINE_PATH_SIZE];
    unsigned child_line;
} frame;

typedef struct walker {
    imi_outline *outline;
    yaml_parser_t *parser;
    frame frames[DEPTH_MAX];
    size_t depth;
    unsigned documents;
    imi_error *err;
} walker;

static imi_status fail_at(const walker *self, unsigned line, const char *what)
{
    IMI_FAIL(self->err, IMI_E_POLICY, "%s line %u: %s", self->outline->name, line, what);
}

static const field *find(const imi_outline *outline, const char *path)
{
    for (size_t i = 0; i < outline->count; i++) {
        if (strcmp(outline->fields[i].path, path) == 0) {
            return &outline->fields[i];
        }
    }
    return NULL;
}

static imi_status note(walker *self, const char *path, unsigned line)
{
    imi_outline *outline = self->outline;
    if (outline->count == FIELDS_MAX) {
        return fail_at(self, line, "the file has too many fields");
    }
    if (outline->count == outline->capacity) {
        size_t capacity = outline->capacity == 0 ? 64 : outline->capacity * 2;
        field *grown = imi_realloc(outline->fields, capacity * sizeof *grown);
        if (grown == NULL) {
            IMI_FAIL(self->err, IMI_E_NO_MEMORY, "no memory to read %s", outline->name);
        }
        outline->fields = grown;
        outline->capacity = capacity;
    }
    field *added = &outline->fields[outline->count++];
    imi_copy_text(added->path, sizeof added->path, path);
    added->line = line;
    return IMI_OK;
}

static imi_status take_key(walker *self, frame *top, const char *key, unsigned line)
{
    char path[IMI_OUTLINE_PATH_SIZE];
    int size =
        snprintf(path, sizeof path, "%s%s%s", top->path, top->path[0] == '\0' ? "" : ".", key);
    if (size < 0 || (size_t)size >= sizeof path) {
        return fail_at(self, line, "the name of a field is too long");
    }
    imi_copy_text(top->child, sizeof top->child, path);
    const field *first = find(self->outline, path);
    if (first != NULL) {
        char what[IMI_OUTLINE_PATH_SIZE + 64];
        snprintf(what, sizeof what, "%s is given twice, first on line %u", top->child, first->line);
        return fail_at(self, line, what);
    }
    top->has_key = true;
    top->child_line = line;
    return note(self, top->child, line);
}

/* Path of the value that begins now: of the key before it, or of the next entry. */
static imi_status begin_value(walker *self, unsigned line, const char **path_out)
{
    *path_out = "";
    if (self->depth == 0) {
        return IMI_OK;
    }
    frame *top = &self->frames[self->depth - 1];
    if (top->is_mapping && !top->has_key) {
        return fail_at(self, line, "the name of a field must be plain text");
    }
    top->has_key = false;
    *path_out = top->child;
    if (top->is_mapping) {
        return IMI_OK;
    }
    char path[IMI_OUTLINE_PATH_SIZE];
    int size = snprintf(path, sizeof path, "%s[%zu]", top->path, top->index++);
    if (size < 0 || (size_t)size >= sizeof path) {
        return fail_at(self, line, "lists are nested too deeply");
    }
    imi_copy_text(top->child, sizeof top->child, path);
    return note(self, top->child, line);
}

static imi_status push(walker *self, bool is_mapping, unsigned line)
{
    const char *path = NULL;
    IMI_TRY(begin_value(self, line, &path));
    if (self->depth == DEPTH_MAX) {
        return fail_at(self, line, "the file is nested too deeply");
    }
    frame *top = &self->frames[self->depth];
    *top = (frame){.is_mapping = is_mapping};
    imi_copy_text(top->path, sizeof top->path, path);
    self->depth++;
    return IMI_OK;
}

static imi_status take_scalar(walker *self, const yaml_event_t *event, unsigned line)
{
    frame *top = self->depth == 0 ? NULL : &self->frames[self->depth - 1];
    if (top != NULL && top->is_mapping && !top->has_key) {
        return take_key(self, top, (const char *)event->data.scalar.value, line);
    }
    const char *path = NULL;
    return begin_value(self, line, &path);
}

/* Anchors and tags of any event that can carry them. */
static bool is_decorated(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return true;
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor != NULL || event->data.sequence_start.tag != NULL;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor != NULL || event->data.mapping_start.tag != NULL;
    default:
        return false;
    }
}

static imi_status take_event(walker *self, const yaml_event_t *event)
{
    unsigned line = (unsigned)event->start_mark.line + 1;
    if (is_decorated(event)) {
        return fail_at(self, line, "anchors, aliases and tags are not allowed");
    }
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return ++self->documents > 1 ? fail_at(self, line, "there must be one document only")
                                     : IMI_OK;
    case YAML_MAPPING_START_EVENT:
        return push(self, true, line);
    case YAML_SEQUENCE_START_EVENT:
        return push(self, false, line);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        self->depth--;
        return IMI_OK;
    case YAML_SCALAR_EVENT:
        return take_scalar(self, event, line);
    default:
        return IMI_OK;
    }
}

static imi_status fail_syntax(const walker *self)
{
    const yaml_parser_t *parser = self->parser;
    if (parser->error == YAML_MEMORY_ERROR) {
        IMI_FAIL(self->err, IMI_E_NO_MEMORY, "no memory to read %s", self->outline->name);
    }
    return fail_at(self, (unsigned)parser->problem_mark.line + 1,
                   parser->problem == NULL ? "this is not YAML" : parser->problem);
}

static imi_status walk(walker *self)
{
    for (bool ended = false; !ended;) {
        yaml_event_t event;
        if (yaml_parser_parse(self->parser, &event) == 0) {
            return fail_syntax(self);
        }
        ended = event.type == YAML_STREAM_END_EVENT;
        imi_status status = take_event(self, &event);
        yaml_event_delete(&event);
        IMI_TRY(status);
    }
    return self->documents == 1 ? IMI_OK : fail_at(self, 1, "the file is empty");
}

imi_status imi_outline_new(const char *name, imi_view yaml, imi_outline **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO_OUTLINE outline = imi_alloc(sizeof *outline);
    yaml_parser_t parser;
    if (outline == NULL || yaml_parser_initialize(&parser) == 0) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to read %s", name);
    }
    imi_copy_text(outline->name, sizeof outline->name, name);
    yaml_parser_set_input_string(&parser, yaml.size == 0 ? (const uint8_t *)"" : yaml.data,
                                 yaml.size);
    walker self = {.outline = outline, .parser = &parser, .err = err};
    imi_status status = walk(&self);
    yaml_parser_delete(&parser);
    IMI_TRY(status);
    *out = IMI_STEAL(&outline);
    return IMI_OK;
}

void imi_outline_destroy(imi_outline **outline)
{
    if (outline != NULL && *outline != NULL) {
        imi_outline *taken = IMI_STEAL(outline);
        imi_free(taken->fields);
        imi_free(taken);
    }
}

const char *imi_outline_name(const imi_outline *outline)
{
    return outline->name;
}

unsigned imi_outline_line(const imi_outline *outline, const char *path)
{
    char around[IMI_OUTLINE_PATH_SIZE];
    imi_copy_text(around, sizeof around, path);
    for (size_t size = strlen(around); size > 0; size--) {
        /* Cut at the end of each enclosing field: before ".x", and before "[1]". */
        if (path[size] == '\0' || path[size] == '.' || path[size] == '[') {
            around[size] = '\0';
            const field *found = find(outline, around);
            if (found != NULL) {
                return found->line;
            }
        }
    }
    return 1;
}

imi_status imi_outline_fail(const imi_outline *outline, imi_error *err, const char *path,
                            const char *format, ...)
{
    char what[192];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    IMI_FAIL(err, IMI_E_POLICY, "%s line %u: %s%s%s", outline->name,
             imi_outline_line(outline, path), path, path[0] == '\0' ? "" : " ", what);
}
