/**
 * How zones are laid out, and the steps between a line of recognised text and a field.
 */
#ifndef IMI_DOCUMENT_MRZ_INTERNAL_H
#define IMI_DOCUMENT_MRZ_INTERNAL_H

#include "imi/mrz.h"

/** What the characters of a field may be. */
typedef enum imi_mrz_kind {
    IMI_MRZ_KIND_NONE = 0,
    IMI_MRZ_KIND_LETTERS, /* and fillers */
    IMI_MRZ_KIND_NAME, /* letters and fillers, of which a long run ends it */
    IMI_MRZ_KIND_DATE, /* digits, fillers where unknown */
    IMI_MRZ_KIND_CHECK, /* a digit, or a filler */
    IMI_MRZ_KIND_SEX,
    IMI_MRZ_KIND_MIXED
} imi_mrz_kind;

/** A part of a line. A count of 0 says that the format has no such part. */
typedef struct imi_mrz_span {
    uint8_t line, start, count;
    uint8_t kind; /* imi_mrz_kind */
} imi_mrz_span;

enum { IMI_MRZ_SPANS_MAX = 16, IMI_MRZ_COMPOSITE_PARTS = 4 };

/** Indices of the spans of a layout. */
enum {
    IMI_MRZ_CODE,
    IMI_MRZ_STATE,
    IMI_MRZ_NAMES,
    IMI_MRZ_NUMBER,
    IMI_MRZ_NUMBER_CHECK,
    IMI_MRZ_NATIONALITY,
    IMI_MRZ_BIRTH,
    IMI_MRZ_BIRTH_CHECK,
    IMI_MRZ_SEX_MARK,
    IMI_MRZ_EXPIRY,
    IMI_MRZ_EXPIRY_CHECK,
    IMI_MRZ_OPTIONAL,
    IMI_MRZ_OPTIONAL_CHECK,
    IMI_MRZ_OPTIONAL_2,
    IMI_MRZ_COMPOSITE_CHECK,
    IMI_MRZ_SPAN_COUNT
};

typedef struct imi_mrz_layout {
    imi_mrz_format format;
    uint8_t line_count, line_length;
    const char *first_letters; /* of the document code */
    imi_mrz_span spans[IMI_MRZ_SPAN_COUNT];
    imi_mrz_span composite[IMI_MRZ_COMPOSITE_PARTS];
    imi_mrz_span fillers[IMI_MRZ_LINES_MAX]; /* per line: where a run of '<' may be miscounted */
} imi_mrz_layout;

extern const imi_mrz_layout imi_mrz_layouts[IMI_MRZ_FORMAT_COUNT - 1];

enum { IMI_MRZ_RAW_MAX = 64 };

/** A line without blanks; bytes that no zone holds stand as '?'. */
typedef struct imi_mrz_raw {
    char text[IMI_MRZ_RAW_MAX];
    size_t count;
} imi_mrz_raw;

/** Take the characters of a line. A longer line is cut: it fits nowhere then. */
imi_mrz_raw imi_mrz_take_line(imi_view line);

/**
 * Bring a line to its length by adding or leaving out '<' in the run where that means nothing.
 * Result: false if it does not fit; *repaired_out is then 0.
 */
bool imi_mrz_fit_line(const imi_mrz_raw *raw, const imi_mrz_layout *layout, size_t line,
                      char out[IMI_MRZ_LINE_MAX + 1], uint32_t *repaired_out);

/** A zone at work: the lines, and which of their characters were changed. */
typedef struct imi_mrz_work {
    const imi_mrz_layout *layout;
    imi_mrz *mrz;
    bool changed[IMI_MRZ_LINES_MAX][IMI_MRZ_LINE_MAX];
} imi_mrz_work;

/** Correct every field whose kind allows it. Returns how many characters still do not fit. */
uint32_t imi_mrz_correct(imi_mrz_work *work);
/** Fill in fields and check digits from the lines. */
void imi_mrz_read_fields(imi_mrz_work *work, imi_calendar_day today);

/** First character of a span. */
static inline const char *imi_mrz_at(const imi_mrz *mrz, imi_mrz_span span)
{
    return mrz->lines[span.line] + span.start;
}

#endif
