/*
 * Test cases of the SD-JWT reference implementation, where they are at hand. Each says what can be
 * disclosed, what is, and what a verifier must then see. An issuer of the test's own conceals
 * exactly what is marked; ours conceals everything.
 */
#include "mint.h"

#include "imi/memory.h"
#include "specification.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { SKIPPED = 77, FEWEST_CASES = 15 };

static imi_error g_err;
static char g_cases[400];

#define OK(call) assert_ok((call), &g_err)

/* ---- an issuer that conceals what is marked, and a holder who discloses what he is told ---- */

static json_t *pack(const json_t *marked, const json_t *shown, imi_buffer *disclosures);

static bool is_mark(const char *name)
{
    return strncmp(name, SPECIFICATION_MARK, strlen(SPECIFICATION_MARK)) == 0;
}

/* Encode [salt, name, value]; send it if it is to be shown. */
static json_t *conceal(json_t *take_array, bool is_shown, imi_buffer *disclosures)
{
    char *text = json_dumps(take_array, 0);
    const char *encoded = mint_disclosure(text);
    if (is_shown) {
        OK(imi_buffer_printf(disclosures, &g_err, "%s~", encoded));
    }
    free(text);
    json_decref(take_array);
    return json_string(mint_digest(encoded));
}

static const char *salt(void)
{
    static char text[24];
    static unsigned next;
    snprintf(text, sizeof text, "salt-%u", next++);
    return text;
}

static json_t *pack_object(const json_t *marked, const json_t *shown, imi_buffer *disclosures)
{
    json_t *object = json_object(), *digests = json_array(), *value = NULL;
    const char *name = NULL;
    json_object_foreach((json_t *)marked, name, value)
    {
        const char *plain = is_mark(name) ? name + strlen(SPECIFICATION_MARK) : name;
        const json_t *wish = json_object_get(shown, plain);
        json_t *packed = pack(value, wish, disclosures);
        if (is_mark(name)) {
            bool is_shown = wish != NULL && !json_is_false(wish);
            json_t *array = json_pack("[s, s, o]", salt(), plain, packed);
            json_array_append_new(digests, conceal(array, is_shown, disclosures));
        } else {
            json_object_set_new(object, plain, packed);
        }
    }
    if (json_array_size(digests) > 0) {
        json_object_set(object, "_sd", digests);
    }
    json_decref(digests);
    return object;
}

static json_t *pack_array(const json_t *marked, const json_t *shown, imi_buffer *disclosures)
{
    json_t *array = json_array();
    for (size_t i = 0; i < json_array_size(marked); i++) {
        const json_t *element = json_array_get(marked, i);
        const json_t *inner = json_object_get(element, SPECIFICATION_MARK);
        const json_t *wish = json_array_get(shown, i);
        json_t *packed = pack(inner == NULL ? element : inner, wish, disclosures);
        if (inner != NULL) {
            bool is_shown = wish != NULL && !json_is_false(wish);
            json_t *disclosure = json_pack("[s, o]", salt(), packed);
            packed = json_pack("{s:o}", "...", conceal(disclosure, is_shown, disclosures));
        }
        json_array_append_new(array, packed);
    }
    return array;
}

static json_t *pack(const json_t *marked, const json_t *shown, imi_buffer *disclosures)
{
    if (json_is_object(marked)) {
        return pack_object(marked, shown, disclosures);
    }
    return json_is_array(marked) ? pack_array(marked, shown, disclosures)
                                 : json_incref((json_t *)marked);
}

/* The members of a packed object as text, without its braces. */
static char *members_of(const json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(15));
    size_t size = strlen(text);
    memmove(text, text + 1, size - 2);
    text[size - 2] = '\0';
    return text;
}

static void check_marked(const json_t *specification)
{
    IMI_AUTO_BUFFER disclosures = IMI_BUFFER_INIT;
    json_t *packed = pack(json_object_get(specification, "user_claims"),
                          json_object_get(specification, "holder_disclosed_claims"), &disclosures);
    OK(imi_buffer_terminate(&disclosures, &g_err));
    char *members = members_of(packed);
    char *wanted = json_dumps(json_object_get(specification, "expect_verified_user_claims"), 0);
    assert_discloses(members, (const char *)disclosures.data, wanted);
    free(wanted);
    free(members);
    json_decref(packed);
}

/* ---- our own issuer ---- */

static json_t *unmarked(const json_t *value)
{
    if (json_is_array(value)) {
        json_t *array = json_array();
        for (size_t i = 0; i < json_array_size(value); i++) {
            const json_t *element = json_array_get(value, i);
            const json_t *inner = json_object_get(element, SPECIFICATION_MARK);
            json_array_append_new(array, unmarked(inner == NULL ? element : inner));
        }
        return array;
    }
    if (!json_is_object(value)) {
        return json_incref((json_t *)value);
    }
    json_t *object = json_object(), *member = NULL;
    const char *name = NULL;
    json_object_foreach((json_t *)value, name, member)
    {
        const char *plain = is_mark(name) ? name + strlen(SPECIFICATION_MARK) : name;
        json_object_set_new(object, plain, unmarked(member));
    }
    return object;
}

static void check_ours(const json_t *specification)
{
    json_t *claims = unmarked(json_object_get(specification, "user_claims"));
    char *text = json_dumps(claims, JSON_REAL_PRECISION(15));
    imi_credential_terms terms = mint_terms();
    imi_credential_expectation expectation = mint_expectation();
    expectation.without_key_binding = true;
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER got = IMI_BUFFER_INIT;
    OK(imi_credential_issue(g_issuer, &terms, imi_view_of_text(text), &credential, &g_err));
    OK(mint_verify_as(imi_buffer_view(&credential), &expectation, &got));
    assert_json(&got, text);
    free(text);
    json_decref(claims);
}

/* How many cases there were. */
static size_t for_each_case(void (*check)(const json_t *specification))
{
    size_t count = 0;
    DIR *folder = opendir(g_cases);
    assert_non_null(folder);
    for (struct dirent *entry = NULL; (entry = readdir(folder)) != NULL;) {
        char path[700];
        snprintf(path, sizeof path, "%s/%s/specification.yml", g_cases, entry->d_name);
        json_t *specification = specification_load(path);
        if (specification != NULL) {
            print_message("%s\n", entry->d_name);
            check(specification);
            count++;
        }
        json_decref(specification);
    }
    closedir(folder);
    return count;
}

static void a_verifier_sees_what_the_reference_implementation_says(void **state)
{
    (void)state;
    assert_true(for_each_case(check_marked) >= FEWEST_CASES);
}

static void every_claim_comes_back_from_a_credential_of_ours(void **state)
{
    (void)state;
    assert_true(for_each_case(check_ours) >= FEWEST_CASES);
}

int main(void)
{
    const char *shared = getenv("IMI_SHARED");
    const char *fallback = getenv("IMI_SHARED_DEFAULT");
    shared = shared != NULL ? shared : fallback != NULL ? fallback : "";
    snprintf(g_cases, sizeof g_cases, "%s/data/conformance/sd_jwt_specs/tests/testcases", shared);
    struct stat info;
    if (stat(g_cases, &info) != 0) {
        printf("skipped: no test cases in %s; set IMI_SHARED to the folder that holds data/\n",
               g_cases);
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verifier_sees_what_the_reference_implementation_says),
        cmocka_unit_test(every_claim_comes_back_from_a_credential_of_ours),
    };
    return cmocka_run_group_tests_name("credential: published test cases", tests, mint_set_up,
                                       mint_tear_down);
}
