/**
 * imictl token redeem, revoke, suspend, reinstate and receipt: what a relying party does with a
 * token at the server.
 */
#ifndef IMI_IMICTL_TOKEN_USE_H
#define IMI_IMICTL_TOKEN_USE_H

int imictl_token_redeem(int argc, char **argv);
int imictl_token_revoke(int argc, char **argv);
int imictl_token_suspend(int argc, char **argv);
int imictl_token_reinstate(int argc, char **argv);
int imictl_token_receipt(int argc, char **argv);

#endif
