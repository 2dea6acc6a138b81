#include "cohort.h"

#include "csv.h"

#include <stdlib.h>
#include <string.h>

enum { SET = 0, SUBJECT = 1, FILE_NAME = 2, LIVENESS = 3, COLUMNS = 4 };

/* A photo that may stand for a subject. Sorted by subject, then as in the manifest. */
typedef struct candidate {
    imi_subject_key subject;
    size_t row;
    const char *file;
    const eval_sample *known; /* its template is there already, or could not be made */
} candidate;

/* A subject: a run of candidates, tried in order. */
typedef struct person {
    size_t next, end;
    eval_sample *made; /* by us; NULL: none, or known */
    const imi_template *face_template;
} person;

typedef struct loader {
    const eval_cohort_options *options;
    eval_cohort *out;
    eval_csv manifest;
    size_t columns[COLUMNS];
    bool shares_root;
    const eval_sample **by_file; /* evaluated samples, sorted by file */
    candidate *candidates;
    size_t candidate_count;
    person *people;
    size_t people_count;
    eval_sample *made; /* one a person */
} loader;

static bool has_template(const eval_sample *sample)
{
    return sample->face_template.count > 0;
}

static const char *cell(const loader *self, size_t row, int column)
{
    return eval_csv_cell(&self->manifest, row, self->columns[column]);
}

static int by_file(const void *a, const void *b)
{
    return strcmp((*(const eval_sample *const *)a)->file, (*(const eval_sample *const *)b)->file);
}

static int by_subject(const void *a, const void *b)
{
    const candidate *left = a;
    const candidate *right = b;
    if (left->subject != right->subject) {
        return left->subject < right->subject ? -1 : 1;
    }
    return (left->row > right->row) - (left->row < right->row);
}

static bool is_same_folder(const char *a, const char *b)
{
    char *real_a = realpath(a, NULL);
    char *real_b = realpath(b, NULL);
    bool same = real_a != NULL && real_b != NULL && strcmp(real_a, real_b) == 0;
    free(real_a); /* libc's own block */
    free(real_b); /* libc's own block */
    return same;
}

static const eval_sample *find_known(const loader *self, const char *file)
{
    const eval_sample wanted = {.file = file};
    const eval_sample *key = &wanted;
    const eval_sample **found = bsearch(&key, self->by_file, self->out->count, sizeof key, by_file);
    return found == NULL ? NULL : *found;
}

static imi_status read_manifest(loader *self, imi_error *err)
{
    static const char *const names[COLUMNS] = {"set", "subject", "file", "liveness"};
    IMI_TRY(eval_csv_load(self->options->manifest, &self->manifest, err));
    for (int i = 0; i < COLUMNS; i++) {
        IMI_TRY(eval_csv_column(&self->manifest, names[i], &self->columns[i], err));
    }
    return IMI_OK;
}

static imi_status index_samples(loader *self, imi_error *err)
{
    self->shares_root = is_same_folder(self->options->root, self->options->gather.root);
    self->by_file = imi_alloc_array(self->out->count, sizeof *self->by_file);
    if (self->by_file == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu images", self->out->count);
    }
    for (size_t i = 0; i < self->out->count; i++) {
        self->by_file[i] = &self->out->samples[i];
    }
    qsort(self->by_file, self->out->count, sizeof *self->by_file, by_file);
    return IMI_OK;
}

/* "set/subject/file" names a subject where the manifest does not. */
static imi_subject_key key_of_folders(const char *file)
{
    char folders[1024];
    const char *slash = strrchr(file, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - file);
    if (length >= sizeof folders) {
        length = sizeof folders - 1;
    }
    imi_copy(folders, file, length);
    folders[length] = '\0';
    char *subject = strrchr(folders, '/');
    if (subject == NULL) {
        return imi_subject_key_of("", folders);
    }
    *subject = '\0';
    return imi_subject_key_of(folders, subject + 1);
}

static imi_subject_key key_of_row(const loader *self, size_t row)
{
    return imi_subject_key_of(cell(self, row, SET), cell(self, row, SUBJECT));
}

static imi_status list_candidates(loader *self, imi_error *err)
{
    size_t rows = self->manifest.rows;
    self->candidates = imi_alloc_array(rows, sizeof *self->candidates);
    if (self->candidates == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu images", rows);
    }
    for (size_t row = 0; row < rows; row++) {
        const char *file = cell(self, row, FILE_NAME);
        if (strncmp(cell(self, row, LIVENESS), "spoof", 5) != 0) {
            self->candidates[self->candidate_count++] =
                (candidate){key_of_row(self, row), row, file,
                            self->shares_root ? find_known(self, file) : NULL};
        }
    }
    qsort(self->candidates, self->candidate_count, sizeof *self->candidates, by_subject);
    return IMI_OK;
}

static imi_status list_people(loader *self, imi_error *err)
{
    self->people = imi_alloc_array(self->candidate_count, sizeof *self->people);
    if (self->people == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu people", self->candidate_count);
    }
    for (size_t i = 0; i < self->candidate_count; i++) {
        if (i == 0 || self->candidates[i].subject != self->candidates[i - 1].subject) {
            self->people[self->people_count++] = (person){i, i, NULL, NULL};
        }
        self->people[self->people_count - 1].end = i + 1;
    }
    if (self->people_count < IMI_COHORT_MEMBERS_MIN) {
        IMI_FAIL(err, IMI_E_CALIBRATION,
                 "a cohort needs %d different people and %s names %zu: %zu are missing",
                 IMI_COHORT_MEMBERS_MIN, self->options->manifest, self->people_count,
                 IMI_COHORT_MEMBERS_MIN - self->people_count);
    }
    return IMI_OK;
}

/* Who is on the evaluated images; on prints too, as they are compared like photos. */
static void name_subjects(loader *self)
{
    for (size_t i = 0; i < self->out->count; i++) {
        self->out->measured[i].subject = key_of_folders(self->out->samples[i].file);
    }
    for (size_t row = 0; row < self->manifest.rows && self->shares_root; row++) {
        const eval_sample *known = find_known(self, cell(self, row, FILE_NAME));
        if (known != NULL) {
            self->out->measured[known - self->out->samples].subject = key_of_row(self, row);
        }
    }
}

/* The next photo of a person that has to be analysed; NULL if none has, or one serves already. */
static const candidate *next_to_make(loader *self, person *at)
{
    while (at->face_template == NULL && at->next < at->end) {
        const candidate *tried = &self->candidates[at->next++];
        if (tried->known == NULL) {
            return tried;
        }
        if (has_template(tried->known)) {
            at->face_template = &tried->known->face_template;
        }
    }
    return NULL;
}

/* Photos of one round: one of each person who has no template yet. Returns how many. */
static size_t plan_round(loader *self, size_t *people)
{
    size_t count = 0;
    for (size_t i = 0; i < self->people_count; i++) {
        const candidate *photo = next_to_make(self, &self->people[i]);
        if (photo != NULL) {
            self->made[count] = (eval_sample){.file = photo->file};
            people[count++] = i;
        }
    }
    return count;
}

/* Keep what a round made, each at its person's own place from the end, out of the next's way. */
static imi_status keep_round(loader *self, const size_t *people, size_t count, imi_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!has_template(&self->made[i])) {
            continue;
        }
        person *at = &self->people[people[i]];
        at->made = imi_alloc(sizeof *at->made);
        if (at->made == NULL) {
            IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a cohort");
        }
        *at->made = self->made[i];
        at->face_template = &at->made->face_template;
    }
    return IMI_OK;
}

static imi_status make_round(loader *self, size_t *people, size_t *count_out, imi_error *err)
{
    eval_gather_options gather = self->options->gather;
    gather.root = self->options->root;
    *count_out = plan_round(self, people);
    if (*count_out == 0) {
        return IMI_OK;
    }
    IMI_TRY(eval_gather(&gather, self->made, *count_out, err));
    return keep_round(self, people, *count_out, err);
}

static imi_status make_templates(loader *self, imi_error *err)
{
    self->made = imi_alloc_array(self->people_count, sizeof *self->made);
    size_t *people = imi_alloc_array(self->people_count, sizeof *people);
    imi_status status = IMI_OK;
    if (self->made == NULL || people == NULL) {
        status = imi_error_set(err, IMI_E_NO_MEMORY, 0, __FILE__, __LINE__,
                               "no memory for %zu templates", self->people_count);
    }
    for (size_t count = 1; status == IMI_OK && count > 0;) {
        status = make_round(self, people, &count, err);
    }
    imi_free(people);
    return status;
}

static imi_status make_cohort(loader *self, imi_error *err)
{
    imi_cohort_member *members = imi_alloc_array(self->people_count, sizeof *members);
    if (members == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a cohort");
    }
    size_t count = 0;
    for (size_t i = 0; i < self->people_count; i++) {
        const person *at = &self->people[i];
        if (at->face_template != NULL) {
            imi_subject_key subject = self->candidates[at->end - 1].subject;
            members[count++] = (imi_cohort_member){subject, at->face_template};
        }
    }
    imi_status status = imi_cohort_new(self->out->scorer, members, count, &self->out->cohort, err);
    imi_free(members);
    return status;
}

static imi_status load(loader *self, imi_error *err)
{
    IMI_TRY(read_manifest(self, err));
    IMI_TRY(index_samples(self, err));
    IMI_TRY(list_candidates(self, err));
    IMI_TRY(list_people(self, err));
    name_subjects(self);
    IMI_TRY(make_templates(self, err));
    IMI_TRY(make_cohort(self, err));
    for (size_t i = 0; i < self->out->count; i++) {
        if (has_template(&self->out->samples[i])) {
            eval_measured *at = &self->out->measured[i];
            IMI_TRY(eval_measure(self->out->cohort, &self->out->samples[i].face_template,
                                 at->subject, at, err));
        }
    }
    return IMI_OK;
}

static void clean_up(loader *self)
{
    for (size_t i = 0; i < self->people_count; i++) {
        if (self->people[i].made != NULL) {
            imi_wipe(self->people[i].made, sizeof *self->people[i].made);
            imi_free(self->people[i].made);
        }
    }
    if (self->made != NULL) {
        imi_wipe(self->made, self->people_count * sizeof *self->made);
    }
    imi_free(self->made);
    imi_free(self->people);
    imi_free(self->candidates);
    imi_free(self->by_file);
    eval_csv_clean_up(&self->manifest);
}

imi_status eval_cohort_load(const eval_cohort_options *options, const imi_scorer *scorer,
                            const eval_sample *samples, size_t count, eval_cohort *out,
                            imi_error *err)
{
    *out = (eval_cohort){.scorer = scorer, .samples = samples, .count = count};
    out->measured = imi_alloc_array(count, sizeof *out->measured);
    if (out->measured == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu images", count);
    }
    loader self = {.options = options, .out = out, .manifest = EVAL_CSV_INIT};
    imi_status status = load(&self, err);
    clean_up(&self);
    if (status != IMI_OK) {
        eval_cohort_clean_up(out);
    }
    return status;
}

static imi_status check(loader *self, imi_error *err)
{
    IMI_TRY(read_manifest(self, err));
    IMI_TRY(list_candidates(self, err));
    return list_people(self, err);
}

imi_status eval_cohort_check(const eval_cohort_options *options, imi_error *err)
{
    loader self = {.options = options, .manifest = EVAL_CSV_INIT};
    imi_status status = check(&self, err);
    clean_up(&self);
    return status;
}

void eval_cohort_clean_up(eval_cohort *cohort)
{
    for (size_t i = 0; cohort->measured != NULL && i < cohort->count; i++) {
        eval_measured_clean_up(&cohort->measured[i]);
    }
    imi_free(cohort->measured);
    imi_cohort_destroy(&cohort->cohort);
    *cohort = (eval_cohort){0};
}

imi_status eval_cohort_compare(const eval_cohort *cohort, size_t a, size_t b, imi_comparison *out,
                               imi_error *err)
{
    eval_side probe = {&cohort->samples[a].face_template, &cohort->measured[a]};
    eval_side reference = {&cohort->samples[b].face_template, &cohort->measured[b]};
    return eval_sides_compare(cohort->scorer, cohort->cohort, &probe, &reference, out, err);
}
