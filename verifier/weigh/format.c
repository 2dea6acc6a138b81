#include "imi/findings.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Appends to the text; what does not fit is left out whole. */
static void add(char out[IMI_FINDINGS_TEXT_SIZE], const char *words)
{
    size_t used = strlen(out);
    const char *space = used == 0 ? "" : " ";
    int size = snprintf(out + used, IMI_FINDINGS_TEXT_SIZE - used, "%s%s", space, words);
    if (size < 0 || (size_t)size >= IMI_FINDINGS_TEXT_SIZE - used) {
        out[used] = '\0';
    }
}

static void describe(const imi_weighed *weighed, const imi_finding *finding, unsigned layer,
                     char *out, size_t size)
{
    const char *name = imi_layer_name((imi_layer)layer);
    const char *code = finding->code == NULL ? "" : finding->code;
    char note[48] = "";
    if (finding->reduced || code[0] != '\0') {
        snprintf(note, sizeof note, "(%s%s%.32s)", finding->reduced ? "reduced" : "",
                 finding->reduced && code[0] != '\0' ? "," : "", code);
    }
    if (finding->veto) {
        snprintf(out, size, "%s:veto%s", name, note);
    } else if (finding->measured) {
        snprintf(out, size, "%s:%+.1f%s", name, (double)weighed->part[layer], note);
    } else if ((weighed->missing & (1U << layer)) != 0) {
        snprintf(out, size, "%s:missing%s", name, note);
    } else if (code[0] != '\0') {
        snprintf(out, size, "%s:unmeasured%s", name, note);
    }
}

void imi_weighed_format(const imi_weighed *weighed, const imi_findings *findings,
                        char out[IMI_FINDINGS_TEXT_SIZE])
{
    out[0] = '\0';
    for (unsigned i = 0; i < IMI_LAYER_COUNT; i++) {
        char words[80] = "";
        describe(weighed, &findings->layer[i], i, words, sizeof words);
        if (words[0] != '\0') {
            add(out, words);
        }
    }
    if (!isnan(weighed->log_ratio)) {
        char words[32];
        snprintf(words, sizeof words, "sum:%+.1f", (double)weighed->log_ratio);
        add(out, words);
    }
}
