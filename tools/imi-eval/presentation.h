/**
 * Presentations to the detection of attacks, bona fide ones and attacks of many species: what is
 * listed, what was found, and the rates.
 *
 * Terms: ISO/IEC 30107-3. Species: kind of attack. A presentation that is neither accepted nor
 * refused gave no response; non-responses count as errors of neither kind and are told apart.
 */
#ifndef IMI_EVAL_PRESENTATION_H
#define IMI_EVAL_PRESENTATION_H

#include "imi/bytes.h"
#include "imi/findings.h"
#include "imi/liveness.h"
#include "imi/passive.h"

#define EVAL_BONA_FIDE "bona_fide"

/** One presentation: first as listed, then with what was found. */
typedef struct eval_presentation {
    const char *name; /* of the file, as listed */
    const char *label; /* EVAL_BONA_FIDE, or the species */
    char *path; /* where it lies */
    int64_t start_ms, end_ms; /* of a clip; end 0 = to its end */
    imi_challenge challenge; /* count 0: none is asked */
    bool acted; /* its labelled stretches answer the challenge, as they are asked for */

    const char *trouble; /* why it could not be looked at at all; static storage; NULL = it was */
    uint32_t frames, faces; /* looked at; of them with a face */
    int64_t took_ms; /* from the first to the last of them */
    imi_liveness_verdict verdict; /* with a challenge */
    imi_findings findings;
    imi_cues cues; /* of a single image */
    imi_weighed weighed;
} eval_presentation;

typedef struct eval_presentations {
    imi_buffer text; /* the list, cut into names */
    eval_presentation *items;
    size_t count;
} eval_presentations;

#define AUTO_EVAL_PRESENTATIONS                                                                    \
    __attribute__((cleanup(eval_presentations_clean_up))) eval_presentations

/**
 * Read a list: a header line, then file,label,challenge. The challenge is the rest of the line,
 * with or without quotation marks, as its actions are joined by commas; it may be left out. A
 * path is below the list's folder or, if it is not there, below the working one. "#t=8-16" behind
 * a file means its seconds 8 to 16.
 *
 * Errors: IMI_E_INVALID_ARGUMENT names the line; IMI_E_NOT_FOUND names the file that is missing.
 */
IMI_MUST_USE imi_status eval_presentations_load(const char *list, eval_presentations *out,
                                                imi_error *err);
void eval_presentations_clean_up(eval_presentations *all);

/** "bona_fide", "attack" or "undecided". */
const char *eval_decision_name(imi_pad_decision decision);

/** One row each: file,label,decision,score,reasons. */
IMI_MUST_USE imi_status eval_presentations_write(const eval_presentations *all, const char *path,
                                                 imi_error *err);
/** One row each with its script (actions joined by ";"), how long it took and every layer's score,
 * uncertainty and code; images with their cues, too. */
IMI_MUST_USE imi_status eval_findings_write(const eval_presentations *all, bool images,
                                            const char *path, imi_error *err);

/** Presentations of one label. */
typedef struct eval_label_counts {
    const char *label;
    size_t count, bona_fide, attack, undecided;
} eval_label_counts;

enum { EVAL_LABELS_MAX = 64 };

typedef struct eval_presentation_rates {
    eval_label_counts labels[EVAL_LABELS_MAX]; /* bona fide first, then species by name */
    size_t count;
    size_t acted, answered; /* bona fide scripts that were acted; of them answered to the end */
    int64_t longest_ms; /* that an answer took */
    double auc; /* that a bona fide one scores above an attack; NaN without either */
} eval_presentation_rates;

/** Errors: IMI_E_OVERFLOW for more than EVAL_LABELS_MAX labels. */
IMI_MUST_USE imi_status eval_presentations_rate(const eval_presentations *all,
                                                eval_presentation_rates *out, imi_error *err);
/** Table, or one JSON object, to standard output. */
IMI_MUST_USE imi_status eval_presentation_rates_print(const eval_presentation_rates *rates,
                                                      bool json, imi_error *err);

#endif
