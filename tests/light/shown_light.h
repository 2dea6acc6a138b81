/**
 * What a phone's screen gives that shows a sequence of colours, as docs/light.md asks of pages.
 */
#ifndef IMI_TESTS_SHOWN_LIGHT_H
#define IMI_TESTS_SHOWN_LIGHT_H

#include "imi/light.h"

/** Light at a moment since the first colour appeared, linear, 1 for white; faded in linear light.
 * Before that it is the first colour and behind the end the last; without colours there is none. */
void shown_light_at(const imi_light_sequence *sequence, int64_t at_ms, double out[3]);

#endif
