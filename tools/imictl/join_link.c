#include "join_link.h"

#include <stdio.h>
#include <string.h>

imi_status imictl_join_link_split(const char *link, char session_id_out[IMI_ID_SIZE],
                                  const char **secret_out, imi_error *err)
{
    const char *fragment = strchr(link, '#');
    const char *dot = fragment == NULL ? NULL : strchr(fragment, '.');
    if (dot == NULL || dot - fragment > IMI_ID_SIZE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "that is no join link: it must end in #SESSION_ID.SECRET");
    }
    size_t size = (size_t)(dot - fragment - 1);
    imi_copy(session_id_out, fragment + 1, size);
    session_id_out[size] = '\0';
    *secret_out = dot + 1;
    return IMI_OK;
}

static const char scheme[] = "https://";
enum { SCHEME_SIZE = sizeof scheme - 1 };

bool imictl_is_gateway(const char *text)
{
    return strncmp(text, scheme, SCHEME_SIZE) == 0 && text[SCHEME_SIZE] != '\0' &&
           text[SCHEME_SIZE + strcspn(text + SCHEME_SIZE, "/?#@ \t\r\n")] == '\0';
}

imi_status imictl_join_link_at(const char *link, const char *gateway, char out[IMICTL_LINK_SIZE],
                               imi_error *err)
{
    char session_id[IMI_ID_SIZE];
    const char *secret = NULL;
    out[0] = '\0';
    IMI_TRY(imictl_join_link_split(link, session_id, &secret, err));
    const char *path = strstr(link, "/j#");
    if (path == NULL || path - link <= SCHEME_SIZE || strncmp(link, scheme, SCHEME_SIZE) != 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "that is no join link: https://GATEWAY/j#SESSION_ID.SECRET");
    }
    if (gateway != NULL && !imictl_is_gateway(gateway)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "a gateway is named by scheme, host and port: https://localhost:7480");
    }
    int size = gateway == NULL ? snprintf(out, IMICTL_LINK_SIZE, "%s", link)
                               : snprintf(out, IMICTL_LINK_SIZE, "%s%s", gateway, path);
    if (size >= IMICTL_LINK_SIZE) {
        out[0] = '\0';
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the link is too long");
    }
    return IMI_OK;
}
