/* Uses a type that it does not include: check_headers.sh must refuse it. */
#ifndef IMI_TESTS_NOT_ALONE_H
#define IMI_TESTS_NOT_ALONE_H

uint32_t imi_not_alone(void);

#endif
