/* imictl keys: what tokens are signed with. */
#include "administrator.h"

#include "plain_words.h"

#include <stdio.h>

static void print_time(const char *what, int64_t at_s)
{
    if (at_s != 0) {
        printf("  %-10s %s\n", what, plain_time(at_s * 1000).text);
    }
}

static void print_key(const Imi__V1__SigningKey *key)
{
    printf("%s  %s\n  %-10s %s %s\n", key->key_id, key->algorithm, "kept in", key->source,
           key->name);
    print_time("announced", key->announced_at);
    print_time("signs from", key->signs_from);
    print_time("signs till", key->retires_at);
    print_time("dropped", key->dropped_at);
}

static void print_keys(const void *message)
{
    const Imi__V1__ListKeysResponse *answer = message;
    for (size_t i = 0; i < answer->n_keys; i++) {
        print_key(answer->keys[i]);
    }
}

static void print_rotated(const void *message)
{
    const Imi__V1__RotateKeyResponse *answer = message;
    if (answer->key != NULL) {
        print_key(answer->key);
    }
}

static void print_dropped(const void *message)
{
    (void)message;
    printf("dropped: tokens under it are worth nothing from now on\n");
}

static int keys_list(int argc, char **argv)
{
    imictl_administrator who = IMICTL_ADMINISTRATOR_INIT;
    const imi_cli_option rows[] = {IMICTL_ADMINISTRATOR_ROWS(who)};
    const imi_cli_spec spec = {"imictl keys list", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    Imi__V1__ListKeysRequest request = IMI__V1__LIST_KEYS_REQUEST__INIT;
    return imictl_administrate_and_print(&spec, &who, "ListKeys", &request,
                                         &imi__v1__list_keys_response__descriptor, print_keys);
}

static int keys_rotate(int argc, char **argv)
{
    imictl_administrator who = IMICTL_ADMINISTRATOR_INIT;
    const char *algorithm = "ES256", *label = "";
    const imi_cli_option rows[] = {
        {"--algorithm", &algorithm, NULL, false, "NAME", "ES256, EdDSA or SM2 [ES256]"},
        {"--label", &label, NULL, false, "TEXT", "of a key pair in the PKCS#11 token [a new file]"},
        IMICTL_ADMINISTRATOR_ROWS(who),
    };
    const imi_cli_spec spec = {"imictl keys rotate", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    Imi__V1__RotateKeyRequest request = IMI__V1__ROTATE_KEY_REQUEST__INIT;
    request.algorithm = (char *)algorithm;
    request.key_label = (char *)label;
    return imictl_administrate_and_print(&spec, &who, "RotateKey", &request,
                                         &imi__v1__rotate_key_response__descriptor, print_rotated);
}

static int keys_drop(int argc, char **argv)
{
    imictl_administrator who = IMICTL_ADMINISTRATOR_INIT;
    const imi_cli_option rows[] = {IMICTL_ADMINISTRATOR_ROWS(who)};
    const imi_cli_spec spec = {"imictl keys drop", "KEY_ID", 1, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    const char *key_id = NULL;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, &key_id, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    Imi__V1__DropKeyRequest request = IMI__V1__DROP_KEY_REQUEST__INIT;
    request.key_id = (char *)key_id;
    return imictl_administrate_and_print(&spec, &who, "DropKey", &request,
                                         &imi__v1__drop_key_response__descriptor, print_dropped);
}

int imictl_keys(int argc, char **argv)
{
    static const imictl_subcommand commands[] = {
        {"list", keys_list, "keys of tokens, oldest first"},
        {"rotate", keys_rotate, "announce a key that signs once caches know it"},
        {"drop", keys_drop, "take a key that may be stolen out of the key set at once"},
    };
    return imictl_dispatch("imictl keys", commands, sizeof commands / sizeof commands[0], argc,
                           argv);
}
