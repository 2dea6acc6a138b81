/**
 * The keys that tokens are signed with, over their lives: announced in the key set, then signing,
 * then kept for verification until the last token under them has ended, then dropped.
 *
 * A folder with one state file and the key files; the keys may lie in a PKCS#11 token instead.
 */
#ifndef IMI_KEYRING_H
#define IMI_KEYRING_H

#include "imi/signer.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    IMI_KEYRING_MAX = 64, /* keys that are remembered */
    IMI_KEYRING_NAME_SIZE = 64,
    IMI_KEYRING_OVERLAP_S = 3600, /* at least as long as caches may keep the key set */
    IMI_KEYRING_KEEP_S = 30 * 24 * 3600 /* unless something that is signed lives longer */
};

/** What is known of one key. Times are seconds since 1970; 0 = not yet. */
typedef struct imi_keyring_entry {
    char key_id[IMI_KEY_ID_SIZE];
    char algorithm[IMI_JOSE_ALG_SIZE];
    char source[IMI_JOSE_ALG_SIZE]; /* "file" or "pkcs11" */
    char name[IMI_KEYRING_NAME_SIZE]; /* of the file in the folder, or label in the token */
    int64_t announced_s; /* in the key set from here */
    int64_t signs_from_s;
    int64_t retires_s; /* signs no more */
    int64_t dropped_s; /* no longer in the key set */
} imi_keyring_entry;

typedef struct imi_keyring_options {
    const char *folder; /* required; made with mode 0700 */
    const char *const *algorithms; /* a first key is made for each that has none */
    size_t algorithm_count;
    const char *first_key_path; /* plain ES256 PEM to begin with if it exists; or NULL */
    const char *pass_phrase_path; /* private file, for every key file; NULL: not encrypted */
    const char *module_path, *token_label, *pin_path; /* PKCS#11, all or none */
    int64_t overlap_s, keep_s; /* 0: the defaults above */
} imi_keyring_options;

/**
 * Threads:   safe.
 * Processes: those that share the folder agree, also when they start or rotate at once; what one
 *            changes the others see at their next call.
 */
typedef struct imi_keyring imi_keyring;

/**
 * A longer keep_s than before also holds for retired keys that are still in the key set; a shorter
 * one holds for the keys that retire from now on.
 * Errors: those of imi_signer_file_open and _pkcs11_open; IMI_E_KEY for a damaged state file.
 */
IMI_MUST_USE imi_status imi_keyring_open(const imi_keyring_options *options, int64_t now_s,
                                         imi_keyring **out, imi_error *err);
void imi_keyring_destroy(imi_keyring **ring);
IMI_AUTO_DEFINE(imi_keyring, imi_keyring_destroy)

/** The signer of now, which lives as long as the ring. Errors: IMI_E_NOT_FOUND without a key. */
IMI_MUST_USE imi_status imi_keyring_signer(imi_keyring *ring, const char *algorithm, int64_t now_s,
                                           imi_signer **borrowed_out, imi_error *err);

/** Append the key set: every key that is announced and not dropped. */
IMI_MUST_USE imi_status imi_keyring_jwks(imi_keyring *ring, int64_t now_s, imi_buffer *json_out,
                                         imi_error *err);

/**
 * Announce a new key, which signs once the overlap has passed; the one before it then retires.
 * The first key of an algorithm signs at once.
 *
 * key_label: of a key pair in the PKCS#11 token; NULL: a key file is made.
 * out:       the new key, or NULL.
 * Errors:    IMI_E_CONFLICT while a key is announced that does not sign yet; those of open.
 */
IMI_MUST_USE imi_status imi_keyring_rotate(imi_keyring *ring, const char *algorithm,
                                           const char *key_label, int64_t now_s,
                                           imi_keyring_entry *out, imi_error *err);

/**
 * Drop a key at once, because it may be stolen: it leaves the key set, and an announced successor
 * signs from now on.
 * Errors: IMI_E_NOT_FOUND; IMI_E_CONFLICT if no other key of its algorithm could sign.
 */
IMI_MUST_USE imi_status imi_keyring_drop(imi_keyring *ring, const char *key_id, int64_t now_s,
                                         imi_error *err);

/** Copy what is known of every key, oldest first; out holds IMI_KEYRING_MAX. */
IMI_MUST_USE imi_status imi_keyring_list(imi_keyring *ring, imi_keyring_entry *out,
                                         size_t *count_out, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
