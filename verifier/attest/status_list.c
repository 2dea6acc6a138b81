#include "status_list.h"

#include "refusal.h"

#include <ctype.h>
#include <jansson.h>
#include <openssl/bn.h>
#include <stdlib.h>
#include <string.h>

/* The list held some hundred kilobytes in 2024. */
enum { STATUS_LIST_BYTES_MAX = 16 << 20 };
/* RFC 5280 section 4.1.2.2: at most 20 bytes; twice that leaves room for those that break it. */
enum { SERIAL_TEXT_SIZE = 2 * 40 + 1 };

static inline void json_auto_release(json_t **value)
{
    json_decref(*value);
}

static int compare_serials(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lower case, no leading zeros. False for what is no serial number. */
static bool normalise_serial(const char *text, char out[SERIAL_TEXT_SIZE])
{
    text += strspn(text, "0");
    size_t size = strlen(text);
    if (size >= SERIAL_TEXT_SIZE || strspn(text, "0123456789abcdefABCDEF") != size) {
        return false;
    }
    for (size_t i = 0; i <= size; i++) {
        out[i] = (char)tolower((unsigned char)text[i]);
    }
    return true;
}

static imi_status collect_serials(json_t *entries, const char *path, imi_attest_roots *roots,
                                  imi_error *err)
{
    roots->revoked = imi_alloc_array(json_object_size(entries), sizeof *roots->revoked);
    if (roots->revoked == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the status list");
    }
    const char *serial;
    json_t *entry;
    json_object_foreach(entries, serial, entry)
    {
        char text[SERIAL_TEXT_SIZE];
        if (!normalise_serial(serial, text)) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s: an entry is no serial number", path);
        }
        char *copy = imi_strdup(text);
        if (copy == NULL) {
            IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the status list");
        }
        roots->revoked[roots->revoked_count++] = copy;
    }
    qsort(roots->revoked, roots->revoked_count, sizeof *roots->revoked, compare_serials);
    return IMI_OK;
}

imi_status imi_status_list_read(const char *path, imi_attest_roots *roots, imi_error *err)
{
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(path, STATUS_LIST_BYTES_MAX, &text, err));
    __attribute__((cleanup(json_auto_release))) json_t *list =
        json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
    json_t *entries = json_object_get(list, "entries");
    if (!json_is_object(entries)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s: not a status list: no object \"entries\"", path);
    }
    return collect_serials(entries, path, roots, err);
}

/* An entry of whatever status, revoked or suspended, counts: good certificates have none. */
static bool is_listed(const imi_attest_roots *roots, X509 *certificate)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    char *hex = number == NULL ? NULL : BN_bn2hex(number);
    char serial[SERIAL_TEXT_SIZE];
    const char *key = serial;
    bool listed = hex == NULL || !normalise_serial(hex, serial) ||
                  bsearch(&key, roots->revoked, roots->revoked_count, sizeof *roots->revoked,
                          compare_serials) != NULL;
    OPENSSL_free(hex);
    BN_free(number);
    return listed;
}

const char *imi_status_list_check(const imi_attest_roots *roots, STACK_OF(X509) * chain)
{
    for (int i = 0; roots->revoked_count > 0 && i < sk_X509_num(chain); i++) {
        if (is_listed(roots, sk_X509_value(chain, i))) {
            return REFUSED_REVOKED;
        }
    }
    return NULL;
}
