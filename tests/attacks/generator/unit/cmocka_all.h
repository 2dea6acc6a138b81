/** cmocka and what it wants before it. */
#ifndef IMI_TESTS_CMOCKA_ALL_H
#define IMI_TESTS_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
