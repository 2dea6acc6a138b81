#include "imi/threshold.h"

#include <string.h>

void imi_shadow_add(imi_shadow_counts *counts, const char *point_id, const imi_score_record *record)
{
    if (point_id[0] == '\0' || strcmp(record->shadow_point, point_id) != 0 ||
        record->shadow_decision == IMI_DECISION_NONE) {
        return;
    }
    bool verified = record->decision == IMI_DECISION_VERIFIED;
    bool would = record->shadow_decision == IMI_DECISION_VERIFIED;
    counts->first_ms = counts->compared == 0 ? record->at_ms : counts->first_ms;
    counts->last_ms = record->at_ms;
    counts->compared++;
    counts->agreed += verified == would;
    counts->would_verify += would && !verified;
    counts->would_refuse += verified && !would;
}
