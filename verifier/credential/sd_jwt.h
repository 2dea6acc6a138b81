/**
 * A credential or presentation taken apart (RFC 9901 section 4): <JWT>~<disclosure>~...~[<KB-JWT>].
 */
#ifndef IMI_CREDENTIAL_SD_JWT_H
#define IMI_CREDENTIAL_SD_JWT_H

#include "disclosure.h"

/** Views are of the text that it was taken from. */
typedef struct imi_sd_jwt {
    imi_view issued; /* the issuer's JWT */
    imi_view shown; /* the JWT and its disclosures with every '~': what sd_hash covers */
    imi_view binding; /* the key binding; empty: none */
    size_t count;
    imi_disclosure *disclosures;
    json_t *by_digest; /* digest -> place in disclosures */
} imi_sd_jwt;

#define IMI_AUTO_SD_JWT __attribute__((cleanup(imi_sd_jwt_clean_up))) imi_sd_jwt

/**
 * Take apart without believing any of it.
 *
 * Errors: IMI_E_TOKEN_FORMAT for what is too large or has no such form;
 *         IMI_E_CREDENTIAL_DISCLOSURE for disclosures that are too many, malformed or there twice.
 */
IMI_MUST_USE imi_status imi_sd_jwt_open(imi_view text, imi_sd_jwt *out, imi_error *err);
/** Also after an open that failed. */
void imi_sd_jwt_clean_up(imi_sd_jwt *sd);

/** The disclosure that a digest stands for, or NULL: a decoy, or not disclosed. */
imi_disclosure *imi_sd_jwt_find(const imi_sd_jwt *sd, const char *digest);

/** Header or payload of the issuer's JWT, whose signature was not looked at. */
IMI_MUST_USE imi_status imi_sd_jwt_header(const imi_sd_jwt *sd, json_t **out, imi_error *err);
IMI_MUST_USE imi_status imi_sd_jwt_payload(const imi_sd_jwt *sd, json_t **out, imi_error *err);

#endif
