#include "imi/signer.h"

#include "algorithm.h"
#include "jwk.h"

enum { SPKI_PREFIX_SIZE = 26 };

/* A key that opens is a point on the curve. */
static imi_status open_spki(imi_view spki_der, imi_public_bytes *point, EVP_PKEY **key,
                            imi_error *err)
{
    /* A P-256 key with a named curve and an uncompressed point has one single encoding (RFC 5480),
     * so hostile bytes are compared rather than parsed: no explicit curves, no trailing data. */
    static const uint8_t prefix[SPKI_PREFIX_SIZE] = {
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01,
        0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
    imi_view head = {spki_der.data, sizeof prefix};
    if (spki_der.size != sizeof prefix + IMI_POINT_SIZE ||
        !imi_view_equal(head, (imi_view){prefix, sizeof prefix}) ||
        spki_der.data[sizeof prefix] != 0x04) {
        IMI_FAIL(err, IMI_E_KEY, "not the SubjectPublicKeyInfo of an uncompressed P-256 key");
    }
    *point = (imi_public_bytes){.size = IMI_POINT_SIZE};
    imi_copy(point->data, spki_der.data + sizeof prefix, IMI_POINT_SIZE);
    return imi_algorithm_key_of_bytes(imi_algorithm_named("ES256"), point, key, err);
}

imi_status imi_es256_verify_spki(imi_view spki_der, imi_view message, imi_view signature,
                                 imi_error *err)
{
    imi_public_bytes point;
    IMI_AUTO_PKEY key = NULL;
    IMI_TRY(open_spki(spki_der, &point, &key, err));
    const imi_algorithm *es256 = imi_algorithm_named("ES256");
    IMI_AUTO_MD_CTX verifier = NULL;
    IMI_TRY(imi_algorithm_prepare_to_verify(es256, key, &verifier, err));
    return imi_algorithm_verify(es256, verifier, message, signature, err);
}

imi_status imi_es256_jwk_of_spki(imi_view spki_der, imi_buffer *json_out, imi_error *err)
{
    imi_public_bytes point;
    IMI_AUTO_PKEY key = NULL;
    IMI_TRY(open_spki(spki_der, &point, &key, err));
    const imi_algorithm *es256 = imi_algorithm_named("ES256");
    char key_id[IMI_KEY_ID_SIZE];
    IMI_TRY(imi_jwk_thumbprint_of_bytes(es256, &point, key_id, err));
    return imi_jwk_render(es256, &point, key_id, json_out, err);
}
