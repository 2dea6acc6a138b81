#include "phone-sim/segments.h"

#include "imi/bytes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { FILE_LIMIT = 1 << 20, SEGMENTS_MAX = 1024 };

static const char header[] = "clip,action,start_ms,end_ms";
static const char header_with_face[] = "clip,action,start_ms,end_ms,face_x,face_y";

void imi_segments_destroy(imi_segments **segments)
{
    if (segments != NULL && *segments != NULL) {
        imi_free((*segments)->items);
        imi_free(*segments);
        *segments = NULL;
    }
}

/* Where the face is: nothing, for the middle, or two shares. */
static bool parse_face(const char *text, imi_segment *out)
{
    int used = 0;
    out->face_x = out->face_y = 0.5F;
    return text[0] == '\0' || (sscanf(text, ",%f,%f%n", &out->face_x, &out->face_y, &used) == 2 &&
                               text[used] == '\0' && out->face_x >= 0 && out->face_x <= 1 &&
                               out->face_y >= 0 && out->face_y <= 1);
}

/* One line, without its end. */
static imi_status parse_line(const char *line, int number, imi_segment *out, imi_error *err)
{
    char action[32];
    int used = 0;
    int fields = sscanf(line, "%63[^,],%31[^,],%" SCNd64 ",%" SCNd64 "%n", out->clip, action,
                        &out->start_ms, &out->end_ms, &used);
    if (fields != 4 || !parse_face(line + used, out)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "line %d is not %s", number, header_with_face);
    }
    out->action = imi_action_of_name(action);
    if (out->action == IMI_ACTION_NONE && strcmp(action, "neutral") != 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "line %d: '%s' is no action", number, action);
    }
    if (out->start_ms < 0 || out->end_ms <= out->start_ms) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "line %d: the segment ends before it starts", number);
    }
    return IMI_OK;
}

static imi_status take_line(imi_segments *segments, const char *clip, const char *line, int number,
                            imi_error *err)
{
    if (number == 1) {
        if (strcmp(line, header) != 0 && strcmp(line, header_with_face) != 0) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the first line is not %s", header);
        }
        return IMI_OK;
    }
    if (line[0] == '#' || line[0] == '\0') {
        return IMI_OK;
    }
    imi_segment segment = {0};
    IMI_TRY(parse_line(line, number, &segment, err));
    if (clip != NULL && strcmp(segment.clip, clip) != 0) {
        return IMI_OK;
    }
    if (segments->count == SEGMENTS_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "line %d: more than %d segments", number,
                 SEGMENTS_MAX);
    }
    segments->items[segments->count++] = segment;
    return IMI_OK;
}

imi_status imi_segments_load(const char *path, const char *clip, imi_segments **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(path, FILE_LIMIT, &text, err));
    IMI_TRY(imi_buffer_terminate(&text, err));
    IMI_AUTO(imi_segments) segments = imi_alloc(sizeof *segments);
    if (segments != NULL) {
        segments->items = imi_alloc_array(SEGMENTS_MAX, sizeof *segments->items);
    }
    if (segments == NULL || segments->items == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for segments");
    }
    int number = 0;
    for (char *line = (char *)text.data; *line != '\0';) {
        size_t size = strcspn(line, "\n");
        char *next = line + size + (line[size] == '\n' ? 1 : 0);
        line[size] = '\0';
        line[strcspn(line, "\r")] = '\0';
        IMI_TRY(take_line(segments, clip, line, ++number, err));
        line = next;
    }
    if (segments->count == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s has no segment of %s", path,
                 clip == NULL ? "any clip" : clip);
    }
    *out = IMI_STEAL(&segments);
    return IMI_OK;
}
