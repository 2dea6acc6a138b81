#include "rate.h"

#include "interval.h"

#include <math.h>

/* Effective events (events / design effect) from which a rate is counted, not extrapolated. */
static const double COUNTED_MIN = 10;
/* Effective excesses that the tail is fitted to, the highest start that has so many. Fewer leave
 * the shape open, more take in what is no tail yet; but many duplicates need many strangers. */
static const double EXCESSES[] = {200, 400, 800, 1600, 100};
enum { EXCESS_CHOICES = 5, BINS_MIN = 8 };
/* Scores are bounded, so the shape of their tail is not above 0: one that is has mated scores in
 * it, or is noise. */
static const double SHAPE_TRUSTED = 0.15;
/* No tail starts where more than this share of the scores lies. */
static const double FROM_RATE_MAX = 1e-2;
/* Expected scores of strangers among those suspected to be mated. */
static const double STRANGERS_SUSPECTED = 0.05;

uint64_t nonmated_total(const nonmated_table *table)
{
    return table->above[0] - table->above[table->suspects_from];
}

/* Comparisons in a bin or higher that count. */
static uint64_t events_from(const nonmated_table *table, size_t bin)
{
    return bin >= table->suspects_from ? 0 : table->above[bin] - table->above[table->suspects_from];
}

double nonmated_effect(const nonmated_table *table, double rate)
{
    const nonmated_level *levels = table->levels;
    if (table->level_count == 0) {
        return 1;
    }
    size_t next = 0;
    while (next < table->level_count && levels[next].rate > rate) {
        next++;
    }
    if (next == 0 || next == table->level_count) {
        return levels[next == 0 ? 0 : next - 1].effect;
    }
    const nonmated_level *a = &levels[next - 1], *b = &levels[next];
    double share = (log(a->rate) - log(rate)) / (log(a->rate) - log(b->rate));
    return exp(log(a->effect) + share * (log(b->effect) - log(a->effect)));
}

double nonmated_floor(const nonmated_table *table)
{
    double total = (double)nonmated_total(table);
    return total > 0 ? fmin(3 * nonmated_effect(table, 0) / total, 1) : 1;
}

static imi_rate counted(const nonmated_table *table, uint64_t events)
{
    double total = (double)nonmated_total(table);
    if (!(total > 0)) {
        return (imi_rate){NAN, NAN, NAN, 0, false};
    }
    double rate = (double)events / total;
    double effect = nonmated_effect(table, rate);
    interval limits = interval_of_rate((double)events / effect, total / effect);
    return (imi_rate){rate, fmin(limits.low, rate), fmax(limits.high, rate), events, false};
}

/* Both uncertainties, of how many excesses there are and of their shape, on the scale of logs. */
static imi_rate extrapolated(const nonmated_table *table, imi_score_kind kind, size_t bin,
                             uint64_t events)
{
    imi_rate from = counted(table, events_from(table, table->tail.from));
    double excess = (double)(bin - table->tail.from) * nonmated_scale_of(kind).width;
    tail_estimate survival = tail_estimate_at(&table->tail, excess);
    double up = hypot(log(from.high / from.rate), log(survival.high / survival.mean));
    double down = survival.low > 0
                      ? hypot(log(from.rate / from.low), log(survival.mean / survival.low))
                      : INFINITY;
    double rate = from.rate * survival.mean;
    return (imi_rate){rate, rate * exp(-down), fmin(rate * exp(up), 1), events, true};
}

imi_rate nonmated_rate(const nonmated_table *table, imi_score_kind kind, size_t bin)
{
    uint64_t events = events_from(table, bin);
    imi_rate by_count = counted(table, events);
    double effective = (double)events / nonmated_effect(table, by_count.rate);
    if (effective >= COUNTED_MIN || !table->tail.fitted || bin < table->tail.from) {
        return by_count;
    }
    imi_rate by_tail = extrapolated(table, kind, bin, events);
    return by_tail.rate > 0 ? by_tail : by_count;
}

static double upper_limit(const nonmated_table *table, imi_score_kind kind, size_t bin)
{
    return bin == 0 ? 1 : nonmated_rate(table, kind, bin).high;
}

/* Limits fall with the bin but for small steps, where the design effect changes or the tail takes
 * over: those within REACH above are looked for. */
size_t nonmated_bin_for(const nonmated_table *table, imi_score_kind kind, double target_fmr)
{
    enum { REACH = 64 };
    size_t low = 0, high = NONMATED_BINS; /* the limit at low is too high, or low is 0 */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (upper_limit(table, kind, middle) <= target_fmr) {
            high = middle;
        } else {
            low = middle;
        }
    }
    size_t bin = target_fmr >= 1 ? 0 : high;
    for (size_t next = bin; next < NONMATED_BINS && next < high + REACH; next++) {
        if (!(upper_limit(table, kind, next) <= target_fmr)) {
            bin = next + 1;
        }
    }
    return bin;
}

/* The design effect of a tail's shape: that of its own rarer events, as they tell the shape. */
static double effect_within(const nonmated_table *table, double rate)
{
    return nonmated_effect(table, rate / 10);
}

/* Highest bin with at least so many effective events; 0 if there is none. */
static size_t bin_with_events(const nonmated_table *table, double least)
{
    for (size_t bin = NONMATED_BINS; bin-- > 0;) {
        double events = (double)events_from(table, bin);
        double rate = events / (double)nonmated_total(table);
        if (events / effect_within(table, rate) >= least) {
            return bin;
        }
    }
    return 0;
}

/* Where the fit expects no more strangers. */
static size_t strangers_end(const nonmated_table *table, imi_score_kind kind)
{
    double excesses = (double)table->above[table->tail.from] * (1 - table->tail.foreign);
    size_t low = table->tail.from, high = NONMATED_BINS;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        double excess = (double)(middle - table->tail.from) * nonmated_scale_of(kind).width;
        if (excesses * tail_estimate_at(&table->tail, excess).mean <= STRANGERS_SUSPECTED) {
            high = middle;
        } else {
            low = middle;
        }
    }
    return high;
}

/* Fit and counts at halves, quarters and so on of the excesses: apart by no more than three
 * deviations and a tenth. */
static bool is_close(const nonmated_table *table, imi_score_kind kind)
{
    double excesses = (double)events_from(table, table->tail.from);
    double rate = excesses / (double)nonmated_total(table);
    double effect = nonmated_effect(table, rate);
    double expected = excesses;
    for (size_t bin = table->tail.from; bin < table->suspects_from; bin++) {
        double events = (double)events_from(table, bin);
        if (events > expected / 2) {
            continue;
        }
        expected = events;
        if (events / effect < COUNTED_MIN) {
            break;
        }
        double excess = (double)(bin - table->tail.from) * nonmated_scale_of(kind).width;
        double survival = tail_estimate_at(&table->tail, excess).mean;
        double deviation = sqrt(effect * (1 - events / excesses) / events);
        if (!(fabs(log(survival * excesses / events)) <= 3 * deviation + 0.1)) {
            return false;
        }
    }
    return true;
}

void nonmated_refit(nonmated_table *table, imi_score_kind kind, size_t from, size_t suspects_from)
{
    table->suspects_from = suspects_from;
    table->tail.from = from;
    table->tail.fitted = false;
    table->tail.node_count = 0;
    if (from > 0 && from + BINS_MIN < NONMATED_BINS) {
        double rate = (double)table->above[from] / (double)table->above[0];
        tail_data data = {table->above + from, NONMATED_BINS - from, nonmated_scale_of(kind).width,
                          effect_within(table, rate)};
        table->tail.fitted = tail_fit(&data, &table->tail);
    }
}

static bool fit_from(nonmated_table *table, imi_score_kind kind, size_t from)
{
    nonmated_refit(table, kind, from, NONMATED_BINS);
    if (!table->tail.fitted || table->tail.shape > SHAPE_TRUSTED) {
        return false;
    }
    size_t end = strangers_end(table, kind);
    table->suspects_from = table->above[end] > 0 ? end : NONMATED_BINS;
    return is_close(table, kind);
}

/* Events of a level that are mostly suspects, who come in single pairs, tell nothing of how
 * comparisons of strangers depend on each other. */
static void drop_suspect_levels(nonmated_table *table)
{
    uint64_t suspects = table->above[table->suspects_from];
    while (table->level_count > 1 &&
           suspects * 10 > table->above[table->levels[table->level_count - 1].bin]) {
        table->level_count--;
    }
}

void nonmated_fit(nonmated_table *table, imi_score_kind kind)
{
    table->suspects_from = NONMATED_BINS;
    for (size_t i = 0; i < EXCESS_CHOICES; i++) {
        size_t from = bin_with_events(table, EXCESSES[i]);
        double rate = (double)table->above[from] / (double)table->above[0];
        if (from > 0 && rate <= FROM_RATE_MAX && fit_from(table, kind, from)) {
            drop_suspect_levels(table);
            nonmated_refit(table, kind, from, table->suspects_from);
            return;
        }
    }
    nonmated_refit(table, kind, 0, NONMATED_BINS);
}
