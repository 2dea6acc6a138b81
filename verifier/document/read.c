/*
 * From a photo to a document: views of the photo are tried until a zone is read whose check
 * digits hold, the portrait is taken from that view, then everything is judged together.
 */
#include "fields.h"
#include "marks.h"
#include "view.h"

#include <math.h>

enum { LINES_MAX = 32, VIEWS_MAX = 6 };

/* How much room around a face the engine is given to judge it. */
static const float PORTRAIT_ROOM = 2.2F;

/* A way of looking at the photo. */
typedef enum way {
    WAY_CARD,
    WAY_CARD_TURNED, /* upside down */
    WAY_WHOLE,
    WAY_WHOLE_TURNED, /* plus 0 to 2: by one to three quarters */
} way;

typedef struct reading {
    const imi_document_parts *parts;
    const imi_image *image;
    imi_calendar_day today;
    imi_quad outline;
    imi_document *document;
    imi_image *view; /* owned: the best so far */
} reading;

static imi_status draw_view(const reading *r, uint32_t which, imi_image **out, imi_error *err)
{
    const imi_pixel_box whole = {0, 0, r->image->width, r->image->height};
    IMI_AUTO(imi_image) card = NULL;
    switch (which) {
    case WAY_CARD:
        return imi_view_straighten(r->image, &r->outline, out, err);
    case WAY_CARD_TURNED:
        IMI_TRY(imi_view_straighten(r->image, &r->outline, &card, err));
        return imi_view_turn(card, 2, out, err);
    case WAY_WHOLE:
        return imi_view_cut(r->image, &whole, out, err);
    default:
        return imi_view_turn(r->image, which - WAY_WHOLE_TURNED + 1, out, err);
    }
}

/* The zone of a view, if there is one; *lines_out counts lines that look like a zone's. */
static imi_status read_zone(const reading *r, const imi_image *view, imi_mrz *out,
                            uint32_t *lines_out, imi_error *err)
{
    imi_text_reader *reader = r->parts->reader;
    imi_text_line *lines = imi_alloc_array(LINES_MAX, sizeof *lines);
    if (lines == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for lines of text");
    }
    size_t count = 0;
    imi_status status = reader->read(reader, view, IMI_TEXT_MRZ, lines, LINES_MAX, &count, err);
    if (status == IMI_OK) {
        imi_mrz_line views[LINES_MAX];
        for (size_t i = 0; i < count; i++) {
            views[i] = imi_view_of_text(lines[i].text);
        }
        imi_mrz_find(views, count, r->today, out);
        *lines_out = (uint32_t)count;
    }
    imi_wipe(lines, LINES_MAX * sizeof *lines);
    imi_free(lines);
    return status;
}

static void take_view(reading *r, imi_image **take_image)
{
    imi_image_destroy(&r->view);
    r->view = IMI_STEAL(take_image);
}

/* Look at a view for a zone; the best zone so far and its view are kept. */
static imi_status try_zone(reading *r, uint32_t which, imi_error *err)
{
    IMI_AUTO(imi_image) view = NULL;
    imi_mrz mrz = {.format = IMI_MRZ_NONE};
    uint32_t lines = 0;
    IMI_TRY(draw_view(r, which, &view, err));
    IMI_TRY(read_zone(r, view, &mrz, &lines, err));
    imi_document *document = r->document;
    document->mrz_lines_seen = lines > document->mrz_lines_seen ? lines : document->mrz_lines_seen;
    bool better = mrz.format != IMI_MRZ_NONE &&
                  (document->mrz.format == IMI_MRZ_NONE || imi_mrz_checks_hold(&mrz));
    if (better) {
        document->mrz = mrz;
        take_view(r, &view);
    }
    imi_wipe(&mrz, sizeof mrz);
    return IMI_OK;
}

static imi_status find_outline(reading *r, imi_error *err)
{
    imi_card_finder *finder = r->parts->finder;
    bool found = false;
    if (finder != NULL) {
        IMI_TRY(finder->find(finder, r->image, &r->outline, &found, err));
    }
    if (found) {
        IMI_AUTO(imi_image) card = NULL;
        imi_status status = imi_view_straighten(r->image, &r->outline, &card, err);
        /* An outline that cannot be straightened is none. */
        if (status != IMI_OK && status != IMI_E_INVALID_ARGUMENT) {
            return status;
        }
        r->document->outline_found = status == IMI_OK;
    }
    return IMI_OK;
}

static imi_status find_zone(reading *r, imi_error *err)
{
    static const uint32_t ways[VIEWS_MAX] = {WAY_CARD,         WAY_WHOLE,
                                             WAY_CARD_TURNED,  WAY_WHOLE_TURNED + 1,
                                             WAY_WHOLE_TURNED, WAY_WHOLE_TURNED + 2};
    for (size_t i = 0; i < VIEWS_MAX; i++) {
        bool needs_outline = ways[i] <= WAY_CARD_TURNED;
        /* Upright first; a zone that was found there, even misread, says which way is up. */
        bool enough = imi_mrz_checks_hold(&r->document->mrz) ||
                      (i >= 2 && r->document->mrz.format != IMI_MRZ_NONE);
        if (!enough && (!needs_outline || r->document->outline_found)) {
            IMI_TRY(try_zone(r, ways[i], err));
        }
    }
    return IMI_OK;
}

/* Judge the face with room around it alone, so that neither ghost portraits nor print count. */
static imi_status judge_portrait(reading *r, const imi_image *view, const imi_face_box *box,
                                 imi_face *face, imi_error *err)
{
    imi_pixel_box room = imi_view_box_around(view, box, PORTRAIT_ROOM);
    IMI_AUTO(imi_image) part = NULL;
    IMI_TRY(imi_view_cut(view, &room, &part, err));
    imi_face closer;
    IMI_TRY(imi_engine_analyse(r->parts->engine, part, IMI_CAPTURE_PORTRAIT, &closer, err));
    if (closer.reason != IMI_CAPTURE_NO_FACE) {
        *face = closer;
        face->box.left += (float)room.left;
        face->box.top += (float)room.top;
    }
    imi_wipe(&closer, sizeof closer);
    return IMI_OK;
}

static imi_status try_portrait(reading *r, const imi_image *view, imi_error *err)
{
    imi_face face;
    IMI_TRY(imi_engine_analyse(r->parts->engine, view, IMI_CAPTURE_PORTRAIT, &face, err));
    if (face.reason != IMI_CAPTURE_NO_FACE) {
        imi_face_box box = face.box;
        IMI_TRY(judge_portrait(r, view, &box, &face, err));
        r->document->portrait_found = true;
        r->document->portrait = face.box;
        r->document->portrait_reason = face.reason;
    }
    imi_wipe(&face, sizeof face);
    return IMI_OK;
}

/* Without a zone nothing says which way is up, so a portrait is looked for every way. */
static imi_status find_portrait(reading *r, imi_error *err)
{
    static const uint32_t ways[VIEWS_MAX] = {WAY_CARD,         WAY_WHOLE,
                                             WAY_CARD_TURNED,  WAY_WHOLE_TURNED + 1,
                                             WAY_WHOLE_TURNED, WAY_WHOLE_TURNED + 2};
    r->document->portrait_reason = IMI_CAPTURE_NO_FACE;
    if (r->view != NULL) {
        return try_portrait(r, r->view, err);
    }
    for (size_t i = 0; i < VIEWS_MAX && !r->document->portrait_found; i++) {
        if (ways[i] <= WAY_CARD_TURNED && !r->document->outline_found) {
            continue;
        }
        IMI_AUTO(imi_image) view = NULL;
        IMI_TRY(draw_view(r, ways[i], &view, err));
        IMI_TRY(try_portrait(r, view, err));
        if (r->view == NULL || r->document->portrait_found) {
            take_view(r, &view);
        }
    }
    return IMI_OK;
}

static imi_status find_resident_number(reading *r, imi_error *err)
{
    imi_text_reader *reader = r->parts->reader;
    imi_text_line *lines = imi_alloc_array(LINES_MAX, sizeof *lines);
    if (lines == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for lines of text");
    }
    size_t count = 0;
    imi_status status =
        reader->read(reader, r->view, IMI_TEXT_DIGITS, lines, LINES_MAX, &count, err);
    bool sound = false;
    for (size_t i = 0; status == IMI_OK && i < count && !sound; i++) {
        imi_resident_number number;
        if (imi_resident_number_find(imi_view_of_text(lines[i].text), r->today, &number)) {
            imi_document_take_resident_number(r->document, &number);
            sound = imi_resident_number_is_sound(&number);
        }
        imi_wipe(&number, sizeof number);
    }
    imi_wipe(lines, LINES_MAX * sizeof *lines);
    imi_free(lines);
    return status;
}

static imi_status read_photo(reading *r, const imi_document_claims *claims, imi_error *err)
{
    imi_document *document = r->document;
    IMI_TRY(find_outline(r, err));
    IMI_TRY(find_zone(r, err));
    IMI_TRY(find_portrait(r, err));
    if (document->mrz.format != IMI_MRZ_NONE) {
        imi_mrz mrz = document->mrz;
        imi_document_take_mrz(document, &mrz);
        imi_wipe(&mrz, sizeof mrz);
    } else {
        IMI_TRY(find_resident_number(r, err));
    }
    document->glare =
        imi_marks_glare(r->view, document->portrait_found ? &document->portrait : NULL);
    document->colour = imi_marks_colour(r->view);
    document->raster = imi_marks_raster(r->view);
    if (claims != NULL) {
        imi_document_compare(document->fields, document->mrz.names_may_be_cut, claims,
                             document->matches);
    }
    imi_document_judge(document, r->today);
    return IMI_OK;
}

/* What a document is before anything was read: nothing that could be accepted. */
static void start(imi_document *out)
{
    *out = (imi_document){.kind = IMI_DOCUMENT_UNKNOWN,
                          .portrait_reason = IMI_CAPTURE_NO_FACE,
                          .glare = NAN,
                          .colour = NAN,
                          .raster = NAN};
}

imi_status imi_document_read(const imi_document_parts *parts, const imi_image *image,
                             const imi_document_claims *claims, imi_calendar_day today,
                             imi_document *out, imi_image **view_out, imi_error *err)
{
    start(out);
    if (view_out != NULL) {
        *view_out = NULL;
    }
    if (parts->engine == NULL || parts->reader == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "reading a document needs an engine and a reader");
    }
    if (image == NULL || image->format != IMI_PIXEL_RGB8) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "reading a document needs an RGB image");
    }
    if (!imi_calendar_day_is_valid(today)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "reading a document needs to know the day");
    }
    reading r = {.parts = parts, .image = image, .today = today, .document = out};
    imi_status status = read_photo(&r, claims, err);
    if (status != IMI_OK) {
        imi_document_wipe(out);
        start(out);
    } else if (view_out != NULL) {
        *view_out = IMI_STEAL(&r.view);
    }
    imi_image_destroy(&r.view);
    return status;
}

imi_status imi_document_cut_portrait(const imi_image *view, const imi_face_box *portrait,
                                     imi_image **out, imi_error *err)
{
    imi_pixel_box room = imi_view_box_around(view, portrait, PORTRAIT_ROOM);
    return imi_view_cut(view, &room, out, err);
}
