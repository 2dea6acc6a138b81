/* Objects cut short, changed in one bit, or made of noise: none is accepted, none does harm. */
#include "forge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void make_good(imi_attestation_kind kind, imi_buffer *out)
{
    key_statement key = forge_good_statement();
    app_statement app = forge_good_app();
    if (kind == IMI_ATTESTATION_ANDROID_KEY) {
        forge_android(&key, out);
    } else {
        forge_apple(&app, out);
    }
    assert_false(forge_verify(kind, imi_buffer_view(out)).veto);
}

/* In a block of its exact size, so that a sanitizer sees a byte read too far. */
static bool is_refused(imi_attestation_kind kind, imi_view object)
{
    uint8_t *exact = imi_alloc(object.size);
    assert_non_null(exact);
    imi_copy(exact, object.data, object.size);
    imi_finding finding = forge_verify(kind, (imi_view){exact, object.size});
    imi_free(exact);
    assert_true(finding.veto == (finding.code != NULL));
    return finding.veto;
}

/* Where the root begins: a chain cut there is whole, as the root may be left out. */
static size_t size_without_root(const imi_buffer *object)
{
    IMI_AUTO_BUFFER root = IMI_BUFFER_INIT;
    forge_append(g_forge.root, &root);
    return object->size - root.size;
}

static void an_android_chain_cut_at_any_byte_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    make_good(IMI_ATTESTATION_ANDROID_KEY, &object);
    for (size_t size = 0; size < object.size; size++) {
        bool refused = is_refused(IMI_ATTESTATION_ANDROID_KEY, (imi_view){object.data, size});
        assert_true(refused == (size != size_without_root(&object)));
    }
}

static void an_apple_object_cut_at_any_byte_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    make_good(IMI_ATTESTATION_APPLE_APP, &object);
    for (size_t size = 0; size < object.size; size++) {
        assert_true(is_refused(IMI_ATTESTATION_APPLE_APP, (imi_view){object.data, size}));
    }
}

static void assert_flips_refused(imi_attestation_kind kind, imi_buffer *object, size_t but)
{
    for (size_t bit = 0; bit < 8 * object->size; bit++) {
        object->data[bit / 8] ^= (uint8_t)(1U << bit % 8);
        bool refused = is_refused(kind, imi_buffer_view(object));
        if (!refused && bit / 8 != but) {
            fail_msg("bit %zu may be changed", bit);
        }
        object->data[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

static void an_android_chain_with_any_bit_changed_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    make_good(IMI_ATTESTATION_ANDROID_KEY, &object);
    assert_flips_refused(IMI_ATTESTATION_ANDROID_KEY, &object, SIZE_MAX);
}

/* All but the one byte of the receipt, which is Apple's own affair and nothing depends on. */
static void an_apple_object_with_any_bit_changed_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    make_good(IMI_ATTESTATION_APPLE_APP, &object);
    const uint8_t *receipt = memmem(object.data, object.size, "receipt\x41r", 9);
    assert_non_null(receipt);
    assert_flips_refused(IMI_ATTESTATION_APPLE_APP, &object, (size_t)(receipt + 8 - object.data));
}

static void a_byte_behind_the_object_is_refused(void **state)
{
    (void)state;
    for (int kind = IMI_ATTESTATION_ANDROID_KEY; kind <= IMI_ATTESTATION_APPLE_APP; kind++) {
        IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
        make_good((imi_attestation_kind)kind, &object);
        assert_int_equal(imi_buffer_append(&object, (imi_view){(const uint8_t *)"", 1}, NULL),
                         IMI_OK);
        assert_true(is_refused((imi_attestation_kind)kind, imi_buffer_view(&object)));
    }
}

static void noise_is_refused(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int round = 0; round < 2000; round++) {
        uint8_t noise[200];
        for (size_t i = 0; i < sizeof noise; i++) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            noise[i] = (uint8_t)(seed >> 56);
        }
        /* Some begin as the real ones do. */
        noise[0] = round % 3 == 0 ? 0xA3 : round % 3 == 1 ? 0x30 : noise[0];
        imi_view object = {noise, 1 + (size_t)round % sizeof noise};
        assert_true(is_refused(IMI_ATTESTATION_ANDROID_KEY, object));
        assert_true(is_refused(IMI_ATTESTATION_APPLE_APP, object));
    }
}

static void an_object_over_the_limit_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    make_good(IMI_ATTESTATION_ANDROID_KEY, &object);
    assert_int_equal(imi_buffer_reserve(&object, IMI_ATTESTATION_BYTES_MAX + 1, NULL), IMI_OK);
    memset(object.data + object.size, 0, IMI_ATTESTATION_BYTES_MAX + 1 - object.size);
    assert_refused(IMI_ATTESTATION_ANDROID_KEY,
                   (imi_view){object.data, IMI_ATTESTATION_BYTES_MAX + 1}, "attestation_format");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_android_chain_cut_at_any_byte_is_refused),
        cmocka_unit_test(an_apple_object_cut_at_any_byte_is_refused),
        cmocka_unit_test(an_android_chain_with_any_bit_changed_is_refused),
        cmocka_unit_test(an_apple_object_with_any_bit_changed_is_refused),
        cmocka_unit_test(a_byte_behind_the_object_is_refused),
        cmocka_unit_test(noise_is_refused),
        cmocka_unit_test(an_object_over_the_limit_is_refused),
    };
    return cmocka_run_group_tests(tests, forge_set_up, forge_tear_down);
}
