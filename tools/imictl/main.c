/* imictl: the command line for backends and administrators. One file a command. */
#include "imictl.h"

static const imictl_subcommand commands[] = {
    {"verify", imictl_verify, "run a whole verification, playing the phone from a clip"},
    {"compare", imictl_compare, "compare two photos"},
    {"enrol", imictl_enrol, "store a reference made of a portrait"},
    {"reference", imictl_reference, "delete a reference"},
    {"session", imictl_session, "create, get or watch a session"},
    {"events", imictl_events, "all that happens to sessions, as it happens"},
    {"webhook", imictl_webhook, "calls that did not get through: list, replay; verify one"},
    {"qr", imictl_qr, "show a join link as a QR code"},
    {"phone", imictl_phone, "play the phone of a session from a clip"},
    {"holder", imictl_holder, "what the phone holds: consent, withdraw, receipt, credential"},
    {"subject", imictl_subject, "what is kept of a person: claims, erase"},
    {"token", imictl_token, "check a token offline; redeem, revoke, suspend it; receipts"},
    {"credential", imictl_credential, "what a person holds: show, present, verify"},
    {"jwks", imictl_jwks, "fetch the public keys that tokens are checked with"},
    {"portrait", imictl_portrait, "make of a photo what an identity card's chip holds"},
    {"document", imictl_document, "read a document photo: portrait, zone, check digits"},
    {"threshold", imictl_threshold, "what scores decide: show, propose, approve, activate..."},
    {"calibration", imictl_calibration, "measure the scores of different people"},
    {"duplicates", imictl_duplicates, "pairs of subjects that look like one person"},
    {"audit", imictl_audit, "check the trail of what administrators did"},
    {"keys", imictl_keys, "keys that tokens are signed with: list, rotate, drop"},
    {"log", imictl_log, "check the public log: verify, prove, consistency, monitor"},
    {"frames", imictl_frames, "write a clip's frames to a folder of JPEG files"},
};

int main(int argc, char **argv)
{
    return imictl_dispatch("imictl", commands, sizeof commands / sizeof commands[0], argc, argv);
}
