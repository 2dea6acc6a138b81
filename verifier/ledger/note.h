/** What making and checking of signatures share. */
#ifndef IMI_LEDGER_NOTE_H
#define IMI_LEDGER_NOTE_H

#include "imi/ledger_proof.h"

enum { IMI_ED25519_SIZE = 64 };

/** What a signature line begins with: em dash and space. */
#define IMI_NOTE_DASH "\xE2\x80\x94 "

/** Append the bytes that are signed; time_s counts for cosignatures only. */
IMI_MUST_USE imi_status imi_note_message(imi_view text, imi_note_algorithm algorithm,
                                         uint64_t time_s, imi_buffer *out, imi_error *err);

/** Append a signature line as it stands. */
IMI_MUST_USE imi_status imi_note_append_signature(const imi_note_signature *signature,
                                                  imi_buffer *out, imi_error *err);
/** A note of one of the signatures over a text. Borrowed from both. */
imi_note imi_note_with(imi_view text, const imi_note_signature *signature);

/** The first line of text, without its end; false if there is no line end. Moves text on. */
bool imi_take_line(imi_view *text, imi_view *line_out);
/** A decimal number without sign or leading zeros, at most IMI_LEDGER_SIZE_MAX. */
bool imi_parse_size(imi_view text, uint64_t *out);

#define IMI_LEDGER_SIZE_MAX ((uint64_t)1 << 62)

#endif
