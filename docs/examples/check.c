/* Checks a token, its status and the log's receipt offline: check TOKEN NONCE PURPOSE [RECEIPT]
 * Files are named, not contents. cc check.c -o check $(pkg-config --cflags --libs imi-token
 * libcurl) */
#include <curl/curl.h>
#include <imi-token/imi-token.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *setting(const char *name, const char *otherwise)
{
    return getenv(name) == NULL ? otherwise : getenv(name);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *document)
{
    return imitoken_document_write(document, bytes, size * count) == 0 ? size * count : 0;
}

/* The library asks for documents of the issuer; IMI_PUBLIC says where they are reached. */
static int fetch(void *issuer, const char *uri, imitoken_document *document)
{
    char url[1024];
    size_t prefix = strlen(issuer);
    CURL *curl = strncmp(uri, issuer, prefix) == 0 ? curl_easy_init() : NULL;
    if (curl == NULL) {
        return 1;
    }
    snprintf(url, sizeof url, "%s%s", setting("IMI_PUBLIC", issuer), uri + prefix);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 5L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, document);
    int failed = curl_easy_perform(curl) != CURLE_OK;
    struct curl_header *header = NULL;
    if (curl_easy_header(curl, "Cache-Control", 0, CURLH_HEADER, -1, &header) == CURLHE_OK) {
        imitoken_document_cache_control(document, header->value);
    }
    curl_easy_cleanup(curl);
    return failed;
}

static size_t read_file(const char *path, char *out, size_t capacity)
{
    FILE *file = fopen(path, "rb");
    size_t size = file == NULL ? 0 : fread(out, 1, capacity, file);
    (void)(file == NULL ? 0 : fclose(file));
    return size > 0 && out[size - 1] == '\n' ? size - 1 : size;
}

int main(int argc, char **argv)
{
    static char token[8193], receipt[262145];
    imitoken_keys_options of_keys = IMITOKEN_KEYS_OPTIONS_INIT;
    imitoken_checker_options options = IMITOKEN_CHECKER_OPTIONS_INIT;
    imitoken_receipt facts = IMITOKEN_RECEIPT_INIT;
    imitoken_keys *keys = NULL;
    imitoken_checker *checker = NULL;
    imitoken_claims claims;
    imitoken_error err;
    char jwks[512];
    if (argc < 4) {
        return 2;
    }
    imitoken_expected expected = {sizeof expected, argv[2], argv[3]};
    options.issuer = setting("IMI_ISSUER", "https://imi.localhost");
    options.audience = setting("IMI_AUDIENCE", "https://relying-party.example");
    options.log_key = getenv("IMI_LOG_KEY");
    options.fetch_status = of_keys.fetch = fetch;
    options.status_user = of_keys.user = (void *)options.issuer;
    of_keys.uri = jwks;
    snprintf(jwks, sizeof jwks, "%s/.well-known/jwks.json", options.issuer);
    IMITOKEN_CLAIMS_INIT(&claims);
    imitoken_code code = imitoken_keys_new(&of_keys, &keys, &err);
    if (code == IMITOKEN_OK) {
        options.keys = keys;
        code = imitoken_checker_new(&options, &checker, &err);
    }
    if (code == IMITOKEN_OK) {
        code = imitoken_check(checker, token, read_file(argv[1], token, sizeof token), &expected,
                              &claims, &err);
    }
    if (code == IMITOKEN_OK && argc > 4) {
        code = imitoken_check_receipt(checker, receipt, read_file(argv[4], receipt, sizeof receipt),
                                      &claims, &facts, &err);
    }
    if (code == IMITOKEN_OK) {
        printf("verified: %s\n", claims.subject);
    } else {
        fprintf(stderr, "not verified (%s): %s\n", imitoken_code_name(code), err.text);
    }
    if (code == IMITOKEN_OK && argc > 4) {
        printf("in the log: entry %.0f of %.0f\n", (double)facts.index, (double)facts.log_size);
    }
    imitoken_checker_destroy(&checker);
    imitoken_keys_destroy(&keys);
    return code == IMITOKEN_OK ? 0 : 1;
}
