#include "memory_watch.h"

#include <stdio.h>
#include <unistd.h>

enum { SLOPE_SAMPLES_MIN = 5 };

imi_status load_memory_sample(load_memory *memory, double at_s, imi_error *err)
{
    if (memory->pid == 0 || memory->count == LOAD_SAMPLES_MAX) {
        return IMI_OK;
    }
    char path[64];
    snprintf(path, sizeof path, "/proc/%lld/statm", (long long)memory->pid);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "there is no process %lld", (long long)memory->pid);
    }
    long long size_pages = 0;
    long long resident_pages = 0;
    int fields = fscanf(file, "%lld %lld", &size_pages, &resident_pages);
    fclose(file);
    if (fields != 2) {
        IMI_FAIL(err, IMI_E_IO, "%s cannot be read", path);
    }
    memory->at_s[memory->count] = at_s;
    memory->resident_kib[memory->count] =
        (double)resident_pages * (double)sysconf(_SC_PAGESIZE) / 1024;
    memory->count++;
    return IMI_OK;
}

static double slope_of(const double *x, const double *y, size_t count)
{
    double mean_x = 0;
    double mean_y = 0;
    for (size_t i = 0; i < count; i++) {
        mean_x += x[i] / (double)count;
        mean_y += y[i] / (double)count;
    }
    double up = 0;
    double down = 0;
    for (size_t i = 0; i < count; i++) {
        up += (x[i] - mean_x) * (y[i] - mean_y);
        down += (x[i] - mean_x) * (x[i] - mean_x);
    }
    return down > 0 ? up / down : 0;
}

void load_memory_growth(const load_memory *memory, load_growth *out)
{
    *out = (load_growth){.first_kib = 0};
    if (memory->count == 0) {
        return;
    }
    out->first_kib = memory->resident_kib[0];
    out->last_kib = memory->resident_kib[memory->count - 1];
    for (size_t i = 0; i < memory->count; i++) {
        out->max_kib =
            memory->resident_kib[i] > out->max_kib ? memory->resident_kib[i] : out->max_kib;
    }
    size_t skipped = memory->count / 5;
    size_t count = memory->count - skipped;
    if (count < SLOPE_SAMPLES_MIN) {
        return;
    }
    out->slope_kib_per_s = slope_of(memory->at_s + skipped, memory->resident_kib + skipped, count);
    out->grown_kib =
        out->slope_kib_per_s * (memory->at_s[memory->count - 1] - memory->at_s[skipped]);
}
