/*
 * Whole tokens, with claims, JSON and base64, beside what OpenSSL needs for the signature alone
 * with everything prepared: as `openssl speed` measures it. Both run in turns on one thread, by
 * the time that it ran, and the share is the median over the turns.
 */
#include "token_bench.h"

#include "cli.h"
#include "imi-token/imi-token.h"
#include "imi/token.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TURNS_MAX = 1000, SIGNATURE_MAX = 128, PATH_SIZE = 512, NOW_S = 1700000000 };

static const double TURN_S = 0.02;

typedef struct contender {
    const char *name; /* JOSE algorithm */
    const char *evp_type, *evp_group, *digest, *user_id;
    imi_signer *signer;
    imi_key_set *keys;
    imitoken_keys *library_keys;
    imitoken_checker *checker;
    imi_buffer token;
    EVP_PKEY *key;
    EVP_PKEY_CTX *signing, *verifying; /* of algorithms that sign a digest */
    uint8_t signature[SIGNATURE_MAX];
    size_t signature_size;
} contender;

typedef imi_status (*step)(contender *self, imi_error *err);

/* Of the size of what is signed in a token. */
static const uint8_t message[900] = {1};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* --- Ours ----------------------------------------------------------------------------------- */

/* What imid issues for a face that was compared, with one claim told and a key bound. */
static imi_token_claims typical_claims(void)
{
    return (imi_token_claims){
        .issuer = "https://imi.example",
        .audience = "https://backend.example",
        .subject = "6PoOrr5TvTtTSA96ur9Xv04T6msDjMpEo3lCmCVKsFE",
        .token_id = "tok_3q2-7wAAAAAAAAAAAAAAAA",
        .nonce = "n-0S6_WzA2Mj",
        .purpose = "pension.qualification",
        .session_id = "ses_3q2-7wAAAAAAAAAAAAAAAA",
        .methods = "face liveness",
        .assurance = "substantial",
        .model_version = "model@1",
        .policy_version = "2026-11-22@0123456789ab",
        .score_kind = "normalised",
        .target_fmr = 1e-4,
        .issued_at_s = NOW_S,
        .expires_at_s = NOW_S + 3600,
        .confirmation = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
        .status_uri = "https://imi.example/status/1",
        .status_index = 4711,
        .verification = {.trust_framework = "imi",
                         .assurance_level = "substantial",
                         .verified_at_s = NOW_S,
                         .evidence_count = 2,
                         .evidence = {{IMI_TOKEN_EVIDENCE_FACE, NOW_S},
                                      {IMI_TOKEN_EVIDENCE_LIVENESS, NOW_S}},
                         .claim_count = 1,
                         .claims = {{"age_over_60", IMI_VERIFIED_TRUE, ""}}},
    };
}

static imi_status issue(contender *self, imi_error *err)
{
    imi_token_claims claims = typical_claims();
    self->token.size = 0;
    return imi_token_issue(self->signer, &claims, &self->token, err);
}

static imi_status verify(contender *self, imi_error *err)
{
    imi_token_expectation expectation = {
        .algorithm = self->name,
        .issuer = "https://imi.example",
        .audience = "https://backend.example",
        .nonce = "n-0S6_WzA2Mj",
        .now_s = NOW_S,
    };
    imi_token_claims claims;
    return imi_token_verify_by_keys(imi_buffer_view(&self->token), self->keys, &expectation,
                                    &claims, err);
}

/* As a backend does it, by libimi-token. */
static imi_status check(contender *self, imi_error *err)
{
    imitoken_expected expected = IMITOKEN_EXPECTED_INIT;
    expected.nonce = "n-0S6_WzA2Mj";
    expected.purpose = "pension.qualification";
    imitoken_claims claims;
    IMITOKEN_CLAIMS_INIT(&claims);
    imitoken_error detail;
    if (imitoken_check(self->checker, (const char *)self->token.data, self->token.size, &expected,
                       &claims, &detail) != IMITOKEN_OK) {
        IMI_FAIL(err, IMI_E_INTERNAL, "libimi-token: %s", detail.text);
    }
    return IMI_OK;
}

static int64_t at_now(void *user)
{
    (void)user;
    return NOW_S;
}

static imi_status prepare_library(contender *self, imi_view jwks, imi_error *err)
{
    imitoken_keys_options of_keys = IMITOKEN_KEYS_OPTIONS_INIT;
    of_keys.jwks_json = (const char *)jwks.data;
    of_keys.jwks_size = jwks.size;
    imitoken_checker_options options = IMITOKEN_CHECKER_OPTIONS_INIT;
    options.issuer = "https://imi.example";
    options.audience = "https://backend.example";
    options.algorithm = self->name;
    options.clock = at_now;
    imitoken_error detail;
    imitoken_code code = imitoken_keys_new(&of_keys, &self->library_keys, &detail);
    if (code == IMITOKEN_OK) {
        options.keys = self->library_keys;
        code = imitoken_checker_new(&options, &self->checker, &detail);
    }
    if (code != IMITOKEN_OK) {
        IMI_FAIL(err, IMI_E_INTERNAL, "libimi-token: %s", detail.text);
    }
    return IMI_OK;
}

/* --- OpenSSL alone ---------------------------------------------------------------------------- */

typedef int (*start_function)(EVP_MD_CTX *, EVP_PKEY_CTX **, const EVP_MD *, ENGINE *, EVP_PKEY *);

static EVP_MD_CTX *start(const contender *self, start_function begin)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *detail = NULL;
    const EVP_MD *digest = self->digest == NULL ? NULL : EVP_get_digestbyname(self->digest);
    if (context != NULL && begin(context, &detail, digest, NULL, self->key) == 1 &&
        (self->user_id == NULL ||
         EVP_PKEY_CTX_set1_id(detail, self->user_id, (int)strlen(self->user_id)) == 1)) {
        return context;
    }
    EVP_MD_CTX_free(context);
    return NULL;
}

static imi_status sign_alone(contender *self, imi_error *err)
{
    self->signature_size = sizeof self->signature;
    int done = 0;
    if (self->signing != NULL) {
        done = EVP_PKEY_sign(self->signing, self->signature, &self->signature_size, message, 32);
    } else {
        EVP_MD_CTX *context = start(self, EVP_DigestSignInit);
        done = context == NULL ? 0
                               : EVP_DigestSign(context, self->signature, &self->signature_size,
                                                message, sizeof message);
        EVP_MD_CTX_free(context);
    }
    if (done != 1) {
        IMI_FAIL(err, IMI_E_CRYPTO, "OpenSSL cannot sign by %s", self->name);
    }
    return IMI_OK;
}

static imi_status verify_alone(contender *self, imi_error *err)
{
    int done = 0;
    if (self->verifying != NULL) {
        done = EVP_PKEY_verify(self->verifying, self->signature, self->signature_size, message, 32);
    } else {
        EVP_MD_CTX *context = start(self, EVP_DigestVerifyInit);
        done = context == NULL ? 0
                               : EVP_DigestVerify(context, self->signature, self->signature_size,
                                                  message, sizeof message);
        EVP_MD_CTX_free(context);
    }
    if (done != 1) {
        IMI_FAIL(err, IMI_E_CRYPTO, "OpenSSL cannot verify by %s", self->name);
    }
    return IMI_OK;
}

static imi_status prepare_alone(contender *self, imi_error *err)
{
    self->key = EVP_PKEY_Q_keygen(NULL, NULL, self->evp_type, self->evp_group);
    if (self->key != NULL && strcmp(self->name, "ES256") == 0) {
        self->signing = EVP_PKEY_CTX_new(self->key, NULL);
        self->verifying = EVP_PKEY_CTX_new(self->key, NULL);
        if (self->signing == NULL || EVP_PKEY_sign_init(self->signing) != 1 ||
            self->verifying == NULL || EVP_PKEY_verify_init(self->verifying) != 1) {
            IMI_FAIL(err, IMI_E_CRYPTO, "OpenSSL cannot prepare %s", self->name);
        }
    }
    return sign_alone(self, err);
}

/* --- Measuring -------------------------------------------------------------------------------- */

static imi_status rate_of(contender *self, step run, double *per_s_out, imi_error *err)
{
    size_t count = 0;
    double begin = now_s(), end = begin;
    for (; end - begin < TURN_S; end = now_s(), count++) {
        IMI_TRY(run(self, err));
    }
    *per_s_out = (double)count / (end - begin);
    return IMI_OK;
}

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_value);
    return values[count / 2];
}

static imi_status compare(contender *self, const char *what, step ours, step alone, size_t turns,
                          bool json, imi_error *err)
{
    static double mine[TURNS_MAX], theirs[TURNS_MAX], shares[TURNS_MAX];
    for (size_t i = 0; i < turns; i++) {
        IMI_TRY(rate_of(self, ours, &mine[i], err));
        IMI_TRY(rate_of(self, alone, &theirs[i], err));
        shares[i] = mine[i] / theirs[i];
    }
    double us = median(mine, turns), them = median(theirs, turns), share = median(shares, turns);
    printf(json ? "{\"algorithm\":\"%s\",\"step\":\"%s\",\"tokens_per_s\":%.0f,"
                  "\"openssl_per_s\":%.0f,\"share\":%.3f}\n"
                : "%-6s %-7s %12.0f %12.0f %8.3f\n",
           self->name, what, us, them, share);
    fflush(stdout);
    return IMI_OK;
}

static imi_status prepare(contender *self, const char *folder, imi_error *err)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s.pem", folder, self->name);
    imi_signer_file_options options = {.pem_path = path, .algorithm = self->name};
    imi_status status = imi_signer_file_open(&options, &self->signer, err);
    unlink(path);
    IMI_TRY(status);
    IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT;
    IMI_TRY(imi_jwks_render(&self->signer, 1, &jwks, err));
    IMI_TRY(imi_key_set_parse(imi_buffer_view(&jwks), &self->keys, err));
    IMI_TRY(prepare_library(self, imi_buffer_view(&jwks), err));
    IMI_TRY(prepare_alone(self, err));
    return issue(self, err);
}

static void clean_up(contender *self)
{
    imi_signer_destroy(&self->signer);
    imi_key_set_destroy(&self->keys);
    imitoken_checker_destroy(&self->checker);
    imitoken_keys_destroy(&self->library_keys);
    imi_buffer_clean_up(&self->token);
    EVP_PKEY_CTX_free(self->signing);
    EVP_PKEY_CTX_free(self->verifying);
    EVP_PKEY_free(self->key);
}

static imi_status run(contender *self, const char *folder, size_t turns, bool json, imi_error *err)
{
    IMI_TRY(prepare(self, folder, err));
    IMI_TRY(compare(self, "sign", issue, sign_alone, turns, json, err));
    IMI_TRY(compare(self, "verify", verify, verify_alone, turns, json, err));
    return compare(self, "library", check, verify_alone, turns, json, err);
}

int imi_bench_token(int argc, char **argv)
{
    contender contenders[] = {
        {.name = "ES256", .evp_type = "EC", .evp_group = "P-256"},
        {.name = "EdDSA", .evp_type = "ED25519"},
        {.name = "SM2", .evp_type = "SM2", .digest = "SM3", .user_id = "1234567812345678"},
    };
    const char *turns_text = "50";
    long turns = 0;
    bool json = false, help = false;
    const imi_cli_option options[] = {
        {"--turns", &turns_text, NULL, false, "N", "of 20 ms each, for the median [50]"},
        {"--json", NULL, &json, false, NULL, "print one JSON object a line"},
    };
    const imi_cli_spec spec = {"imi-bench token", "", 0, options,
                               sizeof options / sizeof options[0]};
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    char folder[] = "/tmp/imi-bench-token.XXXXXX";
    if (!imi_cli_number(turns_text, 1, TURNS_MAX, &turns) || mkdtemp(folder) == NULL) {
        return imi_cli_misuse(&spec, "--turns is 1 to %d", TURNS_MAX);
    }
    if (!json) {
        puts("Per second and core\n\n                     tokens      OpenSSL    share");
    }
    imi_error error = IMI_ERROR_INIT;
    imi_status status = IMI_OK;
    for (size_t i = 0; i < sizeof contenders / sizeof contenders[0]; i++) {
        if (status == IMI_OK) {
            status = run(&contenders[i], folder, (size_t)turns, json, &error);
        }
        clean_up(&contenders[i]);
    }
    rmdir(folder);
    return status == IMI_OK ? IMI_EXIT_SUCCESS : imi_cli_fail(&spec, &error);
}
