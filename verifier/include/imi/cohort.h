/**
 * Cohort normalisation: a score is judged by how alike each of the two people is to many others.
 *
 * A face that resembles everybody gets high scores from everybody, and one fixed threshold then
 * errs against whole groups of people. For a template t and a model m, mu and sigma are mean and
 * deviation of the similarities between t and the most similar third of a cohort, which is one
 * template each of several hundred other people; spread is the mean of sigma over the cohort's own
 * members. The normalised score of a probe p and a reference r with cosine s is
 *
 *     sum over models of weight * min(n(s, p), n(s, r))
 *     n(s, t) = (s - a * mu_t) / (sigma_t^b * spread^(1 - b))
 *
 * with a model's shares a and b (imi_scorer_normalisation). The method of the source has the mean
 * of both sides, and shares of 1. The less favourable side measures better, since templates of one
 * person have like statistics, so that unlike ones speak for two people; and smaller shares do, as
 * a few hundred strangers tell mu and above all sigma only roughly.
 *
 * Source: adaptive symmetric normalisation, Cumani et al., "Comparison of speaker recognition
 *         approaches for real applications", Interspeech 2011; figures in docs/accuracy.md.
 */
#ifndef IMI_COHORT_H
#define IMI_COHORT_H

#include "imi/compare.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    IMI_COHORT_ID_SIZE = 24, /* "cohort-" and 16 hex digits */
    IMI_COHORT_TOP = 300, /* the statistics are of the most similar third, and of no more */
    IMI_COHORT_MEMBERS_MIN = 300, /* people below which there is no normalisation */
    IMI_COHORT_MEMBERS_MAX = 1000, /* that a service samples */
    IMI_COHORT_LEFT_OUT_MAX = 4
};

/** Names a person within a cohort: equal for templates of one subject, secret-free. */
typedef uint64_t imi_subject_key;

/** Key of a subject: 64 bits of SHA-256 over realm and subject, NUL between. */
imi_subject_key imi_subject_key_of(const char *realm, const char *subject_id);

/** One template of a person; borrowed. */
typedef struct imi_cohort_member {
    imi_subject_key subject;
    const imi_template *face_template;
} imi_cohort_member;

/** Templates of many people, one each. Immutable, shared by threads. */
typedef struct imi_cohort imi_cohort;

/**
 * Make a cohort; the templates are copied. The second template of a subject is left out.
 *
 * Errors: IMI_E_CALIBRATION if fewer than IMI_COHORT_MEMBERS_MIN people remain (the message
 *         says how many are missing), IMI_E_MODEL_MISMATCH if a template lacks a model of the
 *         scorer, IMI_E_INVALID_ARGUMENT (a template holds no numbers), IMI_E_NO_MEMORY.
 */
IMI_MUST_USE imi_status imi_cohort_new(const imi_scorer *scorer, const imi_cohort_member *members,
                                       size_t count, imi_cohort **out, imi_error *err);
/** Wipe and free; accepts NULL, nulls the pointer. */
void imi_cohort_destroy(imi_cohort **cohort);
IMI_AUTO_DEFINE(imi_cohort, imi_cohort_destroy)

/** Identifier made of the members' digest and the models' shares: another sample has another
 * one. Owned by the cohort. */
const char *imi_cohort_id(const imi_cohort *cohort);
/** Number of people. */
size_t imi_cohort_size(const imi_cohort *cohort);

/** Number of its members, those most alike, that a template's statistics are made of. */
size_t imi_cohort_top(const imi_cohort *cohort);
/** Mean deviation of a model's similarities over its members; NaN behind the last model. */
double imi_cohort_spread(const imi_cohort *cohort, size_t model);
/**
 * Whether scores of this scorer can be normalised with this cohort: the same models in the same
 * order, the same shares of mean and deviation.
 */
bool imi_cohort_fits(const imi_cohort *cohort, const imi_scorer *scorer);
/** Whether a person is one of its members. */
bool imi_cohort_has(const imi_cohort *cohort, imi_subject_key subject);

/** How alike a template is to a cohort. A value type, kept beside an enrolled reference. */
typedef struct imi_cohort_statistics {
    char cohort_id[IMI_COHORT_ID_SIZE]; /* "" = none */
    uint32_t count; /* models, in the scorer's order */
    float mean[IMI_TEMPLATE_VECTORS_MAX]; /* what is subtracted: a * mu */
    float deviation[IMI_TEMPLATE_VECTORS_MAX]; /* > 0, the divisor: sigma^b * spread^(1 - b) */
} imi_cohort_statistics;

/**
 * Measure a template against a cohort.
 *
 * left_out: subjects that must not count, at most IMI_COHORT_LEFT_OUT_MAX: the person whose
 *           template it is, and the one it will be compared with.
 * Errors:   IMI_E_MODEL_MISMATCH; IMI_E_CALIBRATION if all top similarities are equal. out is
 *           then zeroed.
 * Threads:  safe.
 */
IMI_MUST_USE imi_status imi_cohort_measure(const imi_cohort *cohort,
                                           const imi_template *face_template,
                                           const imi_subject_key *left_out, size_t left_out_count,
                                           imi_cohort_statistics *out, imi_error *err);

/**
 * The members most like a template, per model and best first: enough to leave out any
 * IMI_COHORT_LEFT_OUT_MAX people afterwards, so that a template which is compared with many
 * others is compared with the cohort once. Personal data: wipe with imi_wipe.
 */
enum { IMI_COHORT_RANKED = IMI_COHORT_TOP + IMI_COHORT_LEFT_OUT_MAX };
typedef struct imi_cohort_ranking {
    char cohort_id[IMI_COHORT_ID_SIZE];
    uint32_t count; /* models, in the scorer's order */
    uint32_t ranked; /* members listed, at most IMI_COHORT_RANKED */
    float similarities[IMI_TEMPLATE_VECTORS_MAX][IMI_COHORT_RANKED];
    uint32_t members[IMI_TEMPLATE_VECTORS_MAX][IMI_COHORT_RANKED];
} imi_cohort_ranking;

/** Rank the members. Errors: IMI_E_MODEL_MISMATCH; out is then zeroed. */
IMI_MUST_USE imi_status imi_cohort_rank(const imi_cohort *cohort, const imi_template *face_template,
                                        imi_cohort_ranking *out, imi_error *err);
/** Whether a person is among the members that a ranking lists for any model. */
bool imi_cohort_ranking_has(const imi_cohort *cohort, const imi_cohort_ranking *ranking,
                            imi_subject_key subject);
/** Statistics from a ranking: bit for bit what imi_cohort_measure gives, and its errors. */
IMI_MUST_USE imi_status imi_cohort_statistics_of(const imi_cohort *cohort,
                                                 const imi_cohort_ranking *ranking,
                                                 const imi_subject_key *left_out,
                                                 size_t left_out_count, imi_cohort_statistics *out,
                                                 imi_error *err);

/** Bytes for the store; appends. */
IMI_MUST_USE imi_status imi_cohort_statistics_encode(const imi_cohort_statistics *statistics,
                                                     imi_buffer *out, imi_error *err);
/** Errors: IMI_E_TEMPLATE_FORMAT for anything that encode did not write. */
IMI_MUST_USE imi_status imi_cohort_statistics_decode(imi_view bytes, imi_cohort_statistics *out,
                                                     imi_error *err);

/** A template with its statistics; borrowed. */
typedef struct imi_measured_template {
    const imi_template *face_template;
    const imi_cohort_statistics *statistics;
} imi_measured_template;

/**
 * Compare probe and reference: a normalised score.
 *
 * Errors: IMI_E_MODEL_MISMATCH (templates, or statistics of another cohort); out holds NaN.
 *         fmr is NaN if the scorer has no table for normalised scores.
 */
IMI_MUST_USE imi_status imi_compare_normalised(const imi_scorer *scorer, const imi_cohort *cohort,
                                               const imi_measured_template *probe,
                                               const imi_measured_template *reference,
                                               imi_comparison *out, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
