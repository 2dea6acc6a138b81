/**
 * What the tests of verifier/base share.
 */
#ifndef IMI_TESTS_BASE_FIXTURE_H
#define IMI_TESTS_BASE_FIXTURE_H

/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "imi/bytes.h"
#include "imi/memory.h"

#include <stdbool.h>

/** A test with leak_start and leak_check around it. */
#define LEAK_CHECKED(test) cmocka_unit_test_setup_teardown(test, leak_start, leak_check)

/** cmocka setup and teardown: fail the test if blocks are left allocated. */
int leak_start(void **state);
int leak_check(void **state);

/** Make allocation number n (from 1) and every later one fail; 0 to stop. */
void fail_allocations_from(int n);
/** Make allocation number n alone fail. */
void fail_allocation(int n);

/** View of a string literal, also with NUL inside. */
#define LITERAL(text) ((imi_view){(const uint8_t *)(text), sizeof(text) - 1})

void assert_view_is(imi_view got, imi_view want);

/** A folder of the test's own, removed with its files by folder_remove. */
typedef struct folder {
    char path[64];
} folder;

void folder_make(folder *out);
void folder_remove(const folder *made);
/** Number of entries. */
int folder_count(const folder *made);
/** path = folder/name. */
void folder_path(const folder *made, const char *name, char *path, size_t capacity);

#endif
