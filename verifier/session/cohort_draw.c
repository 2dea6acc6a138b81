#include "cohort_draw.h"

#include "imi/memory.h"

/* Unified quality that a usable portrait reaches, even one off an identity card. */
const double IMI_COHORT_QUALITY_FLOOR = 0.05;

enum {
    /* Erasures wait for a visit to end: pages of some milliseconds. */
    PAGE = 256,
    /* References behind one random place. */
    RANDOM_PAGE = 8
};

static const uint64_t POOR = 1ULL << 63;

void imi_cohort_draw_init(imi_cohort_draw *draw, uint64_t seed, size_t capacity)
{
    bool fits = capacity <= IMI_COHORT_MEMBERS_MAX;
    draw->seed = seed;
    draw->capacity = fits ? capacity : IMI_COHORT_MEMBERS_MAX;
    draw->count = 0;
}

/* Source: finaliser of splitmix64, Steele et al., "Fast splittable pseudorandom number
 * generators", OOPSLA 2014. */
static uint64_t mix(uint64_t value)
{
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ value >> 27) * 0x94D049BB133111EBULL;
    return value ^ value >> 31;
}

static size_t find_subject(const imi_cohort_draw *draw, imi_subject_key subject)
{
    size_t at = 0;
    while (at < draw->count && draw->members[at].subject != subject) {
        at++;
    }
    return at;
}

static void remove_at(imi_cohort_draw *draw, size_t at)
{
    for (size_t i = at + 1; i < draw->count; i++) {
        draw->members[i - 1] = draw->members[i];
    }
    draw->count--;
}

static void insert(imi_cohort_draw *draw, const imi_drawn_member *member)
{
    if (draw->count == draw->capacity) {
        draw->count--; /* the last one has lost */
    }
    size_t at = draw->count;
    for (; at > 0 && draw->members[at - 1].rank > member->rank; at--) {
        draw->members[at] = draw->members[at - 1];
    }
    draw->members[at] = *member;
    draw->count++;
}

void imi_cohort_draw_offer(imi_cohort_draw *draw, const imi_reference_record *record)
{
    if (record->kind != IMI_REFERENCE_PRIMARY || draw->capacity == 0) {
        return;
    }
    imi_subject_key subject = imi_subject_key_of(record->relying_party, record->subject_id);
    bool poor = !(record->quality >= IMI_COHORT_QUALITY_FLOOR);
    imi_drawn_member member = {
        .rank = mix(draw->seed ^ mix(subject)) >> 1 | (poor ? POOR : 0),
        .subject = subject,
        .quality = record->quality,
    };
    bool full = draw->count == draw->capacity;
    if (full && member.rank > draw->members[draw->count - 1].rank) {
        return;
    }
    imi_copy_text(member.reference_id, sizeof member.reference_id, record->reference_id);
    size_t held = find_subject(draw, subject);
    if (held < draw->count) {
        if (!(member.quality > draw->members[held].quality)) {
            return;
        }
        remove_at(draw, held);
    }
    insert(draw, &member);
}

typedef struct page {
    imi_cohort_draw *draw;
    char last_id[IMI_ID_SIZE];
    size_t count;
} page;

static imi_status offer_visited(void *user, const imi_reference_record *record,
                                imi_view template_blob, imi_view statistics_blob, imi_error *err)
{
    (void)template_blob, (void)statistics_blob, (void)err;
    page *self = user;
    imi_cohort_draw_offer(self->draw, record);
    imi_copy_text(self->last_id, sizeof self->last_id, record->reference_id);
    self->count++;
    return IMI_OK;
}

static imi_status visit_page(imi_store *store, imi_reference_query *query, page *out,
                             imi_error *err)
{
    out->count = 0;
    IMI_TRY(store->visit_references(store, query, offer_visited, out, err));
    imi_copy_text(query->after_id, sizeof query->after_id, out->last_id);
    return IMI_OK;
}

imi_status imi_cohort_draw_from(imi_cohort_draw *draw, imi_store *store, const char *model_version,
                                size_t population, size_t visited_max, imi_error *err)
{
    bool all = population <= visited_max;
    imi_reference_query query = {.limit = all ? PAGE : RANDOM_PAGE};
    imi_copy_text(query.model_version, sizeof query.model_version, model_version);
    page visited = {.draw = draw};
    for (size_t seen = 0; seen < visited_max; seen += query.limit) {
        /* Identifiers are random, so that any prefix of one is a random place among them. */
        if (!all) {
            IMI_TRY(imi_id_new("ref", query.after_id, err));
        }
        IMI_TRY(visit_page(store, &query, &visited, err));
        if (all && visited.count < query.limit) {
            return IMI_OK;
        }
    }
    return IMI_OK;
}
