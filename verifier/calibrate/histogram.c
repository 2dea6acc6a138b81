#include "nonmated.h"

size_t imi_nonmated_histogram(const imi_nonmated *nonmated, imi_score_kind kind, uint64_t *counts,
                              size_t bins_max, double *low_out, double *high_out)
{
    *low_out = 0;
    *high_out = 0;
    const nonmated_table *table = nonmated_table_of(nonmated, kind, 0);
    if (table == NULL || table->above[0] == 0 || bins_max == 0) {
        return 0;
    }
    size_t first = 0, end = NONMATED_BINS; /* bins that hold scores */
    while (table->above[first + 1] == table->above[0]) {
        first++;
    }
    while (table->above[end - 1] == 0) {
        end--;
    }
    /* Whole fine bins in each coarse one: shares of bins would draw teeth that are not there. */
    size_t fine = (end - first + bins_max - 1) / bins_max;
    size_t bins = (end - first + fine - 1) / fine;
    for (size_t i = 0; i < bins; i++) {
        size_t from = first + i * fine;
        size_t to = from + fine < NONMATED_BINS ? from + fine : NONMATED_BINS;
        counts[i] = table->above[from] - table->above[to];
    }
    *low_out = nonmated_edge(kind, first);
    *high_out = nonmated_edge(kind, first + bins * fine);
    return bins;
}
