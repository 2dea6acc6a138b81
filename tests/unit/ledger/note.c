/* Notes, keys and checkpoints: published examples, own ones, hostile ones. */
#include "land.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The example of Go's golang.org/x/mod/sumdb/note. */
static const char peter_key[] =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char peter_note[] =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\xE2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvq"
    "fqdngotpRZb6KE6RyyBwJnAM=\n";
/* The example of C2SP tlog-checkpoint. */
static const char sofa_text[] = "example.com/behind-the-sofa\n"
                                "20852163\n"
                                "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

#define LINE "\xE2\x80\x94 somebody AAAAAAA=\n"

static imi_note_key key_of(const char *text)
{
    imi_note_key key;
    assert_int_equal(imi_note_key_parse(land_text(text), &key, NULL), IMI_OK);
    return key;
}

static imi_status parse(const char *text)
{
    imi_note note;
    return imi_note_parse(land_text(text), &note, NULL);
}

static void test_the_published_note_verifies(void **state)
{
    (void)state;
    imi_note note;
    imi_note_key key = key_of(peter_key);
    assert_int_equal(imi_note_parse(land_text(peter_note), &note, NULL), IMI_OK);
    assert_int_equal(imi_note_verify(&note, &key, NULL, NULL), IMI_OK);
}

static void test_a_changed_note_does_not_verify(void **state)
{
    (void)state;
    char text[sizeof peter_note];
    imi_note_key key = key_of(peter_key);
    for (size_t i = 0; i < 90; i += 11) { /* within the text */
        memcpy(text, peter_note, sizeof text);
        text[i] ^= 1;
        imi_note note;
        assert_int_equal(imi_note_parse(land_text(text), &note, NULL), IMI_OK);
        assert_int_equal(imi_note_verify(&note, &key, NULL, NULL), IMI_E_LEDGER_SIGNATURE);
    }
}

static void test_published_keys_are_written_as_they_were_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        imi_note_algorithm algorithm;
    } keys[] = {
        {peter_key, IMI_NOTE_ED25519},
        {"EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop", IMI_NOTE_ED25519},
        /* C2SP signed-note's own */
        {"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", IMI_NOTE_ED25519},
        /* github.com/transparency-dev/formats: a plus sign in the base64; a witness in use */
        {"TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6", IMI_NOTE_ED25519},
        {"remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
         IMI_NOTE_COSIGNATURE},
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char text[IMI_NOTE_KEY_TEXT_SIZE];
        imi_note_key key = key_of(keys[i].text);
        assert_int_equal(key.algorithm, keys[i].algorithm);
        assert_int_equal(imi_note_key_format(&key, text, NULL), IMI_OK);
        assert_string_equal(text, keys[i].text);
    }
}

static void test_bad_keys_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+x74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq_LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        imi_note_key key;
        if (imi_note_key_parse(land_text(bad[i]), &key, NULL) != IMI_E_LEDGER_FORMAT) {
            fail_msg("taken: %s", bad[i]);
        }
        assert_int_equal(key.algorithm, IMI_NOTE_NONE);
    }
}

static void test_malformed_notes_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "\n",
        "text\n",
        "text\n\n",
        "text\n" LINE,
        "text\n\n" LINE "\n",
        "text\n\n- somebody AAAAAAA=\n",
        "text\n\n\xE2\x80\x94 somebody AAAAAAA=",
        "text\n\n\xE2\x80\x94 somebody\n",
        "text\n\n\xE2\x80\x94  AAAAAAA=\n",
        "text\n\n\xE2\x80\x94 some+body AAAAAAA=\n",
        "text\n\n\xE2\x80\x94 some\xC2\xA0"
        "body AAAAAAA=\n",
        "text\n\n\xE2\x80\x94 somebody AAAAAA==\n", /* an id and no signature */
        "text\n\n\xE2\x80\x94 somebody AAAAAAA\n",
        "text\n\n\xE2\x80\x94 somebody AAAAAAB=\n", /* stray bits */
        "text\n\n\xE2\x80\x94 somebody AAAA-AA=\n",
        "text\n\n\xE2\x80\x94 somebody AAAAAAA= \n",
        "te\txt\n\n" LINE,
        "text\r\n\n" LINE,
        "te\xFFxt\n\n" LINE,
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (parse(bad[i]) != IMI_E_LEDGER_FORMAT) {
            fail_msg("taken: %s", bad[i]);
        }
    }
    assert_int_equal(parse("text\n\n" LINE), IMI_OK);
}

static void test_a_text_may_have_empty_lines(void **state)
{
    (void)state;
    imi_note note;
    assert_int_equal(imi_note_parse(land_text("a\n\nb\n\n" LINE), &note, NULL), IMI_OK);
    assert_true(imi_view_equal(note.text, land_text("a\n\nb\n")));
}

static void test_too_many_signatures_are_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    imi_note note;
    assert_int_equal(imi_buffer_append_text(&text, "text\n\n", NULL), IMI_OK);
    for (int i = 0; i < IMI_NOTE_SIGNATURES_MAX; i++) {
        assert_int_equal(imi_buffer_append_text(&text, LINE, NULL), IMI_OK);
    }
    assert_int_equal(imi_note_parse(imi_buffer_view(&text), &note, NULL), IMI_OK);
    assert_int_equal(imi_buffer_append_text(&text, LINE, NULL), IMI_OK);
    assert_int_equal(imi_note_parse(imi_buffer_view(&text), &note, NULL), IMI_E_LEDGER_FORMAT);
}

static void test_a_huge_note_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    imi_note note;
    for (int i = 0; i <= IMI_NOTE_BYTES_MAX / 64; i++) {
        assert_int_equal(imi_buffer_printf(&text, NULL, "%063d\n", i), IMI_OK);
    }
    assert_int_equal(imi_buffer_append_text(&text, "\n" LINE, NULL), IMI_OK);
    assert_int_equal(imi_note_parse(imi_buffer_view(&text), &note, NULL), IMI_E_LEDGER_FORMAT);
}

static void test_the_published_checkpoint_is_read_and_written_alike(void **state)
{
    (void)state;
    imi_checkpoint checkpoint;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    assert_int_equal(imi_checkpoint_parse(land_text(sofa_text), &checkpoint, NULL), IMI_OK);
    assert_string_equal(checkpoint.origin, "example.com/behind-the-sofa");
    assert_int_equal(checkpoint.size, 20852163);
    assert_int_equal(imi_checkpoint_format(&checkpoint, &text, NULL), IMI_OK);
    assert_true(imi_view_equal(imi_buffer_view(&text), land_text(sofa_text)));
}

#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

static void test_malformed_checkpoints_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "log\n",
        "log\n1\n",
        "log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
        "\n1\n" ROOT,
        "log\n01\n" ROOT,
        "log\n-1\n" ROOT,
        "log\n+1\n" ROOT,
        "log\n 1\n" ROOT,
        "log\n1 \n" ROOT,
        "log\n\n" ROOT,
        "log\n0x1\n" ROOT,
        "log\n18446744073709551616\n" ROOT,
        "log\n9223372036854775807\n" ROOT, /* larger than any log */
        "log\n99999999999999999999999\n" ROOT,
        "log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jx\n",
        "log\n1\n" ROOT "\n",
        "log\n1\n" ROOT "extension",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        imi_checkpoint checkpoint;
        if (imi_checkpoint_parse(land_text(bad[i]), &checkpoint, NULL) != IMI_E_LEDGER_FORMAT) {
            fail_msg("taken: %s", bad[i]);
        }
    }
    imi_checkpoint checkpoint;
    assert_int_equal(
        imi_checkpoint_parse(land_text("log\n0\n" ROOT "extension\n"), &checkpoint, NULL), IMI_OK);
}

/* ---- Signing ---- */

typedef struct signed_note {
    imi_buffer bytes;
    imi_note_signer *log, *witness, *second;
    imi_note_key witnesses[2];
    imi_ledger_trust trust;
} signed_note;

static imi_note_signer *load(const char *name, imi_note_algorithm algorithm)
{
    imi_note_signer *signer = NULL;
    assert_int_equal(imi_note_signer_load(land_path(name), name, algorithm, &signer, NULL), IMI_OK);
    return signer;
}

static const char log_text[] = "log\n7\n" ROOT;

static void append_signature(signed_note *self, const imi_note_signer *signer, uint64_t time_s)
{
    assert_int_equal(imi_note_sign(signer, land_text(log_text), time_s, &self->bytes, NULL),
                     IMI_OK);
}

static int set_up_signed(void **state)
{
    static signed_note self;
    if (land_set_up(state) != 0) {
        return -1;
    }
    self = (signed_note){.bytes = IMI_BUFFER_INIT};
    self.log = load("log", IMI_NOTE_ED25519);
    self.witness = load("w1", IMI_NOTE_COSIGNATURE);
    self.second = load("w2", IMI_NOTE_COSIGNATURE);
    self.witnesses[0] = *imi_note_signer_key(self.witness);
    self.witnesses[1] = *imi_note_signer_key(self.second);
    self.trust = (imi_ledger_trust){imi_note_signer_key(self.log), self.witnesses, 2, 1};
    assert_int_equal(imi_buffer_printf(&self.bytes, NULL, "%s\n", log_text), IMI_OK);
    append_signature(&self, self.log, 0);
    *state = &self;
    return 0;
}

static int tear_down_signed(void **state)
{
    signed_note *self = *state;
    imi_buffer_clean_up(&self->bytes);
    imi_note_signer_destroy(&self->log);
    imi_note_signer_destroy(&self->witness);
    imi_note_signer_destroy(&self->second);
    return land_tear_down(state);
}

static imi_status open_note(signed_note *self, imi_checkpoint *out, size_t *cosigned)
{
    return imi_checkpoint_open(imi_buffer_view(&self->bytes), &self->trust, out, cosigned, NULL);
}

static void test_a_checkpoint_counts_its_witnesses(void **state)
{
    signed_note *self = *state;
    imi_checkpoint checkpoint;
    size_t cosigned = 9;
    assert_int_equal(open_note(self, &checkpoint, &cosigned), IMI_E_LEDGER_WITNESS);
    assert_int_equal(cosigned, 0);
    assert_int_equal(checkpoint.size, 7);
    append_signature(self, self->witness, 1700000000);
    assert_int_equal(open_note(self, &checkpoint, &cosigned), IMI_OK);
    assert_int_equal(cosigned, 1);
    /* Twice is once. */
    append_signature(self, self->witness, 1700000001);
    self->trust.witnesses_needed = 2;
    assert_int_equal(open_note(self, &checkpoint, &cosigned), IMI_E_LEDGER_WITNESS);
    append_signature(self, self->second, 1700000002);
    assert_int_equal(open_note(self, &checkpoint, &cosigned), IMI_OK);
    assert_int_equal(cosigned, 2);
}

static void test_a_cosignature_tells_its_time(void **state)
{
    signed_note *self = *state;
    imi_note note;
    uint64_t time_s = 0;
    append_signature(self, self->witness, 1700000000);
    assert_int_equal(imi_note_parse(imi_buffer_view(&self->bytes), &note, NULL), IMI_OK);
    assert_int_equal(imi_note_verify(&note, &self->witnesses[0], &time_s, NULL), IMI_OK);
    assert_int_equal(time_s, 1700000000);
}

static void test_a_wrong_cosignature_spoils_the_checkpoint(void **state)
{
    signed_note *self = *state;
    imi_checkpoint checkpoint;
    size_t cosigned = 0;
    /* Over another text, by the right key. */
    assert_int_equal(
        imi_note_sign(self->witness, land_text("log\n8\n" ROOT), 1700000000, &self->bytes, NULL),
        IMI_OK);
    assert_int_equal(open_note(self, &checkpoint, &cosigned), IMI_E_LEDGER_SIGNATURE);
    assert_int_equal(checkpoint.size, 0);
}

static void test_unknown_signatures_are_ignored(void **state)
{
    signed_note *self = *state;
    imi_checkpoint checkpoint;
    imi_note_signer *stranger = load("stranger", IMI_NOTE_COSIGNATURE);
    append_signature(self, stranger, 1700000000);
    imi_note_signer_destroy(&stranger);
    size_t cosigned = 9;
    assert_int_equal(open_note(self, &checkpoint, &cosigned), IMI_E_LEDGER_WITNESS);
    assert_int_equal(cosigned, 0);
    self->trust.witnesses_needed = 0;
    assert_int_equal(open_note(self, &checkpoint, &cosigned), IMI_OK);
}

static void test_another_logs_checkpoint_is_refused(void **state)
{
    signed_note *self = *state;
    imi_checkpoint checkpoint;
    imi_note_signer *other = load("other", IMI_NOTE_ED25519);
    self->trust = (imi_ledger_trust){.log = imi_note_signer_key(other)};
    assert_int_equal(open_note(self, &checkpoint, NULL), IMI_E_LEDGER_LOG);
    imi_note_signer_destroy(&other);
    /* The same name with another key. */
    imi_note_key thief;
    assert_int_equal(
        imi_note_key_init("log", IMI_NOTE_ED25519, self->witnesses[0].public_key, &thief, NULL),
        IMI_OK);
    self->trust.log = &thief;
    assert_int_equal(open_note(self, &checkpoint, NULL), IMI_E_LEDGER_LOG);
}

static void assert_no_trust(signed_note *self)
{
    imi_checkpoint checkpoint;
    assert_int_equal(open_note(self, &checkpoint, NULL), IMI_E_INVALID_ARGUMENT);
}

static void test_one_key_is_not_two_witnesses(void **state)
{
    signed_note *self = *state;
    assert_int_equal(imi_note_key_init("w2", IMI_NOTE_COSIGNATURE, self->witnesses[0].public_key,
                                       &self->witnesses[1], NULL),
                     IMI_OK);
    assert_no_trust(self);
    self->trust.witness_count = 1;
    self->trust.witnesses_needed = 2;
    assert_no_trust(self);
    /* The log does not witness itself. */
    self->trust.witnesses_needed = 1;
    assert_int_equal(imi_note_key_init("w1", IMI_NOTE_COSIGNATURE, self->trust.log->public_key,
                                       &self->witnesses[0], NULL),
                     IMI_OK);
    assert_no_trust(self);
}

static void test_a_key_file_is_kept_and_guarded(void **state)
{
    signed_note *self = *state;
    imi_note_signer *again = load("log", IMI_NOTE_ED25519);
    assert_memory_equal(imi_note_signer_key(again), imi_note_signer_key(self->log),
                        sizeof(imi_note_key));
    imi_note_signer_destroy(&again);
    land_write("open.key", land_text("x")); /* mode 0644 */
    assert_int_equal(
        imi_note_signer_load(land_path("open.key"), "log", IMI_NOTE_ED25519, &again, NULL),
        IMI_E_KEY);
    assert_null(again);
}

#define SIGNED(test) cmocka_unit_test_setup_teardown(test, set_up_signed, tear_down_signed)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_published_note_verifies),
        cmocka_unit_test(test_a_changed_note_does_not_verify),
        cmocka_unit_test(test_published_keys_are_written_as_they_were_read),
        cmocka_unit_test(test_bad_keys_are_refused),
        cmocka_unit_test(test_malformed_notes_are_refused),
        cmocka_unit_test(test_a_text_may_have_empty_lines),
        cmocka_unit_test(test_too_many_signatures_are_refused),
        cmocka_unit_test(test_a_huge_note_is_refused),
        cmocka_unit_test(test_the_published_checkpoint_is_read_and_written_alike),
        cmocka_unit_test(test_malformed_checkpoints_are_refused),
        SIGNED(test_a_checkpoint_counts_its_witnesses),
        SIGNED(test_a_cosignature_tells_its_time),
        SIGNED(test_a_wrong_cosignature_spoils_the_checkpoint),
        SIGNED(test_unknown_signatures_are_ignored),
        SIGNED(test_another_logs_checkpoint_is_refused),
        SIGNED(test_one_key_is_not_two_witnesses),
        SIGNED(test_a_key_file_is_kept_and_guarded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
