/**
 * The people of generated attacks: a still that heads and prints are made from, another photo that
 * is enrolled, and perhaps a clip.
 */
#ifndef IMI_GENERATOR_CAST_H
#define IMI_GENERATOR_CAST_H

#include "film.h"
#include "imi/bytes.h"
#include "imi/engine.h"
#include "portrait.h"
#include "species.h"

enum { IMI_GEN_NAME_SIZE = 64, IMI_GEN_PERSONS_MAX = 128 };

typedef struct imi_gen_person {
    char name[IMI_GEN_NAME_SIZE];
    imi_gen_portrait *portrait;
    imi_buffer reference_jpeg;
    imi_gen_film *film; /* NULL: there is no clip of them */
} imi_gen_person;

typedef struct imi_gen_cast {
    size_t count;
    imi_gen_person persons[IMI_GEN_PERSONS_MAX];
} imi_gen_cast;

/**
 * Read the people of a list `person,still,reference`: paths below root of JPEG files, or of
 * clips with a moment in milliseconds behind an @. A fourth column may name a clip of them that
 * is played; the labels of its stretches are those that ship with the simulated phone.
 *
 * Errors: IMI_E_NOT_FOUND, IMI_E_IO; IMI_E_INVALID_ARGUMENT names the line, also when a still
 *         shows no face, and when there are fewer than two people.
 */
IMI_MUST_USE imi_status imi_gen_cast_load(const char *list, const char *root, imi_engine *engine,
                                          imi_gen_cast **out, imi_error *err);
/** False for a species that shows clips, where somebody has none. */
bool imi_gen_cast_can_show(const imi_gen_cast *cast, imi_gen_species species);
/** Wipes the pictures. */
void imi_gen_cast_destroy(imi_gen_cast **cast);
IMI_AUTO_DEFINE(imi_gen_cast, imi_gen_cast_destroy)

#endif
