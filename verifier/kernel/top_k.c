/*
 * Selection by a heap whose root is the worst entry kept. Which entries are selected does not
 * depend on the order in which they are offered, as no two compare equal.
 */
#include "imi/kernel.h"

#include <stdbool.h>

enum { BLOCK = 16 };

static bool is_better(imi_candidate a, imi_candidate b)
{
    return a.similarity > b.similarity || (a.similarity == b.similarity && a.index < b.index);
}

static void sift_down(imi_candidate *heap, size_t count, size_t at)
{
    imi_candidate moving = heap[at];
    for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && is_better(heap[child], heap[child + 1])) {
            child++;
        }
        if (!is_better(moving, heap[child])) {
            break;
        }
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moving;
}

static void sift_up(imi_candidate *heap, size_t at)
{
    imi_candidate moving = heap[at];
    while (at > 0 && is_better(heap[(at - 1) / 2], moving)) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = moving;
}

static void offer_one(imi_top_k *top, imi_candidate candidate)
{
    bool is_number = candidate.similarity == candidate.similarity;
    if (!is_number) {
        return;
    }
    if (top->count < top->capacity) {
        top->entries[top->count++] = candidate;
        sift_up(top->entries, top->count - 1);
    } else if (top->capacity > 0 && is_better(candidate, top->entries[0])) {
        top->entries[0] = candidate;
        sift_down(top->entries, top->count, 0);
    }
}

/* Most blocks of a large gallery hold nothing new; this loop is what the compiler vectorises. */
static bool any_reaches(const float similarities[BLOCK], float floor)
{
    int found = 0;
    for (size_t i = 0; i < BLOCK; i++) {
        found |= similarities[i] >= floor;
    }
    return found != 0;
}

void imi_top_k_init(imi_top_k *top, imi_candidate *storage, size_t capacity)
{
    *top = (imi_top_k){storage, storage == NULL ? 0 : capacity, 0};
}

void imi_top_k_offer(imi_top_k *top, const float *similarities, size_t count, size_t first_index)
{
    size_t i = 0;
    for (; count - i >= BLOCK; i += BLOCK) {
        bool full = top->capacity > 0 && top->count == top->capacity;
        if (full && !any_reaches(similarities + i, top->entries[0].similarity)) {
            continue;
        }
        for (size_t j = i; j < i + BLOCK; j++) {
            offer_one(top, (imi_candidate){first_index + j, similarities[j]});
        }
    }
    for (; i < count; i++) {
        offer_one(top, (imi_candidate){first_index + i, similarities[i]});
    }
}

void imi_top_k_merge(imi_top_k *top, const imi_top_k *other)
{
    for (size_t i = 0; i < other->count; i++) {
        offer_one(top, other->entries[i]);
    }
}

void imi_top_k_finish(imi_top_k *top)
{
    for (size_t end = top->count; end > 1; end--) {
        imi_candidate worst = top->entries[0];
        top->entries[0] = top->entries[end - 1];
        top->entries[end - 1] = worst;
        sift_down(top->entries, end - 1, 0);
    }
}
