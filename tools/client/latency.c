#include "client/latency.h"

enum { SUB_COUNT = 1 << IMI_LATENCY_SUB_BITS };

static const int64_t VALUE_MAX = (INT64_C(1) << 40) - 1;

/* Small values have a bucket each; above, the leading bits say the octave and the next
 * IMI_LATENCY_SUB_BITS bits the bucket within it. */
static size_t bucket_of(int64_t value)
{
    if (value < SUB_COUNT) {
        return (size_t)value;
    }
    int octave = 63 - __builtin_clzll((unsigned long long)value) - IMI_LATENCY_SUB_BITS;
    size_t within = (size_t)(value >> octave) - SUB_COUNT;
    return ((size_t)octave + 1) * SUB_COUNT + within;
}

/* Largest value of a bucket. */
static int64_t top_of(size_t bucket)
{
    if (bucket < SUB_COUNT) {
        return (int64_t)bucket;
    }
    size_t octave = bucket / SUB_COUNT - 1;
    int64_t within = (int64_t)(bucket % SUB_COUNT) + SUB_COUNT;
    return ((within + 1) << octave) - 1;
}

void imi_latency_add(imi_latency *latency, int64_t value)
{
    value = value < 0 ? 0 : value > VALUE_MAX ? VALUE_MAX : value;
    latency->buckets[bucket_of(value)]++;
    latency->count++;
    latency->sum += value;
    if (value > latency->max) {
        latency->max = value;
    }
}

void imi_latency_merge(imi_latency *into, const imi_latency *from)
{
    for (size_t i = 0; i < IMI_LATENCY_BUCKETS; i++) {
        into->buckets[i] += from->buckets[i];
    }
    into->count += from->count;
    into->sum += from->sum;
    into->max = from->max > into->max ? from->max : into->max;
}

int64_t imi_latency_percentile(const imi_latency *latency, double share)
{
    if (latency->count == 0) {
        return 0;
    }
    double wanted = share * (double)latency->count;
    uint64_t seen = 0;
    for (size_t i = 0; i < IMI_LATENCY_BUCKETS; i++) {
        seen += latency->buckets[i];
        if (seen > 0 && (double)seen >= wanted) {
            int64_t top = top_of(i);
            return top < latency->max ? top : latency->max;
        }
    }
    return latency->max;
}

double imi_latency_mean(const imi_latency *latency)
{
    return latency->count == 0 ? 0 : (double)latency->sum / (double)latency->count;
}
