/* The job in the service, with the real store. */
#include "people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "calibration_job.h"
#include "imi/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PEOPLE = 500, FEW = 200, CHEATS = 5 };
static const char model_version[] = "alpha@1+beta@1";

typedef struct service {
    char folder[64], path[96];
    imi_vault *vault;
    imi_store *store;
    imi_scorer *scorer;
    imi_clock_manual clock;
    imi_calibration_job *job;
} service;

static void enrol(service *self, const char *party, const char *subject, const char *id,
                  const imi_template *face_template)
{
    imi_reference_record record = {.quality = 0.9,
                                   .created_ms = 1,
                                   .birth_decade = 1950,
                                   .kind = IMI_REFERENCE_PRIMARY,
                                   .sex = IMI_SEX_FEMALE};
    imi_copy_text(record.reference_id, sizeof record.reference_id, id);
    imi_copy_text(record.relying_party, sizeof record.relying_party, party);
    imi_copy_text(record.subject_id, sizeof record.subject_id, subject);
    imi_copy_text(record.model_version, sizeof record.model_version, model_version);
    IMI_AUTO_BUFFER blob = IMI_BUFFER_INIT;
    assert_int_equal(imi_template_encode(face_template, &blob, NULL), IMI_OK);
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(
        self->store->put_reference(self->store, &record, imi_buffer_view(&blob), &error), IMI_OK);
}

static void enrol_people(service *self, size_t people)
{
    uint64_t random = 3;
    imi_template person, photo;
    for (size_t i = 0; i < people; i++) {
        char subject[32], id[IMI_ID_SIZE];
        snprintf(subject, sizeof subject, "subject-%zu", i);
        snprintf(id, sizeof id, "ref_%05zu", i);
        people_template(&random, 0.5, &person);
        enrol(self, "pension", subject, id, &person);
        if (i < CHEATS) {
            people_photo(&random, &person, 0.5, &photo);
            snprintf(subject, sizeof subject, "cheat-%zu", i);
            snprintf(id, sizeof id, "ref_1%05zu", i);
            enrol(self, "pension", subject, id, &photo);
            /* The same person at a bank is nobody's business. */
            snprintf(id, sizeof id, "ref_2%05zu", i);
            enrol(self, "bank", subject, id, &photo);
        }
    }
}

static void open_service(service *self, imi_cohort_keeper *keeper)
{
    imi_copy_text(self->folder, sizeof self->folder, "/tmp/imi-calibration-XXXXXX");
    assert_non_null(mkdtemp(self->folder));
    snprintf(self->path, sizeof self->path, "%s/imi.db", self->folder);
    imi_error error = IMI_ERROR_INIT;
    char vault[96];
    snprintf(vault, sizeof vault, "%s/vault.db", self->folder);
    assert_int_equal(
        imi_vault_open(vault, (const uint8_t[IMI_SECRET_SIZE]){1}, &self->vault, &error), IMI_OK);
    assert_int_equal(imi_store_sqlite_open(self->path, self->vault, &self->store, &error), IMI_OK);
    people_scorer(&self->scorer);
    imi_clock_manual_init(&self->clock, 1767225600000);
    imi_calibration_job_parts parts = {self->store, &self->clock.base, self->scorer, model_version,
                                       keeper};
    assert_int_equal(imi_calibration_job_new(&parts, &self->job, NULL), IMI_OK);
}

static int set_up(void **state)
{
    service *self = calloc(1, sizeof *self);
    assert_non_null(self);
    open_service(self, NULL);
    *state = self;
    return 0;
}

static int tear_down(void **state)
{
    service *self = *state;
    imi_calibration_job_destroy(&self->job);
    imi_store_destroy(&self->store);
    imi_vault_close(&self->vault);
    imi_scorer_destroy(&self->scorer);
    static const char *const names[] = {"imi.db", "imi.db-wal", "imi.db-shm", "vault.db"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", self->folder, names[i]);
        unlink(path);
    }
    rmdir(self->folder);
    free(self);
    return 0;
}

static imi_calibration_status wait_for_end(imi_calibration_job *job)
{
    imi_calibration_status status;
    for (int i = 0; i < 3000; i++) {
        imi_calibration_job_status(job, &status);
        if (status.state >= IMI_CALIBRATION_DONE) {
            return status;
        }
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    }
    fail_msg("the job does not end");
    return status;
}

static imi_calibration_status run_for(service *self, size_t duplicates_max)
{
    imi_calibration_job_options options = IMI_CALIBRATION_JOB_OPTIONS;
    options.duplicate_fmr = 1e-6;
    options.duplicates_max = duplicates_max;
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(imi_calibration_job_start(self->job, "alice", &options, &error), IMI_OK);
    return wait_for_end(self->job);
}

static imi_calibration_status run(service *self)
{
    return run_for(self, 1000);
}

static void before_the_first_run_there_is_nothing_to_tell(void **state)
{
    service *self = *state;
    imi_calibration_status status;
    imi_calibration_job_status(self->job, &status);
    assert_int_equal(status.state, IMI_CALIBRATION_NONE);
    assert_string_equal(status.calibration_id, "");
    imi_calibration_job_cancel(self->job);
}

static void its_result_is_stored_and_can_be_read(void **state)
{
    service *self = *state;
    enrol_people(self, PEOPLE);
    imi_calibration_status status = run(self);
    if (status.state != IMI_CALIBRATION_DONE) {
        fail_msg("%s", status.error.message);
    }
    assert_int_equal(status.references, PEOPLE + 2 * CHEATS);
    assert_int_equal(status.unreadable, 0);
    assert_int_equal(status.started_ms, 1767225600000);
    imi_calibration_record record;
    IMI_AUTO_BUFFER json = IMI_BUFFER_INIT;
    assert_int_equal(self->store->get_calibration(self->store, "", &record, &json, NULL), IMI_OK);
    assert_string_equal(record.calibration_id, status.calibration_id);
    assert_string_equal(record.made_by, "alice");
    assert_string_equal(record.cohort_id, "");
    assert_int_equal(record.references, PEOPLE + 2 * CHEATS);
    IMI_AUTO(imi_nonmated) nonmated = NULL;
    assert_int_equal(imi_nonmated_read(imi_buffer_view(&json), &nonmated, NULL), IMI_OK);
    assert_int_equal(imi_nonmated_group_at(nonmated, 0)->comparisons, record.comparisons);
    assert_string_equal(imi_nonmated_group_at(nonmated, 1)->name, "female");
}

static void duplicates_of_one_relying_party_are_stored_for_review(void **state)
{
    service *self = *state;
    enrol_people(self, PEOPLE);
    imi_calibration_status status = run(self);
    imi_duplicate_record found[50];
    size_t count = 0;
    assert_int_equal(self->store->list_duplicates(self->store, true, 0, found, 50, &count, NULL),
                     IMI_OK);
    assert_int_equal(count, status.duplicates);
    size_t cheats = 0;
    for (size_t i = 0; i < count; i++) {
        assert_true(strncmp(found[i].reference_b, "ref_2", 5) != 0);
        cheats += strncmp(found[i].reference_b, "ref_1", 5) == 0 ? 1 : 0;
        assert_true(found[i].fmr <= 1e-6);
    }
    assert_int_equal(cheats, CHEATS);
}

/* Everybody who is known to a bank, too, is more alike there than any cheat. */
static void people_known_to_another_party_do_not_crowd_duplicates_out(void **state)
{
    service *self = *state;
    enrol_people(self, PEOPLE);
    imi_calibration_status status = run_for(self, CHEATS);
    assert_int_equal(status.state, IMI_CALIBRATION_DONE);
    assert_int_equal(status.duplicates, CHEATS);
}

static void who_asked_is_in_the_audit_trail(void **state)
{
    service *self = *state;
    enrol_people(self, FEW);
    imi_calibration_status status = run(self);
    assert_int_equal(status.state, IMI_CALIBRATION_DONE);
    imi_audit_record lines[4];
    size_t count = 0;
    assert_int_equal(self->store->list_audit(self->store, 0, lines, 4, &count, NULL), IMI_OK);
    assert_int_equal(count, 1);
    assert_string_equal(lines[0].actor, "alice");
    assert_string_equal(lines[0].action, "calibration.measure");
    assert_string_equal(lines[0].object, status.calibration_id);
}

static void too_few_people_fail_with_a_reason_and_store_nothing(void **state)
{
    service *self = *state;
    imi_calibration_status status = run(self);
    assert_int_equal(status.state, IMI_CALIBRATION_FAILED);
    assert_int_equal(status.error.status, IMI_E_CALIBRATION);
    assert_true(status.error.message[0] != '\0');
    imi_calibration_record record;
    assert_int_equal(self->store->get_calibration(self->store, "", &record, NULL, NULL),
                     IMI_E_NOT_FOUND);
}

static void a_damaged_template_is_left_out_and_counted(void **state)
{
    service *self = *state;
    enrol_people(self, FEW);
    imi_reference_record record = {.quality = 0.9, .created_ms = 1, .kind = IMI_REFERENCE_PRIMARY};
    imi_copy_text(record.reference_id, sizeof record.reference_id, "ref_00000_damaged");
    imi_copy_text(record.relying_party, sizeof record.relying_party, "pension");
    imi_copy_text(record.subject_id, sizeof record.subject_id, "damaged");
    imi_copy_text(record.model_version, sizeof record.model_version, model_version);
    assert_int_equal(
        self->store->put_reference(self->store, &record, imi_view_of_text("not a template"), NULL),
        IMI_OK);
    imi_calibration_status status = run(self);
    assert_int_equal(status.state, IMI_CALIBRATION_DONE);
    assert_int_equal(status.unreadable, 1);
    assert_int_equal(status.references, FEW + 2 * CHEATS);
}

static void one_run_at_a_time(void **state)
{
    service *self = *state;
    enrol_people(self, FEW);
    imi_calibration_job_options options = IMI_CALIBRATION_JOB_OPTIONS;
    assert_int_equal(imi_calibration_job_start(self->job, "alice", &options, NULL), IMI_OK);
    imi_status second = imi_calibration_job_start(self->job, "bob", &options, NULL);
    assert_int_equal(second, IMI_E_CONFLICT);
    assert_int_equal(wait_for_end(self->job).state, IMI_CALIBRATION_DONE);
    assert_int_equal(imi_calibration_job_start(self->job, "bob", &options, NULL), IMI_OK);
    assert_int_equal(wait_for_end(self->job).state, IMI_CALIBRATION_DONE);
}

static void a_run_can_be_cancelled_and_started_again(void **state)
{
    service *self = *state;
    enrol_people(self, FEW);
    imi_calibration_job_options options = IMI_CALIBRATION_JOB_OPTIONS;
    assert_int_equal(imi_calibration_job_start(self->job, "alice", &options, NULL), IMI_OK);
    imi_calibration_job_cancel(self->job);
    imi_calibration_status status = wait_for_end(self->job);
    assert_int_equal(status.state, IMI_CALIBRATION_CANCELLED);
    assert_string_equal(status.calibration_id, "");
    assert_int_equal(run(self).state, IMI_CALIBRATION_DONE);
}

static void destroying_it_ends_a_run(void **state)
{
    service *self = *state;
    enrol_people(self, FEW);
    imi_calibration_job_options options = IMI_CALIBRATION_JOB_OPTIONS;
    assert_int_equal(imi_calibration_job_start(self->job, "alice", &options, NULL), IMI_OK);
    imi_calibration_job_destroy(&self->job);
    assert_null(self->job);
}

static void nobody_cannot_ask_for_a_run(void **state)
{
    service *self = *state;
    imi_calibration_job_options options = IMI_CALIBRATION_JOB_OPTIONS;
    assert_int_equal(imi_calibration_job_start(self->job, "", &options, NULL),
                     IMI_E_INVALID_ARGUMENT);
    imi_calibration_job_parts none = {NULL, NULL, NULL, NULL, NULL};
    imi_calibration_job *job = NULL;
    assert_int_equal(imi_calibration_job_new(&none, &job, NULL), IMI_E_INVALID_ARGUMENT);
    assert_null(job);
}

/* With a cohort: drawn from the same store, as the service does. */
static void with_a_cohort_normalised_scores_are_measured_too(void **state)
{
    service *self = *state;
    enrol_people(self, 350);
    imi_cohort_keeper_options options = {self->store, &self->clock.base, self->scorer,
                                         model_version};
    IMI_AUTO(imi_cohort_keeper) keeper = NULL;
    assert_int_equal(imi_cohort_keeper_new(&options, &keeper, NULL), IMI_OK);
    if (imi_cohort_keeper_claim(keeper)) {
        imi_cohort_keeper_refresh(keeper);
    }
    assert_true(imi_cohort_keeper_size(keeper) >= IMI_COHORT_MEMBERS_MIN);
    imi_calibration_job_parts parts = {self->store, &self->clock.base, self->scorer, model_version,
                                       keeper};
    imi_calibration_job_destroy(&self->job);
    assert_int_equal(imi_calibration_job_new(&parts, &self->job, NULL), IMI_OK);
    imi_calibration_status status = run(self);
    if (status.state != IMI_CALIBRATION_DONE) {
        fail_msg("%s", status.error.message);
    }
    imi_calibration_record record;
    IMI_AUTO_BUFFER json = IMI_BUFFER_INIT;
    assert_int_equal(self->store->get_calibration(self->store, "", &record, &json, NULL), IMI_OK);
    assert_true(record.cohort_id[0] != '\0');
    IMI_AUTO(imi_scorer) scorer = NULL;
    assert_int_equal(imi_scorer_parse(imi_buffer_view(&json), &scorer, NULL), IMI_OK);
    assert_true(imi_scorer_has(scorer, IMI_SCORE_NORMALISED));
    imi_calibration_job_destroy(&self->job); /* before its keeper */
}

int main(void)
{
    imi_log_set_level(IMI_LOG_OFF);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(before_the_first_run_there_is_nothing_to_tell, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(its_result_is_stored_and_can_be_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(duplicates_of_one_relying_party_are_stored_for_review,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(people_known_to_another_party_do_not_crowd_duplicates_out,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_asked_is_in_the_audit_trail, set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_few_people_fail_with_a_reason_and_store_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_template_is_left_out_and_counted, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(one_run_at_a_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_run_can_be_cancelled_and_started_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(destroying_it_ends_a_run, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_cannot_ask_for_a_run, set_up, tear_down),
        cmocka_unit_test_setup_teardown(with_a_cohort_normalised_scores_are_measured_too, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
