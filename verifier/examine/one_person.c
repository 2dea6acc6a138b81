#include "one_person.h"

#include "imi/examine.h"

/* False match rate at or below which two templates are one person's. Source: docs/sessions.md,
 * "One person throughout". */
static const double ONE_PERSON_FMR = 0.01;
/* A template costs as much as ten frames: bounds on how many a capture can cause, and how fast. */
enum { TEMPLATES_MAX = 24, MS_BETWEEN = 400 };
/* What was shown before the first template is compared with nothing. */
enum { FIRST_AFTER_MS = 1500 };

void imi_one_person_init(imi_one_person *person, const imi_scorer *scorer)
{
    *person = (imi_one_person){.scorer = scorer, .in_doubt = scorer != NULL};
}

void imi_one_person_doubt(imi_one_person *person)
{
    person->in_doubt = person->scorer != NULL && !person->another && person->made < TEMPLATES_MAX;
}

imi_status imi_examine_same_person(const imi_scorer *scorer, const imi_template *a,
                                   const imi_template *b, bool *same_out, imi_error *err)
{
    *same_out = false;
    imi_comparison comparison;
    IMI_TRY(imi_compare(scorer, a, b, &comparison, err));
    *same_out = comparison.fmr >= 0 && comparison.fmr <= ONE_PERSON_FMR;
    return IMI_OK;
}

/* One bad template is no other person; two of frames apart are. */
static void note(imi_one_person *person, bool same)
{
    person->another = person->another || (!same && person->missed);
    person->missed = !same;
    person->in_doubt = !same && !person->another && person->made < TEMPLATES_MAX;
}

bool imi_one_person_is_due(imi_one_person *person, int64_t at_ms, bool neutral)
{
    bool first = person->first.count == 0;
    if (first && !person->asked) {
        person->asked = true;
        person->compared_at_ms = at_ms;
    }
    int64_t wait_ms = !first ? MS_BETWEEN : neutral ? 0 : FIRST_AFTER_MS;
    return person->in_doubt && at_ms - person->compared_at_ms >= wait_ms;
}

imi_status imi_one_person_compare(imi_one_person *person, const imi_template *now, int64_t at_ms,
                                  imi_error *err)
{
    person->compared_at_ms = at_ms;
    if (person->first.count == 0) {
        person->first = *now;
        person->in_doubt = false;
        return IMI_OK;
    }
    bool same = false;
    IMI_TRY(imi_examine_same_person(person->scorer, now, &person->first, &same, err));
    note(person, same);
    return IMI_OK;
}

imi_status imi_one_person_look(imi_one_person *person, imi_engine *engine, const imi_image *image,
                               const imi_face *face, int64_t at_ms, imi_error *err)
{
    imi_template now = {0};
    IMI_TRY(imi_engine_extract(engine, image, face, &now, err));
    person->made++;
    imi_status status = imi_one_person_compare(person, &now, at_ms, err);
    imi_template_wipe(&now);
    return status;
}
