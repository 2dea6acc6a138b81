/** Command line of imid. */
#ifndef IMI_RPC_IMID_OPTIONS_H
#define IMI_RPC_IMID_OPTIONS_H

#include "imi/log.h"
#include "imi/place.h"
#include "imi/status.h"

#include <stdbool.h>
#include <stddef.h>

enum { IMID_PATH_SIZE = IMI_PLACE_SIZE, IMID_NAMES_MAX = 16 };

typedef struct imid_options {
    char data[IMID_PATH_SIZE]; /* --data: database, keys, certificates */
    char listen[128]; /* --listen */
    char models[IMID_PATH_SIZE]; /* --models: folder of manifest.json */
    char policy[IMID_PATH_SIZE]; /* --policy */
    char calibration[IMID_PATH_SIZE]; /* --calibration */
    char ready_file[IMID_PATH_SIZE]; /* --ready-file: gets the port once serving; "" = none */
    size_t workers; /* --workers: 0 = one a core */
    size_t captures_at_once; /* --captures-at-once: 0 = as many as can be judged */
    const char *names[IMID_NAMES_MAX]; /* --name: further names for the server's certificate */
    size_t name_count;
    char key_pass_phrase[IMID_PATH_SIZE]; /* --key-pass-phrase: of token keys; "" = none */
    char pkcs11_module[IMID_PATH_SIZE]; /* --pkcs11-module; "" = keys are files */
    char pkcs11_token[IMID_PATH_SIZE]; /* --pkcs11-token: its label */
    char pkcs11_pin[IMID_PATH_SIZE]; /* --pkcs11-pin: file */
    char webhook_ca[IMID_PATH_SIZE]; /* --webhook-ca: of receivers; "" = the system's */
    bool shared; /* --shared: other servers may serve the same data */
    imi_log_level log_level; /* --log-level */
} imid_options;

typedef enum imid_parsed { IMID_RUN, IMID_EXIT_OK, IMID_EXIT_USAGE } imid_parsed;

/** Parse; prints help or what is wrong with the command line. */
imid_parsed imid_options_parse(int argc, char **argv, imid_options *out);

/** NULL for an option that was not given. */
const char *imid_option_or_null(const char *option);

#endif
