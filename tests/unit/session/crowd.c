#include "crowd.h"

#include "service_internal.h"

#include <math.h>
#include <stdio.h>

/* Source: splitmix64, as in cohort_draw.c. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t value = *state += 0x9E3779B97F4A7C15ULL;
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ value >> 27) * 0x94D049BB133111EBULL;
    return value ^ value >> 31;
}

imi_template crowd_template(uint32_t number)
{
    imi_template made = {.count = 1};
    imi_template_vector *vector = &made.vectors[0];
    imi_copy_text(vector->model_id, sizeof vector->model_id, SCENE_MODEL_ID);
    vector->dim = SCENE_MODEL_DIM;
    uint64_t state = number + 1;
    double square = 0;
    for (size_t i = 0; i < SCENE_MODEL_DIM; i++) {
        /* The sum of several uniform values: directions without a preference for corners. */
        double value = 0;
        for (int n = 0; n < 6; n++) {
            value += (double)(next_random(&state) >> 11) / 9007199254740992.0 - 0.5;
        }
        vector->values[i] = (float)value;
        square += value * value;
    }
    for (size_t i = 0; i < SCENE_MODEL_DIM; i++) {
        vector->values[i] /= (float)sqrt(square);
    }
    return made;
}

imi_reference_record crowd_reference(uint32_t number)
{
    imi_reference_record record = {
        .quality = 0.7, .created_ms = 1, .kind = IMI_REFERENCE_PRIMARY, .birth_decade = 1950};
    snprintf(record.reference_id, sizeof record.reference_id, "ref_crowd_%u", number);
    snprintf(record.subject_id, sizeof record.subject_id, "crowd-%u", number);
    imi_copy_text(record.relying_party, sizeof record.relying_party, FIXTURE_OTHER_PARTY);
    imi_copy_text(record.model_version, sizeof record.model_version, FIXTURE_MODEL_VERSION);
    return record;
}

void crowd_enrol(fixture *f, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++) {
        imi_reference_record record = crowd_reference(i);
        imi_template made = crowd_template(i);
        IMI_AUTO_BUFFER blob = IMI_BUFFER_INIT;
        assert_int_equal(imi_template_encode(&made, &blob, NULL), IMI_OK);
        assert_int_equal(f->sqlite->put_reference(f->sqlite, &record, imi_buffer_view(&blob), NULL),
                         IMI_OK);
    }
}

void crowd_erase(fixture *f, uint32_t number)
{
    imi_reference_record record = crowd_reference(number);
    assert_int_equal(f->sqlite->delete_reference(f->sqlite, record.reference_id, NULL), IMI_OK);
}

void crowd_tick(fixture *f)
{
    imi_service_tick(f->service);
    fixture_settle(f);
}

void crowd_tick_later(fixture *f)
{
    imi_clock_manual_advance(&f->clock, 60000);
    crowd_tick(f);
}

static const char both_tables[] =
    "{\"version\": \"crowd.1\", \"measured_on\": \"a crowd\", \"made_at\": \"2026-01-01\","
    " \"models\": [{\"id\": \"" SCENE_MODEL_ID "\", "
    "\"weights\": {\"raw\": 1, \"normalised\": 1},"
    " \"normalisation\": {\"mean\": 1, \"deviation\": 1}}],"
    " \"tables\": {\"raw\": {\"comparisons\": 1000000, \"fmr_floor\": 1e-5,"
    " \"groups\": {\"all\": {\"comparisons\": 1000000}},"
    " \"knots\": [[-1, 1], [0, 0.5], [0.3, 1e-2], [0.6, 1e-4], [0.9, 1e-5]]},"
    " \"normalised\": {\"comparisons\": 1000000, \"fmr_floor\": 1e-5,"
    " \"groups\": {\"all\": {\"comparisons\": 1000000}},"
    " \"knots\": [[-100, 1], [0, 0.5], [2, 1e-2], [3, 1e-4], [5, 1e-5]]}}}";

static void put_calibration(fixture *f, imi_calibration_record *record)
{
    imi_audit_record line = {.at_ms = 1, .actor = "first", .action = "calibration.made"};
    assert_int_equal(imi_id_new("cal", record->calibration_id, NULL), IMI_OK);
    imi_copy_text(record->model_version, sizeof record->model_version, FIXTURE_MODEL_VERSION);
    assert_int_equal(
        f->sqlite->put_calibration(f->sqlite, record, imi_view_of_text(both_tables), &line, NULL),
        IMI_OK);
}

imi_point_record crowd_put_point(fixture *f, const char *purpose, imi_score_kind kind,
                                 double threshold, bool shadow)
{
    imi_calibration_record calibration = {.references = 1000, .comparisons = 1000000};
    put_calibration(f, &calibration);
    imi_point_record point = {
        .target_fmr = 1e-4,
        .score_kind = (int32_t)kind,
        .threshold = threshold,
        .state = shadow ? IMI_POINT_APPROVED : IMI_POINT_ACTIVE,
        .shadow = shadow,
    };
    imi_audit_record line = {.at_ms = 1, .actor = "second", .action = "threshold.activate"};
    assert_int_equal(imi_id_new("opp", point.point_id, NULL), IMI_OK);
    imi_copy_text(point.purpose, sizeof point.purpose, purpose);
    imi_copy_text(point.calibration_id, sizeof point.calibration_id, calibration.calibration_id);
    assert_int_equal(f->sqlite->put_points(f->sqlite, &point, 1, &line, NULL, NULL), IMI_OK);
    imi_error err = IMI_ERROR_INIT;
    if (imi_operating_points_reload(f->service->points, purpose, &err) != IMI_OK) {
        fail_msg("no point: %s", err.message);
    }
    return point;
}
