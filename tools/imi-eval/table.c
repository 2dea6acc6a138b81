#include "table.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

imi_status eval_names_init(eval_names *out, const char *const *names, size_t count, imi_error *err)
{
    *out = (eval_names){imi_alloc_array(count, sizeof *names), 0};
    if (out->names == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu names", count);
    }
    imi_copy(out->names, names, count * sizeof *names);
    qsort(out->names, count, sizeof *out->names, by_name);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(out->names[i], out->names[out->count - 1]) != 0) {
            out->names[out->count++] = out->names[i];
        }
    }
    return IMI_OK;
}

void eval_names_clean_up(eval_names *names)
{
    imi_free(names->names);
    *names = (eval_names){NULL, 0};
}

size_t eval_names_index(const eval_names *names, const char *name)
{
    const char **found = bsearch(&name, names->names, names->count, sizeof *names->names, by_name);
    return found == NULL ? names->count : (size_t)(found - names->names);
}
