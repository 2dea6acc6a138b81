#include "imi/memory.h"
#include "imi/store.h"

#include <openssl/evp.h>
#include <string.h>

typedef struct digest_context {
    EVP_MD_CTX *evp;
    bool sound; /* no call has failed */
} digest_context;

static void add_bytes(digest_context *digest, const void *bytes, size_t size)
{
    digest->sound = digest->sound && EVP_DigestUpdate(digest->evp, bytes, size) == 1;
}

static void add_number(digest_context *digest, uint64_t value, size_t size)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
    }
    add_bytes(digest, bytes, size);
}

/* The length in front keeps texts apart: none can borrow letters from its neighbour. */
static void add_text(digest_context *digest, const char *text, size_t capacity)
{
    size_t size = strnlen(text, capacity);
    add_number(digest, size, 4);
    add_bytes(digest, text, size);
}

#define ADD_ARRAY(digest, array) add_text((digest), (array), sizeof(array))

imi_status imi_audit_digest(const uint8_t previous[IMI_STORE_HASH_SIZE],
                            const imi_audit_record *line, uint8_t out[IMI_STORE_HASH_SIZE],
                            imi_error *err)
{
    uint8_t value[EVP_MAX_MD_SIZE] = {0};
    digest_context digest = {EVP_MD_CTX_new(), true};
    digest.sound = digest.evp != NULL && EVP_DigestInit_ex(digest.evp, EVP_sha256(), NULL) == 1;
    add_bytes(&digest, previous, IMI_STORE_HASH_SIZE);
    add_number(&digest, (uint64_t)line->sequence, 8);
    add_number(&digest, (uint64_t)line->at_ms, 8);
    ADD_ARRAY(&digest, line->actor);
    ADD_ARRAY(&digest, line->action);
    ADD_ARRAY(&digest, line->object);
    ADD_ARRAY(&digest, line->detail);
    digest.sound = digest.sound && EVP_DigestFinal_ex(digest.evp, value, NULL) == 1;
    EVP_MD_CTX_free(digest.evp);
    if (!digest.sound) {
        imi_wipe(out, IMI_STORE_HASH_SIZE);
        IMI_FAIL(err, IMI_E_CRYPTO, "SHA-256 of an audit line failed");
    }
    imi_copy(out, value, IMI_STORE_HASH_SIZE);
    return IMI_OK;
}

static imi_status check_line(const imi_audit_record *line, imi_audit_head *head, imi_error *err)
{
    if (line->sequence != head->lines + 1) {
        IMI_FAIL(err, IMI_E_STORE_CORRUPT, "line %lld of the audit trail is missing",
                 (long long)head->lines + 1);
    }
    uint8_t wanted[IMI_STORE_HASH_SIZE];
    IMI_TRY(imi_audit_digest(head->digest, line, wanted, err));
    if (memcmp(wanted, line->digest, sizeof wanted) != 0) {
        IMI_FAIL(err, IMI_E_STORE_CORRUPT, "line %lld of the audit trail was changed",
                 (long long)line->sequence);
    }
    head->lines = line->sequence;
    imi_copy(head->digest, wanted, sizeof wanted);
    return IMI_OK;
}

imi_status imi_store_verify_audit(imi_store *store, imi_audit_head *head_out, imi_error *err)
{
    enum { PAGE = 32 };
    imi_audit_record lines[PAGE];
    *head_out = (imi_audit_head){0};
    /* A line whose number was made negative would otherwise never be looked at. */
    int64_t after = INT64_MIN;
    for (;;) {
        size_t count = 0;
        IMI_TRY(store->list_audit(store, after, lines, PAGE, &count, err));
        for (size_t i = 0; i < count; i++) {
            IMI_TRY(check_line(&lines[i], head_out, err));
        }
        if (count < PAGE) {
            return IMI_OK;
        }
        after = lines[count - 1].sequence;
    }
}
