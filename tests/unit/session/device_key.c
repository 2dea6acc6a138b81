#include "device_key.h"

#include "imi/crypto.h"
#include "imi_core/frame_chain.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>

struct device_key {
    EVP_PKEY *pair;
    uint8_t spki[256];
    size_t spki_size;
};

/* What cannot fail in a test unless the machine is broken. */
static void must(bool held)
{
    if (!held) {
        abort();
    }
}

device_key *device_key_new(void)
{
    device_key *key = calloc(1, sizeof *key);
    must(key != NULL);
    key->pair = EVP_EC_gen("P-256");
    must(key->pair != NULL);
    uint8_t *at = key->spki;
    must(i2d_PUBKEY(key->pair, NULL) <= (int)sizeof key->spki);
    key->spki_size = (size_t)i2d_PUBKEY(key->pair, &at);
    return key;
}

imi_view device_key_spki(const device_key *key)
{
    return (imi_view){key->spki, key->spki_size};
}

void device_key_sign(const device_key *key, imi_view message, uint8_t signature_out[64])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t der[128];
    size_t size = sizeof der;
    must(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key->pair) == 1);
    must(EVP_DigestSign(context, der, &size, message.data, message.size) == 1);
    EVP_MD_CTX_free(context);
    const uint8_t *at = der;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)size);
    must(pair != NULL);
    must(BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature_out, 32) == 32);
    must(BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature_out + 32, 32) == 32);
    ECDSA_SIG_free(pair);
}

void device_key_destroy(device_key **key)
{
    if (*key != NULL) {
        EVP_PKEY_free((*key)->pair);
        free(*key);
        *key = NULL;
    }
}

void phone_chain_sign(phone_chain *chain, imi_view jpeg, int64_t after_ms, imi_frame *out)
{
    chain->sequence++;
    chain->time_ms += after_ms;
    uint8_t digest[32];
    must(imi_sha256(jpeg, digest, NULL) == IMI_OK);
    imi_core_frame_link link = {
        .nonce = chain->nonce,
        .sequence = chain->sequence,
        .captured_at_ms = chain->time_ms,
        .image_digest = digest,
        .previous_signature = chain->signature,
    };
    uint8_t message[IMI_CORE_FRAME_MESSAGE_SIZE];
    imi_core_frame_message(&link, message);
    device_key_sign(chain->key, (imi_view){message, sizeof message}, chain->signature);
    *out = (imi_frame){
        .capture_id = chain->capture_id,
        .sequence = chain->sequence,
        .captured_at_ms = chain->time_ms,
        .jpeg = jpeg,
        .signature = {chain->signature, sizeof chain->signature},
    };
}
