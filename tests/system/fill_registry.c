/*
 * usage: fill_registry DATA MODEL_VERSION DIMS PEOPLE DECIDED
 * Fill a server's store with made-up people, and with sessions that were decided by comparison:
 * enrolling photos of hundreds of people takes longer than a test should. Their templates are
 * random directions, so their scores say nothing about real faces.
 */
#include "imi/compare.h"
#include "imi/store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TWINS = 2 };

/* What the server's templates look like: ids of models and their dimensions, each joined by '+'. */
typedef struct shape {
    const char *model_version;
    const char *dims;
} shape;

static const char PARTY[] = "relying-party";
static const char PURPOSE[] = "graduate.registration";

static void fill_vector(uint32_t dim, uint32_t *random, imi_template_vector *out)
{
    double square = 0;
    out->dim = dim;
    for (size_t i = 0; i < dim; i++) {
        *random = *random * 1664525U + 1013904223U;
        out->values[i] = (float)(*random >> 8) / (1 << 23) - 1;
        square += (double)out->values[i] * (double)out->values[i];
    }
    for (size_t i = 0; i < dim; i++) {
        out->values[i] = (float)((double)out->values[i] / sqrt(square));
    }
}

static void make_face(const shape *wanted, uint32_t person, imi_template *out)
{
    *out = (imi_template){.count = 0};
    uint32_t random = person * 2654435761U + 1;
    const char *id = wanted->model_version;
    char *dim = (char *)(uintptr_t)wanted->dims;
    while (*id != '\0' && out->count < IMI_TEMPLATE_VECTORS_MAX) {
        imi_template_vector *vector = &out->vectors[out->count++];
        size_t size = strcspn(id, "+");
        imi_copy(vector->model_id, id, size);
        fill_vector((uint32_t)strtoul(dim, &dim, 10), &random, vector);
        id += size + (id[size] == '+' ? 1 : 0);
        dim += *dim == '+' ? 1 : 0;
    }
}

static imi_status put_person(imi_store *store, const shape *wanted, uint32_t number, imi_error *err)
{
    imi_template face;
    IMI_AUTO_BUFFER blob = IMI_BUFFER_INIT;
    make_face(wanted, number, &face);
    IMI_TRY(imi_template_encode(&face, &blob, err));
    imi_reference_record record = {
        .quality = 0.9,
        .created_ms = 1000 * (int64_t)time(NULL),
        .kind = IMI_REFERENCE_PRIMARY,
        .birth_decade = 1940 + 10 * (int32_t)(number % 3),
        .sex = number % 2 == 0 ? IMI_SEX_MALE : IMI_SEX_FEMALE,
    };
    IMI_TRY(imi_id_new("ref", record.reference_id, err));
    imi_copy_text(record.relying_party, sizeof record.relying_party, PARTY);
    imi_copy_text(record.model_version, sizeof record.model_version, wanted->model_version);
    static uint32_t enrolled = 0;
    snprintf(record.subject_id, sizeof record.subject_id, "person-%u", enrolled++);
    return store->put_reference(store, &record, imi_buffer_view(&blob), err);
}

static imi_status put_decided(imi_store *store, const shape *wanted, uint32_t number,
                              imi_error *err)
{
    int64_t now_ms = 1000 * (int64_t)time(NULL);
    bool verified = number % 10 != 0;
    imi_session_record session = {
        .state = IMI_SESSION_CREATED,
        .created_ms = now_ms,
        .expires_ms = now_ms + 60000,
        .similarity = (double)NAN,
        .fmr = (double)NAN,
    };
    IMI_TRY(imi_id_new("ses", session.session_id, err));
    imi_copy_text(session.relying_party, sizeof session.relying_party, PARTY);
    imi_copy_text(session.purpose, sizeof session.purpose, PURPOSE);
    imi_copy_text(session.nonce, sizeof session.nonce, "12345678");
    imi_event_record event = {.at_ms = now_ms};
    imi_copy_text(event.kind, sizeof event.kind, "created");
    IMI_TRY(store->create_session(store, &session, &event, err));
    session.state = IMI_SESSION_DECIDED;
    session.decision = verified ? IMI_DECISION_VERIFIED : IMI_DECISION_REJECTED;
    session.decided_ms = now_ms;
    imi_score_record score = {
        .at_ms = now_ms,
        /* Verified from 0.30 to 0.89, refused from 0.10 to 0.19. */
        .raw_similarity =
            verified ? 0.30 + 0.01 * (number % 60) : 0.10 + 0.01 * (number % 100) / 10,
        .normalised_similarity = (double)NAN,
        .decisive = true,
        .decision = session.decision,
    };
    imi_copy_text(score.purpose, sizeof score.purpose, PURPOSE);
    imi_copy_text(score.model_version, sizeof score.model_version, wanted->model_version);
    imi_copy_text(event.kind, sizeof event.kind, "decided");
    imi_session_extras extras = {.score = &score};
    return store->update_session(store, &session, &event, &extras, err);
}

static imi_status fill(imi_store *store, const shape *wanted, uint32_t people, uint32_t decided,
                       imi_error *err)
{
    for (uint32_t i = 0; i < people; i++) {
        /* The last ones look like the first ones: somebody is enrolled twice. */
        uint32_t face = people > TWINS && i >= people - TWINS ? i - (people - TWINS) : i;
        IMI_TRY(put_person(store, wanted, face, err));
    }
    for (uint32_t i = 0; i < decided; i++) {
        IMI_TRY(put_decided(store, wanted, i, err));
    }
    return IMI_OK;
}

/* As the server lays it out. */
static imi_status open_data(const char *folder, imi_vault **vault, imi_store **store,
                            imi_error *err)
{
    char path[4096];
    uint8_t secret[IMI_SECRET_SIZE];
    snprintf(path, sizeof path, "%s/wrapping-secret", folder);
    IMI_TRY(imi_secret_file_load(path, secret, err));
    snprintf(path, sizeof path, "%s/vault.db", folder);
    IMI_TRY(imi_vault_open(path, secret, vault, err));
    snprintf(path, sizeof path, "%s/imi.db", folder);
    return imi_store_sqlite_open(path, *vault, store, err);
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: fill_registry DATA MODEL_VERSION DIMS PEOPLE DECIDED\n");
        return 2;
    }
    imi_error error = IMI_ERROR_INIT;
    IMI_AUTO(imi_vault) vault = NULL;
    IMI_AUTO(imi_store) store = NULL;
    imi_status status = open_data(argv[1], &vault, &store, &error);
    if (status == IMI_OK) {
        status = fill(store, &(shape){argv[2], argv[3]}, (uint32_t)strtoul(argv[4], NULL, 10),
                      (uint32_t)strtoul(argv[5], NULL, 10), &error);
    }
    if (status != IMI_OK) {
        fprintf(stderr, "fill_registry: %s: %s\n", imi_status_name(status), error.message);
    }
    return status == IMI_OK ? 0 : 3;
}
