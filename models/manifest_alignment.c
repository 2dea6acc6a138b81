#include "manifest_alignment.h"

#include "manifest_fields.h"

#include <string.h>

enum { CHIP_SIDE_MIN = 32 };

/* What an entry may say under "alignment": a kind and, with some kinds, how much room is left
 * around the face. */
typedef struct alignment_kind {
    const char *name;
    imi_alignment_kind kind;
    const char *margin_field; /* NULL: the kind has none */
    bool square;
} alignment_kind;

static const alignment_kind KINDS[] = {
    {"arcface5", IMI_ALIGN_ARCFACE5, NULL, false},
    {"dlib_chip", IMI_ALIGN_DLIB_CHIP, "padding", true},
    {"crop", IMI_ALIGN_CROP, "margin", false},
};

static const alignment_kind *find_kind(const json_t *alignment)
{
    const char *name = json_string_value(json_object_get(alignment, "kind"));
    for (size_t i = 0; name != NULL && i < sizeof KINDS / sizeof KINDS[0]; i++) {
        if (strcmp(name, KINDS[i].name) == 0) {
            return &KINDS[i];
        }
    }
    return NULL;
}

/* A field that the kind does not have would silently change nothing. */
static bool has_only_its_fields(const json_t *alignment, const alignment_kind *kind)
{
    size_t known = kind->margin_field == NULL ? 1 : 2;
    return json_object_size(alignment) == known;
}

imi_status imi_manifest_parse_alignment(const json_t *object, imi_model_spec *spec, imi_error *err)
{
    const json_t *alignment = json_object_get(object, "alignment");
    const alignment_kind *kind = find_kind(alignment);
    if (kind == NULL) {
        return imi_manifest_bad_field(spec, "alignment.kind", "arcface5, dlib_chip or crop", err);
    }
    spec->alignment.kind = kind->kind;
    if (kind->margin_field != NULL &&
        !imi_manifest_number(json_object_get(alignment, kind->margin_field), 0, 2,
                             &spec->alignment.margin)) {
        return imi_manifest_bad_field(spec, "alignment.padding (dlib_chip) or .margin (crop)",
                                      "the share of the face left on each side, from 0 to 2", err);
    }
    if (!has_only_its_fields(alignment, kind)) {
        return imi_manifest_bad_field(spec, "alignment",
                                      "kind, with padding for dlib_chip or margin for crop, and "
                                      "nothing else",
                                      err);
    }
    if (kind->square && spec->input.width != spec->input.height) {
        return imi_manifest_bad_field(spec, "input.width and .height",
                                      "equal, as dlib_chip is square", err);
    }
    if (spec->input.width < CHIP_SIDE_MIN || spec->input.height < CHIP_SIDE_MIN) {
        return imi_manifest_bad_field(spec, "input.width and .height",
                                      "32 or more, or no face can be told from another", err);
    }
    return IMI_OK;
}
