#include "species.h"

#include <stddef.h>
#include <string.h>

static const imi_gen_species_traits TRAITS[IMI_GEN_SPECIES_COUNT] = {
    [IMI_GEN_BONA_FIDE] = {.name = "bona_fide"},
    [IMI_GEN_PRINT_FLAT] = {.name = "print_flat", .carrier = IMI_GEN_CARRIER_SHEET},
    [IMI_GEN_PRINT_WAVED] = {.name = "print_waved",
                             .carrier = IMI_GEN_CARRIER_SHEET,
                             .waved = true},
    [IMI_GEN_PRINT_BENT] = {.name = "print_bent", .carrier = IMI_GEN_CARRIER_SHEET, .bent = true},
    [IMI_GEN_MASK_CUT_OUT] = {.name = "mask_cut_out", .carrier = IMI_GEN_CARRIER_MASK},
    [IMI_GEN_SCREEN_STILL] = {.name = "screen_still",
                              .carrier = IMI_GEN_CARRIER_SHEET,
                              .screen = true},
    [IMI_GEN_SCREEN_WAVED] = {.name = "screen_waved",
                              .carrier = IMI_GEN_CARRIER_SHEET,
                              .screen = true,
                              .waved = true},
    [IMI_GEN_VIDEO_REPLAY] = {.name = "video_replay",
                              .carrier = IMI_GEN_CARRIER_SHEET,
                              .stream = IMI_GEN_STREAM_REPLAYED,
                              .screen = true,
                              .video = true},
    [IMI_GEN_VIDEO_PUPPET] = {.name = "video_puppet",
                              .carrier = IMI_GEN_CARRIER_SHEET,
                              .screen = true,
                              .video = true},
    [IMI_GEN_OTHER_PERSON] = {.name = "other_person", .face = IMI_GEN_FACE_OTHER},
    [IMI_GEN_FACE_SWAP] = {.name = "face_swap", .face = IMI_GEN_FACE_SWAPPED, .injected = true},
    [IMI_GEN_FACE_SWAP_LATER] = {.name = "face_swap_later",
                                 .face = IMI_GEN_FACE_SWAPPED_LATER,
                                 .injected = true},
    [IMI_GEN_FROZEN_VIDEO] = {.name = "frozen_video",
                              .stream = IMI_GEN_STREAM_FROZEN,
                              .injected = true},
    [IMI_GEN_LOOPED_VIDEO] = {.name = "looped_video",
                              .stream = IMI_GEN_STREAM_LOOPED,
                              .injected = true},
    [IMI_GEN_SPLICED_VIDEO] = {.name = "spliced_video",
                               .stream = IMI_GEN_STREAM_SPLICED,
                               .injected = true},
    [IMI_GEN_INJECTED_STILL] = {.name = "injected_still",
                                .carrier = IMI_GEN_CARRIER_BITMAP,
                                .injected = true},
    [IMI_GEN_INJECTED_SESSION] = {.name = "injected_session",
                                  .stream = IMI_GEN_STREAM_RECORDED,
                                  .injected = true},
    [IMI_GEN_CLIP_REPLAY] = {.name = "clip_replay",
                             .carrier = IMI_GEN_CARRIER_SHEET,
                             .stream = IMI_GEN_STREAM_RECORDED,
                             .screen = true,
                             .video = true,
                             .film = true},
    [IMI_GEN_CLIP_PUPPET] = {.name = "clip_puppet",
                             .carrier = IMI_GEN_CARRIER_SHEET,
                             .stream = IMI_GEN_STREAM_SPLICED,
                             .screen = true,
                             .video = true,
                             .film = true},
};

const imi_gen_species_traits *imi_gen_species_traits_of(imi_gen_species species)
{
    return (unsigned)species < IMI_GEN_SPECIES_COUNT ? &TRAITS[species] : NULL;
}

imi_gen_species imi_gen_species_of_name(const char *name)
{
    unsigned i = 0;
    while (i < IMI_GEN_SPECIES_COUNT && strcmp(TRAITS[i].name, name) != 0) {
        i++;
    }
    return (imi_gen_species)i;
}
