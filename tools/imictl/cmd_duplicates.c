/* imictl duplicates: pairs of subjects that look like one person, for people to look into. */
#include "administrator.h"

#include "plain_words.h"

#include <stdio.h>
#include <string.h>

static const char *verdict_name(Imi__V1__DuplicateVerdict verdict)
{
    static const char *const names[] = {"open", "same person", "different people",
                                        "registry error"};
    size_t number = (size_t)verdict;
    return number < sizeof names / sizeof names[0] ? names[number] : "unknown";
}

static void print_duplicates(const void *message)
{
    const Imi__V1__ListDuplicatesResponse *answer = message;
    for (size_t i = 0; i < answer->n_duplicates; i++) {
        const Imi__V1__Duplicate *pair = answer->duplicates[i];
        printf("%s  %s\n  subjects  %s and %s\n", pair->reference_a, pair->reference_b,
               pair->subject_a, pair->subject_b);
        printf("  alike     as %s pairs of strangers; found %s\n", plain_one_in(pair->fmr).text,
               plain_time(pair->found_at_ms).text);
        printf("  verdict   %s%s%s%s%s\n", verdict_name(pair->verdict),
               pair->reviewed_by[0] == '\0' ? "" : ", by ", pair->reviewed_by,
               pair->note[0] == '\0' ? "" : ": ", pair->note);
    }
    if (answer->n_duplicates == 0) {
        printf("no likely duplicates\n");
    }
}

static int duplicates_list(int argc, char **argv)
{
    imictl_administrator who = IMICTL_ADMINISTRATOR_INIT;
    bool all = false;
    const char *skip = "0";
    const imi_cli_option rows[] = {
        {"--all", NULL, &all, false, NULL, "those that were looked into too"},
        {"--skip", &skip, NULL, false, "N", "leave out so many [0]; 200 are shown"},
        IMICTL_ADMINISTRATOR_ROWS(who),
    };
    const imi_cli_spec spec = {"imictl duplicates list", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    long skipped = 0;
    if (!imi_cli_number(skip, 0, INT32_MAX, &skipped)) {
        return imi_cli_misuse(&spec, "--skip takes a whole number");
    }
    Imi__V1__ListDuplicatesRequest request = IMI__V1__LIST_DUPLICATES_REQUEST__INIT;
    request.open_only = !all;
    request.skip = (uint32_t)skipped;
    return imictl_administrate_and_print(&spec, &who, "ListDuplicates", &request,
                                         &imi__v1__list_duplicates_response__descriptor,
                                         print_duplicates);
}

static bool parse_verdict(const char *text, Imi__V1__DuplicateVerdict *out)
{
    static const char *const names[] = {NULL, "same-person", "different-people", "registry-error"};
    for (size_t i = 1; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(text, names[i]) == 0) {
            *out = (Imi__V1__DuplicateVerdict)i;
            return true;
        }
    }
    return false;
}

static void print_reviewed(const void *message)
{
    (void)message;
    printf("noted\n");
}

static int duplicates_review(int argc, char **argv)
{
    imictl_administrator who = IMICTL_ADMINISTRATOR_INIT;
    const char *verdict = NULL, *note = "";
    const imi_cli_option rows[] = {
        {"--verdict", &verdict, NULL, true, "WORD",
         "same-person, different-people or registry-error"},
        {"--note", &note, NULL, false, "TEXT", "a remark without personal data"},
        IMICTL_ADMINISTRATOR_ROWS(who),
    };
    const imi_cli_spec spec = {"imictl duplicates review", "REFERENCE_A REFERENCE_B", 2, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    const char *references[2] = {NULL, NULL};
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, references, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    Imi__V1__ReviewDuplicateRequest request = IMI__V1__REVIEW_DUPLICATE_REQUEST__INIT;
    if (!parse_verdict(verdict, &request.verdict)) {
        return imi_cli_misuse(&spec,
                              "--verdict takes same-person, different-people or registry-error");
    }
    request.reference_a = (char *)references[0];
    request.reference_b = (char *)references[1];
    request.note = (char *)note;
    return imictl_administrate_and_print(&spec, &who, "ReviewDuplicate", &request,
                                         &imi__v1__review_duplicate_response__descriptor,
                                         print_reviewed);
}

int imictl_duplicates(int argc, char **argv)
{
    static const imictl_subcommand commands[] = {
        {"list", duplicates_list, "pairs that look like one person"},
        {"review", duplicates_review, "note what people found out about a pair"},
    };
    return imictl_dispatch("imictl duplicates", commands, sizeof commands / sizeof commands[0],
                           argc, argv);
}
