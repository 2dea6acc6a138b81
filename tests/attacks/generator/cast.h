/**
 * The people of generated attacks: a still that heads and prints are made from, and another photo
 * that is enrolled.
 */
#ifndef IMI_GENERATOR_CAST_H
#define IMI_GENERATOR_CAST_H

#include "imi/bytes.h"
#include "imi/engine.h"
#include "portrait.h"

enum { IMI_GEN_NAME_SIZE = 64, IMI_GEN_PERSONS_MAX = 128 };

typedef struct imi_gen_person {
    char name[IMI_GEN_NAME_SIZE];
    imi_gen_portrait *portrait;
    imi_buffer reference_jpeg;
} imi_gen_person;

typedef struct imi_gen_cast {
    size_t count;
    imi_gen_person persons[IMI_GEN_PERSONS_MAX];
} imi_gen_cast;

/**
 * Read the people of a list `person,still,reference`: paths below root of JPEG files, or of
 * clips with a moment in milliseconds behind an @.
 *
 * Errors: IMI_E_NOT_FOUND, IMI_E_IO; IMI_E_INVALID_ARGUMENT names the line, also when a still
 *         shows no face, and when there are fewer than two people.
 */
IMI_MUST_USE imi_status imi_gen_cast_load(const char *list, const char *root, imi_engine *engine,
                                          imi_gen_cast **out, imi_error *err);
/** Wipes the pictures. */
void imi_gen_cast_destroy(imi_gen_cast **cast);
IMI_AUTO_DEFINE(imi_gen_cast, imi_gen_cast_destroy)

#endif
