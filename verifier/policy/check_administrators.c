#include "check.h"

#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 65 };

/*
 * Names are those of certificates, and of their files in the development PKI: none may be taken
 * for a file of another kind. A relying party's backend must not be able to loosen the check that
 * it depends on, nor a program do what two people shall agree on.
 */
static imi_status check_one(imi_checker *checker, const imi_raw_policy *raw, unsigned index)
{
    const char *name = raw->administrators[index];
    IMI_TRY(imi_check_name(checker, name, NAME_SIZE));
    if (name[0] == '.' || name[0] == '-') {
        IMI_CHECK_FAIL(checker, "must begin with a letter or a digit");
    }
    if (strcmp(name, "ca") == 0 || strcmp(name, "server") == 0 || strcmp(name, "service") == 0 ||
        strcmp(name, "relying-party") == 0) {
        IMI_CHECK_FAIL(checker, "is a name that the server keeps for itself");
    }
    for (unsigned i = 0; i < raw->party_count; i++) {
        if (strcmp(raw->parties[i].name, name) == 0) {
            IMI_CHECK_FAIL(checker, "is the name of relying_parties[%u] already", i);
        }
    }
    for (unsigned i = 0; i < index; i++) {
        if (strcmp(raw->administrators[i], name) == 0) {
            IMI_CHECK_FAIL(checker, "is listed twice");
        }
    }
    return IMI_OK;
}

imi_status imi_check_administrators(imi_checker *checker, const imi_raw_policy *raw)
{
    for (unsigned i = 0; i < raw->administrator_count; i++) {
        imi_checker_at(checker, "administrators[%u]", i);
        IMI_TRY(check_one(checker, raw, i));
    }
    return IMI_OK;
}
