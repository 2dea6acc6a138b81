#include "imi/crypto.h"
#include "imi/signer.h"
#include "jwk.h"
#include "key_pem.h"

typedef struct file_signer {
    imi_signer base;
    const imi_algorithm *algorithm;
    EVP_MD_CTX *prepared; /* holds the key */
    imi_public_bytes bytes;
} file_signer;

static imi_status sign(imi_signer *self, imi_view message, imi_buffer *signature_out,
                       imi_error *err)
{
    const file_signer *mine = (file_signer *)self;
    return imi_algorithm_sign(mine->algorithm, mine->prepared, message, signature_out, err);
}

static imi_status public_jwk(imi_signer *self, imi_buffer *json_out, imi_error *err)
{
    const file_signer *mine = (file_signer *)self;
    return imi_jwk_render(mine->algorithm, &mine->bytes, self->key_id, json_out, err);
}

static void destroy(imi_signer *self)
{
    EVP_MD_CTX_free(((file_signer *)self)->prepared); /* and the key, which is cleared */
    imi_free(self);
}

typedef struct recipe {
    const imi_algorithm *algorithm;
    imi_view pass_phrase;
} recipe;

static imi_status make_pem(void *user, imi_buffer *out, imi_error *err)
{
    const recipe *self = user;
    IMI_AUTO_PKEY key = NULL;
    IMI_TRY(imi_algorithm_make_key(self->algorithm, &key, err));
    return imi_key_pem_render(key, self->pass_phrase, out, err);
}

static imi_status load_key(const imi_signer_file_options *options, const imi_algorithm *algorithm,
                           EVP_PKEY **out, imi_error *err)
{
    IMI_AUTO_BUFFER pass_phrase = IMI_BUFFER_INIT;
    if (options->pass_phrase_path != NULL) {
        IMI_TRY(imi_pass_phrase_read(options->pass_phrase_path, &pass_phrase, err));
    }
    recipe fresh = {algorithm, imi_buffer_view(&pass_phrase)};
    IMI_AUTO_BUFFER pem = IMI_BUFFER_INIT;
    IMI_TRY(
        imi_private_file_load(options->pem_path, IMI_PEM_BYTES_MAX, make_pem, &fresh, &pem, err));
    return imi_key_pem_parse(algorithm, fresh.pass_phrase, imi_buffer_view(&pem), options->pem_path,
                             out, err);
}

imi_status imi_signer_file_open(const imi_signer_file_options *options, imi_signer **out,
                                imi_error *err)
{
    *out = NULL;
    if (options->pem_path == NULL || options->pem_path[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a signer needs the path of its key");
    }
    const imi_algorithm *algorithm = imi_algorithm_named(options->algorithm);
    if (algorithm == NULL) {
        IMI_FAIL(err, IMI_E_UNSUPPORTED, "a signer needs an algorithm that is supported");
    }
    file_signer *self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a signer");
    }
    self->base = (imi_signer){.sign = sign, .public_jwk = public_jwk, .destroy = destroy};
    self->algorithm = algorithm;
    IMI_AUTO(imi_signer) owner = &self->base;
    imi_copy_text(owner->algorithm, sizeof owner->algorithm, algorithm->name);
    IMI_AUTO_PKEY key = NULL;
    IMI_TRY(load_key(options, algorithm, &key, err));
    IMI_TRY(imi_algorithm_prepare_to_sign(algorithm, key, &self->prepared, err));
    IMI_TRY(imi_algorithm_bytes_of_key(algorithm, key, &self->bytes, err));
    IMI_TRY(imi_jwk_thumbprint_of_bytes(algorithm, &self->bytes, owner->key_id, err));
    *out = IMI_STEAL(&owner);
    return IMI_OK;
}

imi_status imi_signer_file_new(const char *pem_path, imi_signer **out, imi_error *err)
{
    imi_signer_file_options options = {.pem_path = pem_path, .algorithm = "ES256"};
    return imi_signer_file_open(&options, out, err);
}

void imi_signer_destroy(imi_signer **signer)
{
    if (signer != NULL && *signer != NULL) {
        imi_signer *taken = IMI_STEAL(signer);
        taken->destroy(taken);
    }
}
