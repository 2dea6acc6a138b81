#include "tally.h"

#include "rates.h"

void imi_attack_tally_add(imi_attack_tally *tally, const imi_attempt *attempt)
{
    tally->attempts++;
    tally->accepted += attempt->outcome == IMI_ATTEMPT_ACCEPTED;
    tally->no_response += attempt->outcome == IMI_ATTEMPT_NO_RESPONSE;
}

static size_t errors_of(const imi_attack_tally *tally, imi_gen_species species)
{
    return species == IMI_GEN_BONA_FIDE ? tally->attempts - tally->accepted : tally->accepted;
}

imi_status imi_attack_tally_format(const imi_attack_tally *tally, imi_gen_species species,
                                   imi_buffer *out, imi_error *err)
{
    size_t errors = errors_of(tally, species);
    eval_interval interval = eval_share_interval(errors, tally->attempts);
    double rate = tally->attempts == 0 ? 0 : 100.0 * (double)errors / (double)tally->attempts;
    return imi_buffer_printf(
        out, err, "%-17s %8zu %8zu %8zu %8zu  %s %5.1f %%  %5.1f to %5.1f %%\n",
        imi_gen_species_traits_of(species)->name, tally->attempts, tally->accepted,
        tally->no_response, tally->failed, species == IMI_GEN_BONA_FIDE ? "BPCER" : "IAPAR", rate,
        100 * interval.low, 100 * interval.high);
}

bool imi_attack_tally_exceeds(const imi_attack_tally *tally, imi_gen_species species,
                              double limit_percent)
{
    if (tally->failed > 0 || tally->attempts == 0) {
        return true;
    }
    return species == IMI_GEN_BONA_FIDE
               ? tally->accepted == 0
               : 100 * (double)tally->accepted > limit_percent * (double)tally->attempts;
}
