/**
 * Kinds of presentation attacks (ISO/IEC 30107-3: species) that can be generated, each as a
 * combination of what is shown, how it is shown and what becomes of the stream.
 */
#ifndef IMI_GENERATOR_SPECIES_H
#define IMI_GENERATOR_SPECIES_H

#include <stdbool.h>

typedef enum imi_gen_species {
    IMI_GEN_BONA_FIDE = 0,
    IMI_GEN_PRINT_FLAT,
    IMI_GEN_PRINT_WAVED,
    IMI_GEN_PRINT_BENT,
    IMI_GEN_MASK_CUT_OUT,
    IMI_GEN_SCREEN_STILL,
    IMI_GEN_SCREEN_WAVED,
    IMI_GEN_VIDEO_REPLAY,
    IMI_GEN_VIDEO_PUPPET,
    IMI_GEN_OTHER_PERSON,
    IMI_GEN_FACE_SWAP,
    IMI_GEN_FACE_SWAP_LATER,
    IMI_GEN_FROZEN_VIDEO,
    IMI_GEN_LOOPED_VIDEO,
    IMI_GEN_SPLICED_VIDEO,
    IMI_GEN_INJECTED_STILL,
    IMI_GEN_INJECTED_SESSION,
    IMI_GEN_CLIP_REPLAY,
    IMI_GEN_CLIP_PUPPET,
    IMI_GEN_SPECIES_COUNT
} imi_gen_species;

/** What is before the camera. */
typedef enum imi_gen_carrier {
    IMI_GEN_CARRIER_HEAD = 0, /* a head in space */
    IMI_GEN_CARRIER_SHEET, /* a picture on paper or a screen */
    IMI_GEN_CARRIER_MASK, /* a paper mask on another person's head */
    IMI_GEN_CARRIER_BITMAP /* nothing: pixels of a still, moved by a program */
} imi_gen_carrier;

/** How moments of the capture become moments of what is shown. */
typedef enum imi_gen_stream {
    IMI_GEN_STREAM_LIVE = 0, /* as it happens */
    IMI_GEN_STREAM_FROZEN, /* a recording that stops */
    IMI_GEN_STREAM_LOOPED, /* a recording of every action, again and again */
    IMI_GEN_STREAM_SPLICED, /* the recording of what is asked, cut in */
    IMI_GEN_STREAM_RECORDED, /* another session, from its start */
    IMI_GEN_STREAM_REPLAYED /* a session or a loop, by seed */
} imi_gen_stream;

/** Whose face it is. */
typedef enum imi_gen_face_of {
    IMI_GEN_FACE_VICTIM = 0, /* the person who is claimed to be there */
    IMI_GEN_FACE_OTHER,
    IMI_GEN_FACE_SWAPPED, /* the victim's on the other's head */
    IMI_GEN_FACE_SWAPPED_LATER /* the other's first, then swapped */
} imi_gen_face_of;

typedef struct imi_gen_species_traits {
    const char *name; /* stable: label of lists and tables */
    imi_gen_carrier carrier;
    imi_gen_stream stream;
    imi_gen_face_of face;
    bool screen; /* of a sheet: a screen, not a print */
    bool video; /* of a sheet: what it shows moves by itself */
    bool film; /* of a video: it is a clip of the victim, nothing is rendered */
    bool bent, waved; /* of a sheet */
    bool injected; /* past the camera, by a program that encodes once more */
} imi_gen_species_traits;

/** Static storage; NULL for an unknown number. */
const imi_gen_species_traits *imi_gen_species_traits_of(imi_gen_species species);
/** IMI_GEN_SPECIES_COUNT if there is none of that name. */
imi_gen_species imi_gen_species_of_name(const char *name);

#endif
