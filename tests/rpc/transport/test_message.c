/* The decoder: every kind of field, every kind of refusal, and agreement with protobuf-c. */
#include "every_type.pb-c.h"
#include "rpc/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

typedef Imi__Test__Every every_type;
typedef Imi__Test__Leaf leaf_type;
static const ProtobufCMessageDescriptor *const EVERY = &imi__test__every__descriptor;
static const ProtobufCMessageDescriptor *const TREE = &imi__test__tree__descriptor;

/* Decode from a block of exactly the right size, so that a byte too far is seen by ASan. */
typedef struct decoded {
    uint8_t *block;
    imi_arena arena;
    imi_error error;
    imi_status status;
    ProtobufCMessage *message;
} decoded;

static void clean_up_decoded(decoded *d)
{
    imi_arena_clean_up(&d->arena);
    imi_free(d->block);
}
#define AUTO_DECODED __attribute__((cleanup(clean_up_decoded))) decoded

static decoded decode(const ProtobufCMessageDescriptor *type, imi_view bytes)
{
    decoded d = {.block = imi_alloc(bytes.size), .arena = IMI_ARENA_INIT};
    imi_copy(d.block, bytes.data, bytes.size);
    d.status =
        imi_message_decode(type, (imi_view){d.block, bytes.size}, &d.arena, &d.message, &d.error);
    assert_true((d.status == IMI_OK) == (d.message != NULL));
    return d;
}

#define WIRE(...)                                                                                  \
    ((imi_view){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})

static const every_type *every_of(const decoded *d)
{
    assert_int_equal(d->status, IMI_OK);
    return (const void *)d->message;
}

static void assert_refused(imi_view bytes, const char *part_of_message)
{
    AUTO_DECODED d = decode(EVERY, bytes);
    assert_int_equal(d.status, IMI_E_RPC_MESSAGE);
    if (strstr(d.error.message, part_of_message) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", d.error.message, part_of_message);
    }
}

/* A message with something in every field, packed by protobuf-c. */
static void pack_full(imi_buffer *out)
{
    leaf_type leaf = IMI__TEST__LEAF__INIT;
    leaf_type other = IMI__TEST__LEAF__INIT;
    leaf_type *leaves[] = {&leaf, &other};
    int32_t numbers[] = {0, -1, INT32_MAX, INT32_MIN};
    int64_t wide[] = {0, -1, INT64_MAX, INT64_MIN};
    double reals[] = {0, -1.5, 1e300};
    Imi__Test__Colour colours[] = {IMI__TEST__COLOUR__COLOUR_BLUE, IMI__TEST__COLOUR__COLOUR_BELOW};
    protobuf_c_boolean flags[] = {1, 0, 1};
    char *texts[] = {"", "\xc3\xa9", "plain"};
    ProtobufCBinaryData blobs[] = {{0, NULL}, {3, (uint8_t *)"a\0b"}};
    leaf.text = "leaf";
    leaf.portrait_jpeg = (ProtobufCBinaryData){4, (uint8_t *)"\xff\xd8\xff\xd9"};
    every_type m = IMI__TEST__EVERY__INIT;
    m.int32_field = -5;
    m.int64_field = INT64_MIN;
    m.uint32_field = UINT32_MAX;
    m.uint64_field = UINT64_MAX;
    m.sint32_field = INT32_MIN;
    m.sint64_field = INT64_MIN;
    m.fixed32_field = 0xdeadbeef;
    m.fixed64_field = 0x0123456789abcdef;
    m.sfixed32_field = -7;
    m.sfixed64_field = -8;
    m.float_field = 1.25F;
    m.double_field = -2.5;
    m.bool_field = 1;
    m.colour = IMI__TEST__COLOUR__COLOUR_BELOW;
    m.text = "Chinese \xe4\xb8\xad";
    m.blob = blobs[1];
    m.leaf = &leaf;
    m.n_packed_int32 = 4, m.packed_int32 = numbers;
    m.n_packed_sint64 = 4, m.packed_sint64 = wide;
    m.n_packed_double = 3, m.packed_double = reals;
    m.n_packed_colour = 2, m.packed_colour = colours;
    m.n_packed_bool = 3, m.packed_bool = flags;
    m.n_texts = 3, m.texts = texts;
    m.n_blobs = 2, m.blobs = blobs;
    m.n_leaves = 2, m.leaves = leaves;
    m.choice_case = IMI__TEST__EVERY__CHOICE_CHOICE_LEAF;
    m.choice_leaf = &other;
    m.jpeg = leaf.portrait_jpeg;
    assert_int_equal(imi_message_encode(&m, out, NULL), IMI_OK);
}

static void every_kind_of_field_survives_a_round_trip(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER packed = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER again = IMI_BUFFER_INIT;
    pack_full(&packed);
    AUTO_DECODED d = decode(EVERY, imi_buffer_view(&packed));
    const every_type *m = every_of(&d);
    assert_int_equal(m->int32_field, -5);
    assert_true(m->sint64_field == INT64_MIN && m->uint64_field == UINT64_MAX);
    assert_true(m->double_field == -2.5 && m->float_field == 1.25F);
    assert_int_equal(m->colour, IMI__TEST__COLOUR__COLOUR_BELOW);
    assert_string_equal(m->text, "Chinese \xe4\xb8\xad");
    assert_int_equal(m->n_packed_int32, 4);
    assert_int_equal(m->packed_int32[3], INT32_MIN);
    assert_string_equal(m->texts[1], "\xc3\xa9");
    assert_string_equal(m->leaves[0]->text, "leaf");
    assert_int_equal(m->choice_case, IMI__TEST__EVERY__CHOICE_CHOICE_LEAF);
    assert_int_equal(imi_message_encode(m, &again, NULL), IMI_OK);
    assert_true(imi_view_equal(imi_buffer_view(&packed), imi_buffer_view(&again)));
}

static void empty_input_gives_defaults(void **state)
{
    (void)state;
    AUTO_DECODED d = decode(EVERY, (imi_view){NULL, 0});
    const every_type *m = every_of(&d);
    assert_string_equal(m->text, "");
    assert_null(m->leaf);
    assert_int_equal(m->n_texts, 0);
    assert_int_equal(m->choice_case, IMI__TEST__EVERY__CHOICE__NOT_SET);
}

static void images_are_views_into_the_received_bytes(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER packed = IMI_BUFFER_INIT;
    pack_full(&packed);
    AUTO_DECODED d = decode(EVERY, imi_buffer_view(&packed));
    const every_type *m = every_of(&d);
    assert_true(m->jpeg.data >= d.block && m->jpeg.data + 4 <= d.block + packed.size);
    assert_true(m->leaf->portrait_jpeg.data >= d.block &&
                m->leaf->portrait_jpeg.data < d.block + packed.size);
    assert_memory_equal(m->jpeg.data, "\xff\xd8\xff\xd9", 4);
}

static void unknown_fields_are_skipped(void **state)
{
    (void)state;
    /* 1000: varint 5, 1001: "ab", 1002: fixed32, 1003: fixed64, then int32_field 9 */
    AUTO_DECODED d = decode(EVERY, WIRE(0xc0, 0x3e, 5, 0xca, 0x3e, 2, 'a', 'b', 0xd5, 0x3e, 1, 2, 3,
                                        4, 0xd9, 0x3e, 1, 2, 3, 4, 5, 6, 7, 8, 0x08, 9));
    assert_int_equal(every_of(&d)->int32_field, 9);
    assert_int_equal(every_of(&d)->base.n_unknown_fields, 0);
}

static void repeated_numbers_may_come_unpacked(void **state)
{
    (void)state;
    AUTO_DECODED d = decode(EVERY, WIRE(0x90, 0x01, 1, 0x92, 0x01, 2, 2, 3, 0x90, 0x01, 4));
    const every_type *m = every_of(&d);
    assert_int_equal(m->n_packed_int32, 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(m->packed_int32[i], i + 1);
    }
}

static void negative_int32_may_come_in_ten_or_five_bytes(void **state)
{
    (void)state;
    AUTO_DECODED ten =
        decode(EVERY, WIRE(0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01));
    AUTO_DECODED five = decode(EVERY, WIRE(0x08, 0xfe, 0xff, 0xff, 0xff, 0x0f));
    assert_int_equal(every_of(&ten)->int32_field, -2);
    assert_int_equal(every_of(&five)->int32_field, -2);
}

static void text_with_nul_is_refused(void **state)
{
    (void)state;
    assert_refused(WIRE(0x7a, 3, 'a', 0, 'b'), "'text'");
}

static void text_that_is_no_utf8_is_refused(void **state)
{
    (void)state;
    assert_refused(WIRE(0x7a, 2, 0xc3, 0x28), "'text'"); /* bad continuation */
    assert_refused(WIRE(0x7a, 2, 0xc0, 0x80), "'text'"); /* overlong NUL */
    assert_refused(WIRE(0x7a, 3, 0xed, 0xa0, 0x80), "'text'"); /* surrogate */
    assert_refused(WIRE(0xb2, 0x01, 1, 0xff), "'texts'"); /* repeated */
    assert_refused(WIRE(0x8a, 0x01, 3, 0x0a, 1, 0xff), "'text'"); /* nested */
}

static void unknown_enumerator_is_refused(void **state)
{
    (void)state;
    assert_refused(WIRE(0x70, 2), "'colour'");
    assert_refused(WIRE(0xaa, 0x01, 2, 1, 2), "'packed_colour'");
    /* 2^32 + 1 would be RED if only its low bits were looked at. */
    assert_refused(WIRE(0x70, 0x81, 0x80, 0x80, 0x80, 0x10), "'colour'");
}

static void number_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    assert_refused(WIRE(0x18, 0x80, 0x80, 0x80, 0x80, 0x10), "'uint32_field'");
    assert_refused(WIRE(0x68, 2), "'bool_field'");
    assert_refused(WIRE(0x08, 0x80, 0x80, 0x80, 0x80, 0x10), "'int32_field'");
}

static void varint_of_more_than_64_bits_is_refused(void **state)
{
    (void)state;
    assert_refused(WIRE(0x20, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02),
                   "protobuf");
    assert_refused(WIRE(0x20, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00),
                   "protobuf");
}

static void field_that_occurs_twice_is_refused(void **state)
{
    (void)state;
    assert_refused(WIRE(0x08, 1, 0x08, 1), "'int32_field'");
    assert_refused(WIRE(0x8a, 0x01, 0, 0x8a, 0x01, 0), "'leaf'");
    assert_refused(WIRE(0xe2, 0x01, 1, 'x', 0xe2, 0x01, 1, 'y'), "'jpeg'");
}

static void two_members_of_a_oneof_are_refused(void **state)
{
    (void)state;
    assert_refused(WIRE(0xca, 0x01, 1, 'x', 0xd8, 0x01, 5), "'choice_number'");
}

static void field_of_another_wire_type_is_refused(void **state)
{
    (void)state;
    assert_refused(WIRE(0x0a, 1, 1), "'int32_field'");
    assert_refused(WIRE(0x78, 1), "'text'");
    assert_refused(WIRE(0xc0, 0x01, 1), "'leaves'");
}

static void groups_and_field_zero_are_refused(void **state)
{
    (void)state;
    assert_refused(WIRE(0x0b), "protobuf");
    assert_refused(WIRE(0xc3, 0x3e, 0xc4, 0x3e), "protobuf");
    assert_refused(WIRE(0x00, 1), "protobuf");
    assert_refused(WIRE(0x06, 1), "protobuf");
}

static void length_beyond_the_end_is_refused(void **state)
{
    (void)state;
    assert_refused(WIRE(0x7a, 5, 'a'), "protobuf");
    assert_refused(WIRE(0x7a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
                   "protobuf");
    assert_refused(WIRE(0xa2, 0x01, 4, 1, 2, 3, 4), "'packed_double'");
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    for (int depth = 1; depth <= 12; depth++) {
        uint8_t bytes[64];
        size_t size = 0;
        for (int i = depth - 1; i > 0; i--) { /* outermost first: i inner messages of 2 bytes */
            bytes[size++] = 0x0a;
            bytes[size++] = (uint8_t)(2 * (i - 1));
        }
        AUTO_DECODED d = decode(TREE, (imi_view){bytes, size});
        assert_int_equal(d.status, depth <= IMI_MESSAGE_DEPTH_MAX ? IMI_OK : IMI_E_RPC_MESSAGE);
    }
}

static void fill(imi_buffer *out, size_t count, imi_view unit)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(imi_buffer_append(out, unit, NULL), IMI_OK);
    }
}

static void number_of_values_has_a_limit(void **state)
{
    (void)state;
    const imi_view units[] = {
        WIRE(0xc0, 0x3e, 5), /* unknown fields */
        WIRE(0x92, 0x01, 1, 1), /* packed, one value each */
        WIRE(0xb2, 0x01, 0), /* empty strings */
    };
    for (size_t i = 0; i < 3; i++) {
        IMI_AUTO_BUFFER fits = IMI_BUFFER_INIT;
        IMI_AUTO_BUFFER many = IMI_BUFFER_INIT;
        fill(&fits, IMI_MESSAGE_ELEMENTS_MAX, units[i]);
        fill(&many, IMI_MESSAGE_ELEMENTS_MAX + 1, units[i]);
        AUTO_DECODED good = decode(EVERY, imi_buffer_view(&fits));
        assert_int_equal(good.status, IMI_OK);
        assert_refused(imi_buffer_view(&many), "more than");
    }
}

static void values_inside_nested_messages_count_too(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER many = IMI_BUFFER_INIT;
    /* A leaf with two unknown fields: three values. */
    fill(&many, IMI_MESSAGE_ELEMENTS_MAX / 2, WIRE(0xc2, 0x01, 4, 0x78, 1, 0x78, 2));
    assert_refused(imi_buffer_view(&many), "more than");
}

static void message_without_images_has_a_limit_of_bytes(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    fill(&text, 1, WIRE(0x7a, 0x80, 0x80, 0x04)); /* text of 65,536 bytes */
    fill(&text, 65536, WIRE('x'));
    assert_refused(imi_buffer_view(&text), "larger than");
    /* The same in a bytes field that is no image. */
    IMI_AUTO_BUFFER blob = IMI_BUFFER_INIT;
    fill(&blob, 1, WIRE(0x82, 0x01, 0x80, 0x80, 0x04));
    fill(&blob, 65536, WIRE('x'));
    assert_refused(imi_buffer_view(&blob), "larger than");
}

static void image_may_be_larger_than_that(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    fill(&bytes, 1, WIRE(0xe2, 0x01, 0x80, 0x80, 0x40)); /* jpeg of 1 MiB */
    fill(&bytes, 1 << 20, WIRE('x'));
    AUTO_DECODED top = decode(EVERY, imi_buffer_view(&bytes));
    assert_int_equal(every_of(&top)->jpeg.len, 1 << 20);
    assert_true(top.arena.given < 4096);

    IMI_AUTO_BUFFER nested = IMI_BUFFER_INIT; /* leaf.portrait_jpeg of 1 MiB */
    fill(&nested, 1, WIRE(0x8a, 0x01, 0x84, 0x80, 0x40, 0x1a, 0x80, 0x80, 0x40));
    fill(&nested, 1 << 20, WIRE('x'));
    AUTO_DECODED inner = decode(EVERY, imi_buffer_view(&nested));
    assert_int_equal(every_of(&inner)->leaf->portrait_jpeg.len, 1 << 20);
}

static void arena_has_a_limit(void **state)
{
    (void)state;
    IMI_AUTO_ARENA arena = {.limit = 1000};
    assert_non_null(imi_arena_alloc(&arena, 900));
    assert_null(imi_arena_alloc(&arena, 200));
    assert_non_null(imi_arena_alloc(&arena, 80));
    assert_null(imi_arena_alloc(&arena, SIZE_MAX));
    assert_null(imi_arena_alloc_array(&arena, SIZE_MAX / 2, 3));
}

static void message_beyond_the_arena_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER packed = IMI_BUFFER_INIT;
    pack_full(&packed);
    size_t refused = 0;
    for (size_t limit = 16; limit < 4096; limit += 16) {
        IMI_AUTO_ARENA arena = {.limit = limit};
        ProtobufCMessage *message = NULL;
        imi_status status =
            imi_message_decode(EVERY, imi_buffer_view(&packed), &arena, &message, NULL);
        assert_true(arena.given <= limit);
        assert_true(status == IMI_OK || status == IMI_E_RPC_MESSAGE);
        refused += status == IMI_E_RPC_MESSAGE ? 1 : 0;
    }
    assert_true(refused > 20 && refused < 255);
}

static void every_cut_of_a_message_is_handled(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER packed = IMI_BUFFER_INIT;
    pack_full(&packed);
    for (size_t size = 0; size < packed.size; size++) {
        AUTO_DECODED d = decode(EVERY, (imi_view){packed.data, size});
        assert_true(d.status == IMI_OK || d.status == IMI_E_RPC_MESSAGE);
    }
}

/* ---- against protobuf-c's own unpacker ---- */

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static void mutate(imi_buffer *bytes, uint32_t *seed)
{
    for (uint32_t changes = 1 + next_random(seed) % 4; changes > 0; changes--) {
        size_t at = next_random(seed) % bytes->size;
        bytes->data[at] = (uint8_t)next_random(seed);
    }
    if (next_random(seed) % 8 == 0) {
        bytes->size = 1 + next_random(seed) % bytes->size;
    }
}

/* What we read from bytes, packed again. */
static void repack(imi_view bytes, imi_buffer *out)
{
    AUTO_DECODED d = decode(EVERY, bytes);
    assert_int_equal(imi_message_encode(every_of(&d), out, NULL), IMI_OK);
}

/* protobuf-c must accept what we accept, and must have read the same from it. */
static void assert_agrees(imi_view bytes)
{
    ProtobufCMessage *theirs = protobuf_c_message_unpack(EVERY, NULL, bytes.size, bytes.data);
    assert_non_null(theirs);
    IMI_AUTO_BUFFER with_unknown = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER from_theirs = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER from_ours = IMI_BUFFER_INIT;
    assert_int_equal(imi_message_encode(theirs, &with_unknown, NULL), IMI_OK);
    protobuf_c_message_free_unpacked(theirs, NULL);
    repack(imi_buffer_view(&with_unknown), &from_theirs);
    repack(bytes, &from_ours);
    assert_true(imi_view_equal(imi_buffer_view(&from_ours), imi_buffer_view(&from_theirs)));
}

static void what_is_accepted_is_read_as_protobuf_c_reads_it(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER packed = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER changed = IMI_BUFFER_INIT;
    pack_full(&packed);
    uint32_t seed = 20240607;
    int accepted = 0;
    enum { ROUNDS = 40000 };
    for (int i = 0; i < ROUNDS; i++) {
        changed.size = 0;
        assert_int_equal(imi_buffer_append(&changed, imi_buffer_view(&packed), NULL), IMI_OK);
        mutate(&changed, &seed);
        AUTO_DECODED d = decode(EVERY, imi_buffer_view(&changed));
        if (d.status == IMI_OK) {
            assert_agrees(imi_buffer_view(&changed));
            accepted++;
        }
    }
    assert_true(accepted > ROUNDS / 50 && accepted < ROUNDS);
}

static bool fail_nth(void *user, size_t size)
{
    (void)size;
    return --*(int *)user == 0;
}

static void lack_of_memory_is_an_error_and_leaks_nothing(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER packed = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    pack_full(&packed);
    fill(&packed, 1, WIRE(0xb2, 0x01, 0x80, 0x40)); /* one more text, of 8 KiB */
    fill(&packed, 8192, WIRE('x'));
    imi_status status = IMI_E_RPC_MESSAGE;
    int failures = 0;
    for (int n = 1; status != IMI_OK; n++) {
        int64_t before = imi_alloc_live_blocks();
        int countdown = n;
        imi_arena arena = IMI_ARENA_INIT;
        ProtobufCMessage *message = NULL;
        imi_alloc_set_fail_hook(fail_nth, &countdown);
        status = imi_message_decode(EVERY, imi_buffer_view(&packed), &arena, &message, NULL);
        imi_alloc_set_fail_hook(NULL, NULL);
        imi_arena_clean_up(&arena);
        assert_int_equal(imi_alloc_live_blocks(), before);
        failures += status == IMI_OK ? 0 : 1;
    }
    assert_true(failures >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_field_survives_a_round_trip),
        cmocka_unit_test(empty_input_gives_defaults),
        cmocka_unit_test(images_are_views_into_the_received_bytes),
        cmocka_unit_test(unknown_fields_are_skipped),
        cmocka_unit_test(repeated_numbers_may_come_unpacked),
        cmocka_unit_test(negative_int32_may_come_in_ten_or_five_bytes),
        cmocka_unit_test(text_with_nul_is_refused),
        cmocka_unit_test(text_that_is_no_utf8_is_refused),
        cmocka_unit_test(unknown_enumerator_is_refused),
        cmocka_unit_test(number_that_does_not_fit_is_refused),
        cmocka_unit_test(varint_of_more_than_64_bits_is_refused),
        cmocka_unit_test(field_that_occurs_twice_is_refused),
        cmocka_unit_test(two_members_of_a_oneof_are_refused),
        cmocka_unit_test(field_of_another_wire_type_is_refused),
        cmocka_unit_test(groups_and_field_zero_are_refused),
        cmocka_unit_test(length_beyond_the_end_is_refused),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(number_of_values_has_a_limit),
        cmocka_unit_test(values_inside_nested_messages_count_too),
        cmocka_unit_test(message_without_images_has_a_limit_of_bytes),
        cmocka_unit_test(image_may_be_larger_than_that),
        cmocka_unit_test(arena_has_a_limit),
        cmocka_unit_test(message_beyond_the_arena_is_refused),
        cmocka_unit_test(every_cut_of_a_message_is_handled),
        cmocka_unit_test(what_is_accepted_is_read_as_protobuf_c_reads_it),
        cmocka_unit_test(lack_of_memory_is_an_error_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
