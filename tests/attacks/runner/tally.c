#include "tally.h"

#include "rates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Layers that look at every capture. */
static const imi_layer SHOWN[] = {IMI_LAYER_CHALLENGE, IMI_LAYER_GEOMETRY,   IMI_LAYER_PARALLAX,
                                  IMI_LAYER_PASSIVE,   IMI_LAYER_CONTINUITY, IMI_LAYER_CAMERA};
enum { SHOWN_COUNT = sizeof SHOWN / sizeof SHOWN[0] };

/* A layer's log ratio in the evidence: 0 where it says nothing, minus infinity for a veto. */
static double part_of(const char *evidence, imi_layer layer)
{
    static const char veto[] = "veto";
    const char *name = imi_layer_name(layer);
    size_t length = name == NULL ? 0 : strlen(name);
    for (const char *at = evidence; length > 0 && at != NULL; at = strchr(at, ' ')) {
        at += *at == ' ' ? 1 : 0;
        if (strncmp(at, name, length) == 0 && at[length] == ':') {
            const char *part = at + length + 1;
            return strncmp(part, veto, sizeof veto - 1) == 0 ? -INFINITY : strtod(part, NULL);
        }
    }
    return 0;
}

bool imi_attack_evidence_favours(const char *evidence, imi_layer layer)
{
    return part_of(evidence, layer) > 0;
}

void imi_attack_tally_add(imi_attack_tally *tally, const imi_attempt *attempt)
{
    tally->attempts++;
    tally->accepted += attempt->outcome == IMI_ATTEMPT_ACCEPTED;
    tally->no_response += attempt->outcome == IMI_ATTEMPT_NO_RESPONSE;
    for (int i = 0; i < IMI_LAYER_COUNT; i++) {
        tally->favoured[i] += imi_attack_evidence_favours(attempt->evidence, (imi_layer)i);
    }
    tally->solid += part_of(attempt->evidence, IMI_LAYER_GEOMETRY) +
                        part_of(attempt->evidence, IMI_LAYER_PARALLAX) >
                    0;
}

static size_t errors_of(const imi_attack_tally *tally, imi_gen_species species)
{
    return species == IMI_GEN_BONA_FIDE ? tally->attempts - tally->accepted : tally->accepted;
}

imi_status imi_attack_tally_heading(imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_printf(out, err, "%-17s %8s %8s %6s %6s  %-34s", "species", "attempts",
                              "accepted", "silent", "failed", "rate, exact 95 % interval"));
    for (size_t i = 0; i < SHOWN_COUNT; i++) {
        IMI_TRY(imi_buffer_printf(out, err, " %10s", imi_layer_name(SHOWN[i])));
    }
    return imi_buffer_printf(out, err, " %10s\n", "solid");
}

imi_status imi_attack_tally_format(const imi_attack_tally *tally, imi_gen_species species,
                                   imi_buffer *out, imi_error *err)
{
    size_t errors = errors_of(tally, species);
    eval_interval interval = eval_share_interval(errors, tally->attempts);
    double rate = tally->attempts == 0 ? 0 : 100.0 * (double)errors / (double)tally->attempts;
    IMI_TRY(imi_buffer_printf(out, err, "%-17s %8zu %8zu %6zu %6zu  ",
                              imi_gen_species_traits_of(species)->name, tally->attempts,
                              tally->accepted, tally->no_response, tally->failed));
    IMI_TRY(imi_buffer_printf(out, err, "%s %5.1f %%  %5.1f to %5.1f %%  ",
                              species == IMI_GEN_BONA_FIDE ? "BPCER" : "IAPAR", rate,
                              100 * interval.low, 100 * interval.high));
    for (size_t i = 0; i < SHOWN_COUNT; i++) {
        IMI_TRY(imi_buffer_printf(out, err, " %10zu", tally->favoured[SHOWN[i]]));
    }
    return imi_buffer_printf(out, err, " %10zu\n", tally->solid);
}

static bool is_still_on_sheet(imi_gen_species species)
{
    const imi_gen_species_traits *traits = imi_gen_species_traits_of(species);
    return traits != NULL && traits->carrier == IMI_GEN_CARRIER_SHEET && !traits->video;
}

bool imi_attack_tally_exceeds(const imi_attack_tally *tally, imi_gen_species species,
                              const imi_attack_limits *limits)
{
    bool bona_fide = species == IMI_GEN_BONA_FIDE;
    if (tally->failed > 0 || tally->attempts == 0 || (bona_fide && tally->accepted == 0)) {
        return true;
    }
    double limit_percent = bona_fide ? limits->bpcer_percent : limits->iapar_percent;
    double most = limit_percent / 100 * (double)tally->attempts;
    return (double)errors_of(tally, species) > most ||
           (is_still_on_sheet(species) && (double)tally->solid > most);
}
