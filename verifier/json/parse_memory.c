#include "parse_memory.h"

#include "imi/memory.h"

#include <setjmp.h>

/*
 * Where an allocation fails jansson's parser goes on: it reports bad syntax, leaves out a member,
 * or, when the closing quote of a string finds no room, reads and writes beyond its buffers
 * (strbuffer growth in lex_save is not checked, 2.14). So the first failure leaves the parser for
 * good, and what it had allocated is freed from a list kept here.
 */
typedef struct attempt {
    jmp_buf way_out;
    void **blocks;
    size_t count, capacity;
} attempt;

static _Thread_local attempt *tl_attempt;

static bool keep(attempt *self, void *block)
{
    if (self->count == self->capacity) {
        size_t capacity = self->capacity == 0 ? 64 : 2 * self->capacity;
        void **blocks = imi_realloc(self->blocks, capacity * sizeof *blocks);
        if (blocks == NULL) {
            return false;
        }
        self->blocks = blocks;
        self->capacity = capacity;
    }
    self->blocks[self->count++] = block;
    return true;
}

/* What is freed while parsing was mostly allocated just before. */
static void forget(attempt *self, const void *block)
{
    for (size_t i = self->count; i-- > 0;) {
        if (self->blocks[i] == block) {
            self->blocks[i] = self->blocks[--self->count];
            return;
        }
    }
}

static void *allocate(size_t size)
{
    void *block = imi_alloc(size);
    attempt *self = tl_attempt;
    if (self == NULL || (block != NULL && keep(self, block))) {
        return block;
    }
    imi_free(block);
    longjmp(self->way_out, 1);
}

static void release(void *block)
{
    if (tl_attempt != NULL && block != NULL) {
        forget(tl_attempt, block);
    }
    imi_free(block);
}

/* Before main, so that no value is ever made by one allocator and freed by the other. */
__attribute__((constructor)) static void use_our_allocator(void)
{
    json_set_alloc_funcs(allocate, release);
}

json_t *imi_json_load(imi_view text, json_error_t *detail, bool *out_of_memory_out)
{
    attempt self = {.count = 0};
    json_t *volatile value = NULL;
    *out_of_memory_out = setjmp(self.way_out) != 0;
    if (!*out_of_memory_out) {
        tl_attempt = &self;
        const char *start = text.size == 0 ? "" : (const char *)text.data;
        value = json_loadb(start, text.size, JSON_REJECT_DUPLICATES, detail);
    }
    tl_attempt = NULL;
    for (size_t i = 0; *out_of_memory_out && i < self.count; i++) {
        imi_free(self.blocks[i]);
    }
    imi_free(self.blocks);
    return value;
}
