#include "rpc/pki.h"

#include "imi/bytes.h"
#include "imi/log.h"
#include "imi/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    PEM_LIMIT = 1 << 20,
    CA_DAYS = 3650,
    LEAF_DAYS = 825,
    MAX_COMMON_NAME = 64, /* ub-common-name of RFC 5280 */
    MAX_NAMES_TEXT = 2048
};

typedef X509 openssl_x509;
typedef EVP_PKEY openssl_key;
typedef BIO openssl_bio;

static void destroy_x509(X509 **certificate)
{
    X509_free(*certificate);
}

static void destroy_key(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static void destroy_bio(BIO **bio)
{
    BIO_free_all(*bio);
}

IMI_AUTO_DEFINE(openssl_x509, destroy_x509)
IMI_AUTO_DEFINE(openssl_key, destroy_key)
IMI_AUTO_DEFINE(openssl_bio, destroy_bio)

/* A certificate with its key. */
typedef struct identity {
    X509 *certificate;
    EVP_PKEY *key;
} identity;

static void clean_up_identity(identity *id)
{
    X509_free(id->certificate);
    EVP_PKEY_free(id->key);
    *id = (identity){NULL, NULL};
}

#define AUTO_IDENTITY __attribute__((cleanup(clean_up_identity))) identity

/* OpenSSL's queue is drained here, so that no later call sees this failure. */
static imi_status crypto_failed(imi_error *err, imi_status status, const char *what)
{
    unsigned long code = ERR_get_error();
    ERR_clear_error();
    IMI_FAIL_FOREIGN(err, status, (int64_t)code, "%s: %s", what,
                     code == 0 ? "failed" : ERR_reason_error_string(code));
}

/* ---- files ---- */

static imi_status join_path(const char *folder, const char *name, char out[IMI_PKI_PATH_SIZE],
                            imi_error *err)
{
    int size = snprintf(out, IMI_PKI_PATH_SIZE, "%s/%s", folder, name);
    if (size < 0 || size >= IMI_PKI_PATH_SIZE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the path of the data folder is too long");
    }
    return IMI_OK;
}

static imi_status name_files(const char *folder, imi_pki *pki, imi_error *err)
{
    if (!imi_copy_text(pki->folder, sizeof pki->folder, folder)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the path of the data folder is too long");
    }
    IMI_TRY(join_path(folder, "ca.crt", pki->ca_cert, err));
    IMI_TRY(join_path(folder, "ca.key", pki->ca_key, err));
    IMI_TRY(join_path(folder, "server.crt", pki->server_cert, err));
    IMI_TRY(join_path(folder, "server.key", pki->server_key, err));
    IMI_TRY(join_path(folder, "relying-party.crt", pki->client_cert, err));
    return join_path(folder, "relying-party.key", pki->client_key, err);
}

static bool exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

/* A key that others can read is no secret any more: refuse rather than serve with it. */
static imi_status check_key_mode(const char *path, imi_error *err)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        imi_status status = errno == ENOENT ? IMI_E_NOT_FOUND : IMI_E_IO;
        IMI_FAIL_FOREIGN(err, status, errno, "cannot open %s: %s", path, strerror(errno));
    }
    if (!S_ISREG(info.st_mode)) {
        IMI_FAIL(err, IMI_E_KEY, "%s is not a file", path);
    }
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        IMI_FAIL(err, IMI_E_KEY, "%s is open to other users (mode %03o): run chmod 600 on it", path,
                 (unsigned)(info.st_mode & 0777));
    }
    return IMI_OK;
}

static int no_passphrase(char *text, int size, int rw, void *user)
{
    (void)text, (void)size, (void)rw, (void)user;
    return -1; /* never ask on the terminal: a service has none */
}

static imi_status load_certificate(const char *path, X509 **out, imi_error *err)
{
    IMI_AUTO_BUFFER pem = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(path, PEM_LIMIT, &pem, err));
    IMI_AUTO(openssl_bio) bio = BIO_new_mem_buf(pem.data, (int)pem.size);
    *out = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
    if (*out == NULL) {
        char what[IMI_PKI_PATH_SIZE + 32];
        snprintf(what, sizeof what, "no certificate in %s", path);
        return crypto_failed(err, IMI_E_KEY, what);
    }
    return IMI_OK;
}

static imi_status load_key(const char *path, EVP_PKEY **out, imi_error *err)
{
    IMI_TRY(check_key_mode(path, err));
    IMI_AUTO_BUFFER pem = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(path, PEM_LIMIT, &pem, err));
    IMI_AUTO(openssl_bio) bio = BIO_new_mem_buf(pem.data, (int)pem.size);
    *out = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    if (*out == NULL) {
        char what[IMI_PKI_PATH_SIZE + 32];
        snprintf(what, sizeof what, "no usable key in %s", path);
        return crypto_failed(err, IMI_E_KEY, what);
    }
    return IMI_OK;
}

static imi_status load_identity(const char *cert_file, const char *key_file, identity *out,
                                imi_error *err)
{
    IMI_TRY(load_certificate(cert_file, &out->certificate, err));
    IMI_TRY(load_key(key_file, &out->key, err));
    if (X509_check_private_key(out->certificate, out->key) != 1) {
        ERR_clear_error();
        IMI_FAIL(err, IMI_E_KEY, "%s does not belong to %s", key_file, cert_file);
    }
    return IMI_OK;
}

imi_status imi_pki_check_pair(const char *cert_file, const char *key_file, imi_error *err)
{
    AUTO_IDENTITY id = {NULL, NULL};
    return load_identity(cert_file, key_file, &id, err);
}

static imi_status write_bio(BIO *bio, const char *path, unsigned mode, imi_error *err)
{
    char *data = NULL;
    long size = BIO_get_mem_data(bio, &data);
    imi_status status =
        imi_file_write(path, (imi_view){(const uint8_t *)data, (size_t)size}, mode, err);
    imi_wipe(data, (size_t)size);
    return status;
}

static imi_status save_identity(const identity *id, const char *cert_path, const char *key_path,
                                imi_error *err)
{
    IMI_AUTO(openssl_bio) cert = BIO_new(BIO_s_mem());
    IMI_AUTO(openssl_bio) key = BIO_new(BIO_s_mem());
    if (cert == NULL || key == NULL || PEM_write_bio_X509(cert, id->certificate) != 1 ||
        PEM_write_bio_PrivateKey(key, id->key, NULL, NULL, 0, NULL, NULL) != 1) {
        return crypto_failed(err, IMI_E_CRYPTO, "cannot encode a certificate");
    }
    IMI_TRY(write_bio(key, key_path, 0600, err));
    return write_bio(cert, cert_path, 0644, err);
}

/* ---- certificates ---- */

/* What differs between the three kinds of certificates. */
typedef struct profile {
    const char *common_name;
    const char *constraints, *key_usage;
    const char *extended_usage; /* NULL: none */
    const char *alternative_names;
    int days;
} profile;

static bool set_serial(X509 *certificate)
{
    uint8_t raw[16];
    if (imi_random(raw, sizeof raw, NULL) != IMI_OK) {
        return false;
    }
    raw[0] = (uint8_t)((raw[0] & 0x7f) | 0x40); /* positive, and of full length */
    BIGNUM *number = BN_bin2bn(raw, sizeof raw, NULL);
    bool set =
        number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return set;
}

static bool set_common_name(X509 *certificate, const char *text)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    return X509_NAME_add_entry_by_NID(name, NID_organizationName, MBSTRING_UTF8,
                                      (const unsigned char *)"IMI development", -1, -1, 0) == 1 &&
           X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                      (const unsigned char *)text, -1, -1, 0) == 1;
}

static bool add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    if (value == NULL) {
        return true;
    }
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool added = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

static bool add_extensions(X509 *certificate, X509 *issuer, const profile *p)
{
    return add_extension(certificate, issuer, NID_basic_constraints, p->constraints) &&
           add_extension(certificate, issuer, NID_key_usage, p->key_usage) &&
           add_extension(certificate, issuer, NID_ext_key_usage, p->extended_usage) &&
           add_extension(certificate, issuer, NID_subject_alt_name, p->alternative_names) &&
           add_extension(certificate, issuer, NID_subject_key_identifier, "hash") &&
           add_extension(certificate, issuer, NID_authority_key_identifier, "keyid");
}

static bool fill_certificate(X509 *certificate, EVP_PKEY *key, X509 *issuer, const profile *p)
{
    /* An hour back, for phones whose clock is slow. */
    return X509_set_version(certificate, 2) == 1 && set_serial(certificate) &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != NULL &&
           X509_time_adj_ex(X509_getm_notAfter(certificate), p->days, 0, NULL) != NULL &&
           X509_set_pubkey(certificate, key) == 1 && set_common_name(certificate, p->common_name) &&
           X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
           add_extensions(certificate, issuer, p);
}

/* A fresh key and its certificate; ca NULL makes it self-signed. */
static imi_status make_identity(const identity *ca, const profile *p, identity *out, imi_error *err)
{
    out->key = EVP_EC_gen("P-256");
    out->certificate = X509_new();
    if (out->key == NULL || out->certificate == NULL) {
        return crypto_failed(err, IMI_E_CRYPTO, "cannot make a key");
    }
    X509 *issuer = ca == NULL ? out->certificate : ca->certificate;
    EVP_PKEY *signer = ca == NULL ? out->key : ca->key;
    if (!fill_certificate(out->certificate, out->key, issuer, p) ||
        X509_sign(out->certificate, signer, EVP_sha256()) == 0) {
        return crypto_failed(err, IMI_E_CRYPTO, "cannot make a certificate");
    }
    return IMI_OK;
}

static const profile ca_profile = {
    .common_name = "IMI development CA",
    .constraints = "critical,CA:TRUE,pathlen:0",
    .key_usage = "critical,keyCertSign,cRLSign",
    .days = CA_DAYS,
};

static imi_status make_client(const identity *ca, const char *common_name, const char *cert_path,
                              const char *key_path, imi_error *err)
{
    profile client = {.common_name = common_name,
                      .constraints = "critical,CA:FALSE",
                      .key_usage = "critical,digitalSignature",
                      .extended_usage = "clientAuth",
                      .days = LEAF_DAYS};
    AUTO_IDENTITY id = {NULL, NULL};
    IMI_TRY(make_identity(ca, &client, &id, err));
    return save_identity(&id, cert_path, key_path, err);
}

static imi_status make_server(const identity *ca, const char *alternative_names, const imi_pki *pki,
                              imi_error *err)
{
    profile server = {.common_name = "imid",
                      .constraints = "critical,CA:FALSE",
                      .key_usage = "critical,digitalSignature",
                      .extended_usage = "serverAuth",
                      .alternative_names = alternative_names,
                      .days = LEAF_DAYS};
    AUTO_IDENTITY id = {NULL, NULL};
    IMI_TRY(make_identity(ca, &server, &id, err));
    return save_identity(&id, pki->server_cert, pki->server_key, err);
}

/* ---- names ---- */

static bool is_address(const char *name)
{
    struct in6_addr storage;
    return inet_pton(AF_INET, name, &storage) == 1 || inet_pton(AF_INET6, name, &storage) == 1;
}

/* Only what a host name consists of: the text goes through OpenSSL's own little language. */
static bool is_host_name(const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    size_t size = strlen(name);
    return size > 0 && size <= 253 && strspn(name, allowed) == size && name[0] != '.' &&
           name[0] != '-';
}

static imi_status list_names(const char *const *names, size_t count, imi_buffer *out,
                             imi_error *err)
{
    IMI_TRY(imi_buffer_append_text(out, "DNS:localhost,IP:127.0.0.1,IP:::1", err));
    for (size_t i = 0; i < count; i++) {
        const char *kind = is_address(names[i]) ? "IP" : is_host_name(names[i]) ? "DNS" : NULL;
        if (kind == NULL) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                     "name %zu for the server's certificate is neither a host name nor an address",
                     i + 1);
        }
        IMI_TRY(imi_buffer_printf(out, err, ",%s:%s", kind, names[i]));
    }
    if (out->size > MAX_NAMES_TEXT) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "too many names for the server's certificate");
    }
    return imi_buffer_terminate(out, err);
}

static imi_status check_common_name(const char *name, imi_error *err)
{
    imi_view text = imi_view_of_text(name);
    bool fits = text.size > 0 && text.size <= MAX_COMMON_NAME && imi_text_is_clean_utf8(text);
    for (size_t i = 0; fits && i < text.size; i++) {
        fits = text.data[i] >= 0x20 && text.data[i] != 0x7f;
    }
    if (!fits) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "the name of a relying party is 1 to %d bytes of printable text", MAX_COMMON_NAME);
    }
    return IMI_OK;
}

/* ---- the folder ---- */

/* What a start that was cut short left: files of ours alone, so nothing else is removed. */
static void remove_leftover(const imi_pki *fresh)
{
    const char *const files[] = {fresh->ca_cert,    fresh->ca_key,      fresh->server_cert,
                                 fresh->server_key, fresh->client_cert, fresh->client_key};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char partial[IMI_PKI_PATH_SIZE + 8];
        snprintf(partial, sizeof partial, "%s.new", files[i]);
        unlink(partial);
        unlink(files[i]);
    }
    rmdir(fresh->folder);
}

static imi_status fill_folder(const imi_pki *fresh, const char *alternative_names, imi_error *err)
{
    AUTO_IDENTITY ca = {NULL, NULL};
    IMI_TRY(make_identity(NULL, &ca_profile, &ca, err));
    IMI_TRY(save_identity(&ca, fresh->ca_cert, fresh->ca_key, err));
    IMI_TRY(make_server(&ca, alternative_names, fresh, err));
    return make_client(&ca, "relying-party", fresh->client_cert, fresh->client_key, err);
}

/* Made beside its place and moved there whole. The data folder is locked. */
static imi_status make_folder(const char *data_dir, const imi_pki *pki, const char *alternative,
                              imi_error *err)
{
    char path[IMI_PKI_PATH_SIZE];
    imi_pki fresh;
    IMI_TRY(join_path(data_dir, "pki.new", path, err));
    IMI_TRY(name_files(path, &fresh, err));
    remove_leftover(&fresh);
    if (mkdir(fresh.folder, 0700) != 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot make %s: %s", fresh.folder, strerror(errno));
    }
    imi_status status = fill_folder(&fresh, alternative, err);
    if (status != IMI_OK) {
        remove_leftover(&fresh);
        return status;
    }
    if (rename(fresh.folder, pki->folder) != 0) {
        int code = errno;
        remove_leftover(&fresh);
        IMI_FAIL_FOREIGN(err, IMI_E_IO, code, "cannot rename to %s: %s", pki->folder,
                         strerror(code));
    }
    imi_log(IMI_LOG_WARNING, "pki", "development CA made; replace for production (%s)",
            pki->folder);
    return IMI_OK;
}

static imi_status check_certificate_dates(const X509 *certificate, const char *path, imi_error *err)
{
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0) {
        IMI_FAIL(err, IMI_E_KEY, "%s has expired", path);
    }
    time_t in_30_days = time(NULL) + 30 * 86400;
    if (X509_cmp_time(X509_get0_notAfter(certificate), &in_30_days) <= 0) {
        imi_log(IMI_LOG_WARNING, "pki", "%s expires within 30 days", path);
    }
    return IMI_OK;
}

static imi_status check_folder(const imi_pki *pki, imi_error *err)
{
    const char *const needed[] = {pki->ca_cert, pki->server_cert, pki->server_key};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (!exists(needed[i])) {
            IMI_FAIL(err, IMI_E_KEY,
                     "%s is missing: restore it, or move the folder away to have a new "
                     "development CA made",
                     needed[i]);
        }
    }
    if (exists(pki->ca_key)) {
        IMI_TRY(check_key_mode(pki->ca_key, err));
    }
    if (exists(pki->client_key)) {
        IMI_TRY(check_key_mode(pki->client_key, err));
    }
    AUTO_IDENTITY server = {NULL, NULL};
    IMI_AUTO(openssl_x509) ca = NULL;
    IMI_TRY(load_certificate(pki->ca_cert, &ca, err));
    IMI_TRY(load_identity(pki->server_cert, pki->server_key, &server, err));
    return check_certificate_dates(server.certificate, pki->server_cert, err);
}

/* The lock ends with the descriptor, also when the process is killed. */
static imi_status lock_folder(const char *data_dir, int *fd_out, imi_error *err)
{
    if (mkdir(data_dir, 0700) != 0 && errno != EEXIST) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot make %s: %s", data_dir, strerror(errno));
    }
    int fd = open(data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX) != 0) {
        int code = errno;
        if (fd >= 0) {
            close(fd);
        }
        IMI_FAIL_FOREIGN(err, IMI_E_IO, code, "cannot lock %s: %s", data_dir, strerror(code));
    }
    *fd_out = fd;
    return IMI_OK;
}

static imi_status ensure_locked(const char *data_dir, const imi_pki *pki, const char *alternative,
                                int folder_fd, imi_error *err)
{
    if (!exists(pki->folder)) {
        IMI_TRY(make_folder(data_dir, pki, alternative, err));
        if (fsync(folder_fd) != 0) {
            IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot sync %s: %s", data_dir, strerror(errno));
        }
    }
    return check_folder(pki, err);
}

imi_status imi_pki_ensure(const char *data_dir, const char *const *names, size_t name_count,
                          imi_pki *out, imi_error *err)
{
    *out = (imi_pki){.folder = ""};
    imi_pki pki;
    char path[IMI_PKI_PATH_SIZE];
    IMI_TRY(join_path(data_dir, "pki", path, err));
    IMI_TRY(name_files(path, &pki, err));
    IMI_AUTO_BUFFER alternative = IMI_BUFFER_INIT;
    IMI_TRY(list_names(names, name_count, &alternative, err));
    int fd = -1;
    IMI_TRY(lock_folder(data_dir, &fd, err));
    imi_status status = ensure_locked(data_dir, &pki, (const char *)alternative.data, fd, err);
    close(fd);
    if (status == IMI_OK) {
        *out = pki;
    }
    return status;
}

imi_status imi_pki_issue_client(const imi_pki *pki, const char *common_name, const char *cert_path,
                                const char *key_path, imi_error *err)
{
    IMI_TRY(check_common_name(common_name, err));
    if (exists(cert_path) || exists(key_path)) {
        IMI_FAIL(err, IMI_E_CONFLICT, "%s exists: an identity is never overwritten",
                 exists(cert_path) ? cert_path : key_path);
    }
    if (!exists(pki->ca_key)) {
        IMI_FAIL(err, IMI_E_KEY, "%s is missing: ask whoever runs the production CA", pki->ca_key);
    }
    AUTO_IDENTITY ca = {NULL, NULL};
    IMI_TRY(load_identity(pki->ca_cert, pki->ca_key, &ca, err));
    return make_client(&ca, common_name, cert_path, key_path, err);
}

imi_status imi_pki_ensure_client(const imi_pki *pki, const char *name, imi_error *err)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
    if (name[0] == '.' || strspn(name, allowed) != strlen(name)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "the name of a certificate's file may hold only a to "
                 "z, 0 to 9, '.', '_' and '-'");
    }
    char file[MAX_COMMON_NAME + 8];
    char cert[IMI_PKI_PATH_SIZE], key[IMI_PKI_PATH_SIZE];
    int size = snprintf(file, sizeof file, "%s.crt", name);
    if (size < 0 || (size_t)size >= sizeof file) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the name of a certificate's file is too long");
    }
    IMI_TRY(join_path(pki->folder, file, cert, err));
    snprintf(file, sizeof file, "%s.key", name);
    IMI_TRY(join_path(pki->folder, file, key, err));
    if (exists(cert) || !exists(pki->ca_key)) {
        return IMI_OK;
    }
    if (exists(key)) {
        imi_log(IMI_LOG_WARNING, "pki",
                "%s is there without its certificate: remove it to have both made anew", key);
        return IMI_OK;
    }
    return imi_pki_issue_client(pki, name, cert, key, err);
}
