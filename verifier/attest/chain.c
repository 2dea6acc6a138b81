#include "chain.h"

#include "imi/memory.h"
#include "refusal.h"

#include <limits.h>
#include <string.h>

/* 112 bits: RSA 2048, P-224, SHA-224 and up (NIST SP 800-57 part 1, table 2). */
enum { SECURITY_LEVEL = 2 };

/* OpenSSL reads more than DER; what it writes is DER. */
static bool is_own_encoding(X509 *certificate, imi_view encoded)
{
    uint8_t *written = NULL;
    int size = i2d_X509(certificate, &written);
    bool same = size > 0 && imi_view_equal((imi_view){written, (size_t)size}, encoded);
    OPENSSL_free(written);
    return same;
}

bool imi_chain_take(imi_view *input, STACK_OF(X509) * chain)
{
    if (input->size > LONG_MAX || sk_X509_num(chain) >= IMI_CHAIN_CERTIFICATES_MAX) {
        return false;
    }
    const uint8_t *at = input->data;
    IMI_AUTO_X509 certificate = d2i_X509(NULL, &at, (long)input->size);
    if (certificate == NULL) {
        return false;
    }
    size_t size = (size_t)(at - input->data);
    if (!is_own_encoding(certificate, (imi_view){input->data, size}) ||
        sk_X509_push(chain, certificate) == 0) {
        return false;
    }
    certificate = NULL;
    input->data += size;
    input->size -= size;
    return true;
}

/* Makers reissue a root with the same name and key; phones send the one they were built with. */
static bool is_same_authority(X509 *sent, X509 *root)
{
    EVP_PKEY *key = X509_get0_pubkey(sent);
    return key != NULL &&
           X509_NAME_cmp(X509_get_subject_name(sent), X509_get_subject_name(root)) == 0 &&
           EVP_PKEY_eq(key, X509_get0_pubkey(root)) == 1 && X509_verify(sent, key) == 1;
}

/* OpenSSL looks for a path among what was sent; here nothing may be left over or out of order. */
static bool is_path_as_sent(STACK_OF(X509) * chain, STACK_OF(X509) * path)
{
    int last = sk_X509_num(path) - 1;
    if (sk_X509_num(chain) > last + 1) {
        return false;
    }
    for (int i = 0; i < sk_X509_num(chain); i++) {
        X509 *sent = sk_X509_value(chain, i);
        X509 *used = sk_X509_value(path, i);
        if (X509_cmp(sent, used) != 0 && !(i == last && i > 0 && is_same_authority(sent, used))) {
            return false;
        }
    }
    return true;
}

const char *imi_chain_verify(X509_STORE *store, STACK_OF(X509) * chain, int64_t now_s)
{
    IMI_AUTO_STORE_CTX context = X509_STORE_CTX_new();
    X509 *leaf = sk_X509_value(chain, 0);
    if (context == NULL || leaf == NULL || X509_STORE_CTX_init(context, store, leaf, chain) != 1) {
        return REFUSED_CHAIN;
    }
    /* No names and no purpose are asked for: leaves of both platforms carry neither. */
    X509_VERIFY_PARAM *rules = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_time(rules, (time_t)now_s);
    X509_VERIFY_PARAM_set_depth(rules, IMI_CHAIN_CERTIFICATES_MAX);
    X509_VERIFY_PARAM_set_auth_level(rules, SECURITY_LEVEL);
    bool trusted = X509_verify_cert(context) == 1 &&
                   is_path_as_sent(chain, X509_STORE_CTX_get0_chain(context));
    return trusted ? NULL : REFUSED_CHAIN;
}

static int count_extensions(X509 *certificate, const ASN1_OBJECT *oid, int *first)
{
    int count = 0;
    *first = -1;
    for (int at = X509_get_ext_by_OBJ(certificate, oid, -1); at >= 0;
         at = X509_get_ext_by_OBJ(certificate, oid, at)) {
        *first = count == 0 ? at : *first;
        count++;
    }
    return count;
}

static const char *find_extension(STACK_OF(X509) * chain, const ASN1_OBJECT *oid, imi_view *out)
{
    int at = -1;
    for (int i = 1; i < sk_X509_num(chain); i++) {
        if (count_extensions(sk_X509_value(chain, i), oid, &at) != 0) {
            return REFUSED_CHAIN;
        }
    }
    X509 *leaf = sk_X509_value(chain, 0);
    if (count_extensions(leaf, oid, &at) != 1) {
        return REFUSED_FORMAT;
    }
    const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(X509_get_ext(leaf, at));
    *out = (imi_view){ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)};
    return NULL;
}

const char *imi_chain_extension(STACK_OF(X509) * chain, const char *oid, imi_view *out)
{
    *out = (imi_view){NULL, 0};
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    const char *refusal = object == NULL ? REFUSED_FORMAT : find_extension(chain, object, out);
    ASN1_OBJECT_free(object);
    return refusal;
}
