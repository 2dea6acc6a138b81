/**
 * A species before a simulated phone: frames as its camera, or what was put in its place, sends
 * them, reacting to the guidance as well as its means allow.
 */
#ifndef IMI_GENERATOR_ATTACK_H
#define IMI_GENERATOR_ATTACK_H

#include "stage.h"

/** How large generated frames are: a phone's preview. */
enum { IMI_GEN_WIDTH = 640, IMI_GEN_HEIGHT = 480 };

/**
 * Make a source; everything that it shows follows from the options and the cues.
 *
 * Ownership: portraits and film are borrowed and outlive it.
 * Errors:    none once made: a frame that cannot be drawn repeats the one before.
 */
IMI_MUST_USE imi_status imi_gen_attack_new(const imi_gen_stage_options *options, imi_source **out,
                                           imi_error *err);

#endif
