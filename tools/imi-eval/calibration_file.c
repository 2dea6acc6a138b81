#include "calibration.h"

#include <stdio.h>
#include <time.h>

static json_t *models_json(const eval_calibration *self)
{
    json_t *models = json_array();
    for (uint32_t i = 0; i < self->like->count; i++) {
        json_array_append_new(models,
                              json_pack("{s:s, s:{s:f, s:f}, s:{s:f, s:f}}", "id",
                                        self->like->vectors[i].model_id, "weights", "raw",
                                        self->weights[0][i], "normalised", self->weights[1][i],
                                        "normalisation", "mean", self->shares[i].mean_share,
                                        "deviation", self->shares[i].deviation_share));
    }
    return models;
}

static json_t *groups_json(const eval_calibration *self)
{
    json_t *groups = json_object();
    for (size_t i = 0; i < self->group_count; i++) {
        const eval_group_key *key = &self->keys[i];
        size_t images = 0;
        for (size_t row = 0; row < self->manifest.rows; row++) {
            images += eval_calibration_in_group(self, row, key) ? 1 : 0;
        }
        char name[128];
        snprintf(name, sizeof name, "%s%s%s", key->east_asian ? "east_asian" : "other",
                 key->set != NULL ? "/" : "",
                 key->set != NULL ? key->set : (key->within_sets ? " within sets" : ""));
        json_object_set_new(groups, name,
                            json_pack("{s:I, s:I}", "images", (json_int_t)images, "comparisons",
                                      (json_int_t)self->groups[i].count));
    }
    return groups;
}

static json_t *knots_json(const eval_knot *knots, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, json_pack("[f, f]", knots[i].similarity, knots[i].fmr));
    }
    return list;
}

static void describe(const eval_calibration *self, char *out, size_t capacity)
{
    size_t used = (size_t)snprintf(out, capacity, "Non-mated comparisons of photos in");
    for (size_t s = 0; s < self->sets.count && used < capacity; s++) {
        used += (size_t)snprintf(out + used, capacity - used, "%s %s", s == 0 ? "" : ",",
                                 self->sets.names[s]);
    }
    if (used < capacity) {
        snprintf(out + used, capacity - used,
                 "; at each similarity the highest rate of any demographic group. A deployment "
                 "must calibrate on its own population.");
    }
}

/* A table of the kind of score whose groups were measured. */
json_t *eval_calibration_table(const eval_calibration *self, const eval_knot *knots,
                               size_t knot_count)
{
    size_t comparisons = 0;
    for (size_t i = 0; i < self->group_count; i++) {
        comparisons += self->groups[i].is_part ? 0 : self->groups[i].count;
    }
    return json_pack("{s:I, s:f, s:o, s:o}", "comparisons", (json_int_t)comparisons, "fmr_floor",
                     knots[knot_count - 1].fmr, "groups", groups_json(self), "knots",
                     knots_json(knots, knot_count));
}

/* The whole file, with the tables there are. */
static json_t *file_json(const eval_calibration *self, json_t *tables)
{
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    char made_at[32];
    char version[32];
    char measured_on[1024];
    strftime(made_at, sizeof made_at, "%Y-%m-%dT%H:%M:%SZ", &utc);
    strftime(version, sizeof version, "%Y-%m-%d.1", &utc);
    describe(self, measured_on, sizeof measured_on);
    return json_pack("{s:s, s:s, s:s, s:o, s:O}", "version",
                     self->version == NULL ? version : self->version, "measured_on", measured_on,
                     "made_at", made_at, "models", models_json(self), "tables", tables);
}

imi_status eval_calibration_append(const eval_calibration *self, json_t *tables, imi_buffer *out,
                                   imi_error *err)
{
    json_t *file = file_json(self, tables);
    char *text = json_dumps(file, JSON_INDENT(2) | JSON_REAL_PRECISION(8));
    json_decref(file);
    if (text == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the table");
    }
    imi_status status = imi_buffer_printf(out, err, "%s\n", text);
    /* jansson's own block. */
    json_free_t release = NULL;
    json_malloc_t unused = NULL;
    json_get_alloc_funcs(&unused, &release);
    release(text);
    return status;
}
