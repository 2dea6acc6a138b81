/* A backend's program, outside of the project: knows what is installed and nothing else. */
#include <imi-token/imi-token.h>

#include <stdio.h>
#include <string.h>

int main(void)
{
    imitoken_keys_options of_keys = IMITOKEN_KEYS_OPTIONS_INIT;
    imitoken_keys *keys = NULL;
    imitoken_error err;
    of_keys.jwks_json = "{\"keys\":[]}";
    of_keys.jwks_size = strlen(of_keys.jwks_json);
    if (imitoken_keys_new(&of_keys, &keys, &err) != IMITOKEN_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    imitoken_checker_options options = IMITOKEN_CHECKER_OPTIONS_INIT;
    imitoken_checker *checker = NULL;
    options.issuer = "https://imi.example";
    options.audience = "https://backend.example";
    options.keys = keys;
    if (imitoken_checker_new(&options, &checker, &err) != IMITOKEN_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    imitoken_expected expected = IMITOKEN_EXPECTED_INIT;
    imitoken_claims claims;
    expected.purpose = "demo";
    IMITOKEN_CLAIMS_INIT(&claims);
    imitoken_code code = imitoken_check(checker, "a.b.c", 5, &expected, &claims, &err);
    printf("%s %s\n", imitoken_version(), imitoken_code_name(code));
    imitoken_checker_destroy(&checker);
    imitoken_keys_destroy(&keys);
    return code == IMITOKEN_E_FORMAT ? 0 : 1;
}
