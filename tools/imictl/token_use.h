/**
 * imictl token redeem, revoke, suspend, reinstate and receipt: what a relying party does with a
 * token at the server.
 */
#ifndef IMI_IMICTL_TOKEN_USE_H
#define IMI_IMICTL_TOKEN_USE_H

#include "client/connection.h"
#include "imi/service.h"

int imictl_token_redeem(int argc, char **argv);
int imictl_token_revoke(int argc, char **argv);
int imictl_token_suspend(int argc, char **argv);
int imictl_token_reinstate(int argc, char **argv);
int imictl_token_receipt(int argc, char **argv);

/** Ask for a receipt as imi_backend_receipt; path NULL: to standard output. */
IMI_MUST_USE imi_status imictl_write_receipt(const imi_connection_options *options, const char *id,
                                             imi_receipt_kind kind, const char *path,
                                             imi_error *err);

#endif
