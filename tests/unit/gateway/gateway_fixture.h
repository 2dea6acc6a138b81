#ifndef IMI_TEST_GATEWAY_FIXTURE_H
#define IMI_TEST_GATEWAY_FIXTURE_H

/* cmocka.h wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#endif
