/* imictl audit: the trail of what administrators did, checked line by line. */
#include "administrator.h"

#include "imi/bytes.h"
#include "imi/store.h"
#include "plain_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { HEX_SIZE = 2 * IMI_STORE_HASH_SIZE + 1, PAGE = 500 };

/* What is known of the trail so far, and what somebody noted before. */
typedef struct trail {
    int64_t lines;
    uint8_t digest[IMI_STORE_HASH_SIZE]; /* of the last line */
    char problem[128]; /* what is wrong, or "" */
    int64_t noted_line; /* 0: nothing was noted */
    const char *noted_digest; /* hexadecimal */
    bool noted_seen;
} trail;

static bool copy_line(const Imi__V1__AuditLine *line, imi_audit_record *out)
{
    *out = (imi_audit_record){.sequence = line->sequence, .at_ms = line->at_ms};
    return imi_copy_text(out->actor, sizeof out->actor, line->actor) &&
           imi_copy_text(out->action, sizeof out->action, line->action) &&
           imi_copy_text(out->object, sizeof out->object, line->object) &&
           imi_copy_text(out->detail, sizeof out->detail, line->detail) &&
           line->digest.len == IMI_STORE_HASH_SIZE;
}

static void check_noted(trail *self)
{
    char hex[HEX_SIZE];
    if (self->lines == self->noted_line) {
        self->noted_seen = true;
        imi_hex_encode((imi_view){self->digest, sizeof self->digest}, hex);
        if (strcmp(hex, self->noted_digest) != 0) {
            snprintf(self->problem, sizeof self->problem,
                     "line %" PRId64 " is not the one that was noted", self->lines);
        }
    }
}

/* Our own sum over what was served: the server's word is not taken for it. */
static imi_status check_line(trail *self, const Imi__V1__AuditLine *line, imi_error *err)
{
    imi_audit_record record;
    uint8_t wanted[IMI_STORE_HASH_SIZE];
    if (line->sequence != self->lines + 1) {
        snprintf(self->problem, sizeof self->problem, "line %" PRId64 " is missing",
                 self->lines + 1);
        return IMI_OK;
    }
    bool whole = copy_line(line, &record);
    IMI_TRY(imi_audit_digest(self->digest, &record, wanted, err));
    if (!whole || memcmp(wanted, line->digest.data, sizeof wanted) != 0) {
        snprintf(self->problem, sizeof self->problem, "line %" PRId64 " was changed",
                 line->sequence);
        return IMI_OK;
    }
    self->lines = line->sequence;
    imi_copy(self->digest, wanted, sizeof wanted);
    check_noted(self);
    return IMI_OK;
}

static void print_line(const Imi__V1__AuditLine *line)
{
    printf("%5" PRId64 "  %s  %-22s %-24s %s  %s\n", line->sequence, plain_time(line->at_ms).text,
           line->actor, line->action, line->object, line->detail);
}

/* One page from the server; count_out 0 at the end. */
static imi_status take_page(const imictl_administrator *who, trail *self, bool print,
                            size_t *count_out, imi_error *err)
{
    Imi__V1__ListAuditRequest request = IMI__V1__LIST_AUDIT_REQUEST__INIT;
    request.after_sequence = self->lines;
    request.limit = PAGE;
    void *message = NULL;
    IMI_TRY(imictl_administrate(who, "ListAudit", &request,
                                &imi__v1__list_audit_response__descriptor, &message, err));
    const Imi__V1__ListAuditResponse *answer = message;
    imi_status status = IMI_OK;
    for (size_t i = 0; status == IMI_OK && self->problem[0] == '\0' && i < answer->n_lines; i++) {
        status = check_line(self, answer->lines[i], err);
        if (print) {
            print_line(answer->lines[i]);
        }
    }
    *count_out = answer->n_lines;
    protobuf_c_message_free_unpacked(message, NULL);
    return status;
}

static imi_status read_trail(const imictl_administrator *who, trail *self, bool print,
                             imi_error *err)
{
    size_t count = 1;
    while (count > 0 && self->problem[0] == '\0') {
        IMI_TRY(take_page(who, self, print, &count, err));
    }
    if (self->problem[0] == '\0' && self->noted_line > 0 && !self->noted_seen) {
        snprintf(self->problem, sizeof self->problem,
                 "line %" PRId64 ", which was noted, is gone: the end was cut off",
                 self->noted_line);
    }
    return IMI_OK;
}

static int tell(const imictl_administrator *who, const trail *self)
{
    char hex[HEX_SIZE];
    bool whole = self->problem[0] == '\0';
    imi_hex_encode((imi_view){self->digest, sizeof self->digest}, hex);
    if (who->json) {
        imictl_print_json(json_pack("{s:b, s:I, s:s, s:s}", "whole", whole, "lines",
                                    (json_int_t)self->lines, "digest", hex, "problem",
                                    self->problem));
    } else if (whole) {
        printf("the audit trail is whole: %" PRId64 " lines\n", self->lines);
        if (self->lines == 0) {
            return IMI_EXIT_SUCCESS;
        }
        printf("note this and give it next time, so that nobody can cut off the end:\n"
               "  --noted %" PRId64 ":%s\n",
               self->lines, hex);
    } else {
        printf("THE AUDIT TRAIL IS NOT WHOLE: %s\n", self->problem);
    }
    return whole ? IMI_EXIT_SUCCESS : IMI_EXIT_NEGATIVE;
}

static int audit_verify(int argc, char **argv)
{
    imictl_administrator who = IMICTL_ADMINISTRATOR_INIT;
    const char *noted = NULL;
    bool print = false;
    const imi_cli_option rows[] = {
        {"--noted", &noted, NULL, false, "N:DIGEST", "what an earlier run said to note"},
        {"--print", NULL, &print, false, NULL, "print the lines too"},
        IMICTL_ADMINISTRATOR_ROWS(who),
    };
    const imi_cli_spec spec = {"imictl audit verify", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    trail self = {.lines = 0};
    char digest[HEX_SIZE] = "";
    if (noted != NULL) {
        char end = '\0';
        if (sscanf(noted, "%" SCNd64 ":%64[0-9a-f]%c", &self.noted_line, digest, &end) != 2 ||
            strlen(digest) != HEX_SIZE - 1 || self.noted_line < 1) {
            return imi_cli_misuse(&spec, "--noted takes a number, a colon and 64 digits");
        }
        self.noted_digest = digest;
    }
    imi_error error = IMI_ERROR_INIT;
    if (read_trail(&who, &self, print && !who.json, &error) != IMI_OK) {
        return imictl_fail(&spec, who.json, &error);
    }
    return tell(&who, &self);
}

int imictl_audit(int argc, char **argv)
{
    static const imictl_subcommand commands[] = {
        {"verify", audit_verify, "check that no line was changed or removed"},
    };
    return imictl_dispatch("imictl audit", commands, sizeof commands / sizeof commands[0], argc,
                           argv);
}
