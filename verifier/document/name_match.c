/*
 * All transliterations of a name are followed at once: a set of places in the spelling is
 * kept, those that the letters so far may have led to.
 */
#include "name_match.h"

#include <string.h>

enum { SPELLING_MAX = 94, WORDS = 2 };

/* Places reached, one bit each; place n lies before the n-th letter of the spelling. */
typedef struct places {
    uint64_t bits[WORDS];
} places;

static void add_place(places *set, size_t place)
{
    set->bits[place / 64] |= UINT64_C(1) << place % 64;
}

static bool has_place(const places *set, size_t place)
{
    return (set->bits[place / 64] >> place % 64 & 1) != 0;
}

/* One letter, and its transliterations, best first, divided by '|'. */
typedef struct letter {
    uint32_t code_point;
    const char *spellings;
} letter;

/* Latin letters by capital code point: Doc 9303 part 3 section 6 A. */
static const letter latin[] = {
    {0xC0, "A"},   {0xC1, "A"},  {0xC2, "A"},  {0xC3, "A"},        {0xC4, "AE|A"}, {0xC5, "AA|A"},
    {0xC6, "AE"},  {0xC7, "C"},  {0xC8, "E"},  {0xC9, "E"},        {0xCA, "E"},    {0xCB, "E"},
    {0xCC, "I"},   {0xCD, "I"},  {0xCE, "I"},  {0xCF, "I"},        {0xD0, "D"},    {0xD1, "N|NXX"},
    {0xD2, "O"},   {0xD3, "O"},  {0xD4, "O"},  {0xD5, "O"},        {0xD6, "OE|O"}, {0xD8, "OE|O"},
    {0xD9, "U"},   {0xDA, "U"},  {0xDB, "U"},  {0xDC, "UE|UXX|U"}, {0xDD, "Y"},    {0xDE, "TH"},
    {0xDF, "SS"},  {0x100, "A"}, {0x102, "A"}, {0x104, "A"},       {0x106, "C"},   {0x108, "C"},
    {0x10A, "C"},  {0x10C, "C"}, {0x10E, "D"}, {0x110, "D"},       {0x112, "E"},   {0x114, "E"},
    {0x116, "E"},  {0x118, "E"}, {0x11A, "E"}, {0x11C, "G"},       {0x11E, "G"},   {0x120, "G"},
    {0x122, "G"},  {0x124, "H"}, {0x126, "H"}, {0x128, "I"},       {0x12A, "I"},   {0x12C, "I"},
    {0x12E, "I"},  {0x130, "I"}, {0x131, "I"}, {0x132, "IJ"},      {0x134, "J"},   {0x136, "K"},
    {0x139, "L"},  {0x13B, "L"}, {0x13D, "L"}, {0x13F, "L"},       {0x141, "L"},   {0x143, "N"},
    {0x145, "N"},  {0x147, "N"}, {0x14A, "N"}, {0x14C, "O"},       {0x14E, "O"},   {0x150, "O"},
    {0x152, "OE"}, {0x154, "R"}, {0x156, "R"}, {0x158, "R"},       {0x15A, "S"},   {0x15C, "S"},
    {0x15E, "S"},  {0x160, "S"}, {0x162, "T"}, {0x164, "T"},       {0x166, "T"},   {0x168, "U"},
    {0x16A, "U"},  {0x16C, "U"}, {0x16E, "U"}, {0x170, "U"},       {0x172, "U"},   {0x174, "W"},
    {0x176, "Y"},  {0x178, "Y"}, {0x179, "Z"}, {0x17B, "Z"},       {0x17D, "Z"},   {0x1A0, "O"},
    {0x1AF, "U"},  {0x218, "S"}, {0x21A, "T"}, {0x1E9E, "SS"},
};

/* Cyrillic letters by capital code point: section 6 B, with its national exceptions. */
static const letter cyrillic[] = {
    {0x401, "E|IO"}, {0x402, "D"},    {0x404, "IE|YE"}, {0x405, "DZ"},       {0x406, "I"},
    {0x407, "I|YI"}, {0x408, "J"},    {0x409, "LJ"},    {0x40A, "NJ"},       {0x40B, "C"},
    {0x40C, "K|KJ"}, {0x40E, "U"},    {0x40F, "DZ|DJ"}, {0x410, "A"},        {0x411, "B"},
    {0x412, "V"},    {0x413, "G|H"},  {0x414, "D"},     {0x415, "E"},        {0x416, "ZH|Z"},
    {0x417, "Z"},    {0x418, "I|Y"},  {0x419, "I|Y"},   {0x41A, "K"},        {0x41B, "L"},
    {0x41C, "M"},    {0x41D, "N"},    {0x41E, "O"},     {0x41F, "P"},        {0x420, "R"},
    {0x421, "S"},    {0x422, "T"},    {0x423, "U"},     {0x424, "F"},        {0x425, "KH|H"},
    {0x426, "TS|C"}, {0x427, "CH|C"}, {0x428, "SH|S"},  {0x429, "SHCH|SHT"}, {0x42A, "IE|A|"},
    {0x42B, "Y"},    {0x42C, "|Y"},   {0x42D, "E"},     {0x42E, "IU|YU"},    {0x42F, "IA|YA"},
    {0x490, "G"},
};

static const char *find(const letter *table, size_t count, uint32_t code_point)
{
    for (size_t i = 0; i < count; i++) {
        if (table[i].code_point == code_point) {
            return table[i].spellings;
        }
    }
    return NULL;
}

static uint32_t capital_of(uint32_t c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 0xE0 && c <= 0xFE && c != 0xF7)) {
        return c - 0x20;
    }
    if (c == 0xFF) {
        return 0x178;
    }
    if (c >= 0x430 && c <= 0x44F) {
        return c - 0x20;
    }
    if (c >= 0x450 && c <= 0x45F) {
        return c - 0x50;
    }
    /* The odd ones of these pairs are small, but for two runs that begin with an odd capital. */
    bool odd_is_capital = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
    if (odd_is_capital) {
        return c % 2 == 0 ? c - 1 : c;
    }
    bool pairs = (c >= 0x100 && c <= 0x177 && c != 0x131) || c == 0x1A1 || c == 0x219 ||
                 c == 0x21B || c == 0x491;
    if (c == 0x1B0) {
        return 0x1AF;
    }
    return pairs && c % 2 == 1 ? c - 1 : c;
}

static bool is_separator(uint32_t c)
{
    static const uint32_t separators[] = {' ',    '\t',   '-',   '\'',   '.',    ',',
                                          '`',    0xA0,   0xB4,  0x2010, 0x2011, 0x2013,
                                          0x2018, 0x2019, 0x2BC, 0x3000, 0xB7};
    for (size_t i = 0; i < sizeof separators / sizeof separators[0]; i++) {
        if (separators[i] == c) {
            return true;
        }
    }
    return false;
}

/* The next code point of clean UTF-8. */
static uint32_t next_code_point(imi_view text, size_t *at)
{
    uint8_t first = text.data[(*at)++];
    size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
    uint32_t value = more == 0 ? first : first & (0x3FU >> more);
    for (; more > 0 && *at < text.size; more--) {
        value = value << 6 | (text.data[(*at)++] & 0x3FU);
    }
    return value;
}

/* The spelling's letters alone: where its words are divided depends on who typed it. */
static size_t take_letters(const char *spelling, char out[SPELLING_MAX])
{
    size_t count = 0;
    for (; *spelling != '\0' && count < SPELLING_MAX; spelling++) {
        if (*spelling >= 'A' && *spelling <= 'Z') {
            out[count++] = *spelling;
        }
    }
    return count;
}

/* A comparison at work. */
typedef struct walk {
    char letters[SPELLING_MAX];
    size_t count;
    places now;
    bool overran; /* some way of spelling went on behind the spelling's end */
} walk;

/* Follow one transliteration from every place. */
static void follow(walk *w, const char *spelling, size_t length, places *next)
{
    for (size_t place = 0; place <= w->count; place++) {
        if (!has_place(&w->now, place)) {
            continue;
        }
        size_t same = 0;
        while (same < length && place + same < w->count &&
               w->letters[place + same] == spelling[same]) {
            same++;
        }
        if (same == length) {
            add_place(next, place + length);
        } else if (place + same == w->count) {
            w->overran = true;
        }
    }
}

static void step(walk *w, const char *spellings)
{
    places next = {{0, 0}};
    for (;;) {
        size_t length = strcspn(spellings, "|");
        follow(w, spellings, length, &next);
        if (spellings[length] == '\0') {
            break;
        }
        spellings += length + 1;
    }
    w->now = next;
}

static bool step_code_point(walk *w, uint32_t code_point)
{
    if (code_point >= 'A' && code_point <= 'Z') {
        const char plain[2] = {(char)code_point, '\0'};
        step(w, plain);
        return true;
    }
    const char *spellings = find(latin, sizeof latin / sizeof latin[0], code_point);
    if (spellings == NULL) {
        spellings = find(cyrillic, sizeof cyrillic / sizeof cyrillic[0], code_point);
    }
    if (spellings != NULL) {
        step(w, spellings);
    }
    return spellings != NULL;
}

imi_name_match imi_name_compare(imi_view name, const char *spelling)
{
    walk w = {.overran = false};
    w.count = take_letters(spelling, w.letters);
    add_place(&w.now, 0);
    if (!imi_text_is_clean_utf8(name)) {
        return IMI_NAME_UNKNOWN;
    }
    size_t letters = 0;
    for (size_t at = 0; at < name.size;) {
        uint32_t code_point = capital_of(next_code_point(name, &at));
        bool combining = code_point >= 0x300 && code_point <= 0x36F;
        if (is_separator(code_point) || combining) {
            continue;
        }
        if (!step_code_point(&w, code_point)) {
            return IMI_NAME_UNKNOWN;
        }
        letters++;
    }
    if (letters == 0 || w.count == 0) {
        return IMI_NAME_DIFFERS;
    }
    if (has_place(&w.now, w.count)) {
        return IMI_NAME_EQUAL;
    }
    return w.overran ? IMI_NAME_BEGINS : IMI_NAME_DIFFERS;
}
