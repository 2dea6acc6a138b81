#include "mrz_internal.h"

#define LETTERS IMI_MRZ_KIND_LETTERS
#define NAME IMI_MRZ_KIND_NAME
#define DATE IMI_MRZ_KIND_DATE
#define CHECK IMI_MRZ_KIND_CHECK
#define SEX IMI_MRZ_KIND_SEX
#define MIXED IMI_MRZ_KIND_MIXED

/* What the formats of two lines have in common; only their optional data differ. */
#define TWO_LINES(length)                                                                          \
    [IMI_MRZ_CODE] = {0, 0, 2, LETTERS}, [IMI_MRZ_STATE] = {0, 2, 3, LETTERS},                     \
    [IMI_MRZ_NAMES] = {0, 5, (length)-5, NAME}, [IMI_MRZ_NUMBER] = {1, 0, 9, MIXED},               \
    [IMI_MRZ_NUMBER_CHECK] = {1, 9, 1, CHECK}, [IMI_MRZ_NATIONALITY] = {1, 10, 3, LETTERS},        \
    [IMI_MRZ_BIRTH] = {1, 13, 6, DATE}, [IMI_MRZ_BIRTH_CHECK] = {1, 19, 1, CHECK},                 \
    [IMI_MRZ_SEX_MARK] = {1, 20, 1, SEX}, [IMI_MRZ_EXPIRY] = {1, 21, 6, DATE},                     \
    [IMI_MRZ_EXPIRY_CHECK] = {1, 27, 1, CHECK}

/* Source: ICAO Doc 9303 part 4 section 4.2.2 (TD3), part 5 (TD1), part 6 (TD2), part 7 (MRV). */
const imi_mrz_layout imi_mrz_layouts[IMI_MRZ_FORMAT_COUNT - 1] = {
    {.format = IMI_MRZ_TD1,
     .line_count = 3,
     .line_length = 30,
     .first_letters = "ACI",
     .spans = {[IMI_MRZ_CODE] = {0, 0, 2, LETTERS},
               [IMI_MRZ_STATE] = {0, 2, 3, LETTERS},
               [IMI_MRZ_NUMBER] = {0, 5, 9, MIXED},
               [IMI_MRZ_NUMBER_CHECK] = {0, 14, 1, CHECK},
               [IMI_MRZ_OPTIONAL] = {0, 15, 15, MIXED},
               [IMI_MRZ_BIRTH] = {1, 0, 6, DATE},
               [IMI_MRZ_BIRTH_CHECK] = {1, 6, 1, CHECK},
               [IMI_MRZ_SEX_MARK] = {1, 7, 1, SEX},
               [IMI_MRZ_EXPIRY] = {1, 8, 6, DATE},
               [IMI_MRZ_EXPIRY_CHECK] = {1, 14, 1, CHECK},
               [IMI_MRZ_NATIONALITY] = {1, 15, 3, LETTERS},
               [IMI_MRZ_OPTIONAL_2] = {1, 18, 11, MIXED},
               [IMI_MRZ_COMPOSITE_CHECK] = {1, 29, 1, CHECK},
               [IMI_MRZ_NAMES] = {2, 0, 30, NAME}},
     .composite = {{0, 5, 25, MIXED}, {1, 0, 7, MIXED}, {1, 8, 7, MIXED}, {1, 18, 11, MIXED}},
     .fillers = {{0, 15, 15, MIXED}, {1, 18, 11, MIXED}, {2, 0, 30, NAME}}},
    {.format = IMI_MRZ_TD2,
     .line_count = 2,
     .line_length = 36,
     .first_letters = "ACI",
     .spans = {TWO_LINES(36), [IMI_MRZ_OPTIONAL] = {1, 28, 7, MIXED},
               [IMI_MRZ_COMPOSITE_CHECK] = {1, 35, 1, CHECK}},
     .composite = {{1, 0, 10, MIXED}, {1, 13, 7, MIXED}, {1, 21, 14, MIXED}},
     .fillers = {{0, 5, 31, NAME}, {1, 28, 7, MIXED}}},
    {.format = IMI_MRZ_TD3,
     .line_count = 2,
     .line_length = 44,
     .first_letters = "P",
     .spans = {TWO_LINES(44), [IMI_MRZ_OPTIONAL] = {1, 28, 14, MIXED},
               [IMI_MRZ_OPTIONAL_CHECK] = {1, 42, 1, CHECK},
               [IMI_MRZ_COMPOSITE_CHECK] = {1, 43, 1, CHECK}},
     .composite = {{1, 0, 10, MIXED}, {1, 13, 7, MIXED}, {1, 21, 22, MIXED}},
     .fillers = {{0, 5, 39, NAME}, {1, 28, 14, MIXED}}},
    {.format = IMI_MRZ_MRV_A,
     .line_count = 2,
     .line_length = 44,
     .first_letters = "V",
     .spans = {TWO_LINES(44), [IMI_MRZ_OPTIONAL] = {1, 28, 16, MIXED}},
     .fillers = {{0, 5, 39, NAME}, {1, 28, 16, MIXED}}},
    {.format = IMI_MRZ_MRV_B,
     .line_count = 2,
     .line_length = 36,
     .first_letters = "V",
     .spans = {TWO_LINES(36), [IMI_MRZ_OPTIONAL] = {1, 28, 8, MIXED}},
     .fillers = {{0, 5, 31, NAME}, {1, 28, 8, MIXED}}},
};
