/**
 * The messages of imi.v1.SubjectService and HolderService that a phone needs. Unknown fields are
 * passed over; texts are UTF-8 as the server sent it, not checked, not terminated.
 *
 * Writers: the bytes written; 0 if they do not fit or an argument is out of its bounds.
 * Readers: false if it is not well formed or holds more than the bounds below; out is all zero
 *          then. Views point into the answer.
 */
#ifndef IMI_CORE_MESSAGES_H
#define IMI_CORE_MESSAGES_H

#include "imi_core/codes.h"
#include "imi_core/upload_queue.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    IMI_CORE_CLAIMS_MAX = 16,
    IMI_CORE_ACTIONS_MAX = 16,
    IMI_CORE_COLOURS_MAX = 32,
    IMI_CORE_ACTION_LAST = 7, /* greatest number of enum ChallengeAction */
    IMI_CORE_FRAME_ENVELOPE_MAX = 192 /* SubmitFrame's bytes beside the JPEG, at most */
};

/** Bits of DeviceHints. */
enum { IMI_CORE_HINT_VIRTUAL_CAMERA = 1, IMI_CORE_HINT_EMULATOR = 2, IMI_CORE_HINT_AUTOMATION = 4 };

typedef struct imi_core_join {
    imi_core_view session_id;
    imi_core_view join_secret;
    imi_core_view device_public_key;
} imi_core_join;

typedef struct imi_core_begin {
    uint32_t cannot_mask; /* bit 1 << ChallengeAction */
    uint32_t hints; /* IMI_CORE_HINT_* */
    uint32_t attestation_kind; /* enum AttestationKind; 0 = none */
    imi_core_view attestation;
} imi_core_begin;

typedef struct imi_core_claim {
    imi_core_view name;
    imi_core_view title;
    imi_core_view purpose;
    uint32_t retention_days;
    bool required;
} imi_core_claim;

typedef struct imi_core_joined {
    imi_core_view credential;
    imi_core_view purpose_title;
    imi_core_view consent_text;
    imi_core_view receiver;
    int64_t expires_at_unix_ms;
    imi_core_claim claims[IMI_CORE_CLAIMS_MAX];
    uint32_t claim_count;
} imi_core_joined;

typedef struct imi_core_begun {
    imi_core_view capture_id;
    imi_core_view nonce; /* IMI_CORE_NONCE_SIZE bytes, or none with retry_after_ms */
    uint32_t actions[IMI_CORE_ACTIONS_MAX]; /* enum ChallengeAction */
    uint32_t action_count;
    uint32_t targets[IMI_CORE_ACTIONS_MAX];
    uint32_t target_count;
    uint32_t attempts_left;
    uint32_t max_frame_bytes;
    uint32_t retry_after_ms;
    uint32_t wait_reason; /* imi_core_reason; NONE with a capture */
    uint32_t light_step_ms;
    uint32_t colours[IMI_CORE_COLOURS_MAX]; /* 0xRRGGBB */
    uint32_t colour_count;
} imi_core_begun;

/** Shares of the picture in thousandths. */
typedef struct imi_core_oval {
    int32_t centre_x_permille;
    int32_t centre_y_permille;
    int32_t height_permille;
} imi_core_oval;

typedef struct imi_core_feedback {
    uint64_t sequence;
    uint32_t guidance; /* imi_core_phrase below 32; NONE for one that this core does not know */
    uint32_t actions_done;
    uint32_t actions_total;
    uint32_t outcome; /* imi_core_outcome; UNSPECIFIED for an unknown one */
    bool skipped;
    bool has_target;
    imi_core_oval target;
} imi_core_feedback;

typedef struct imi_core_result {
    uint32_t outcome;
    uint32_t advice; /* as guidance */
    uint32_t attempts_left;
    uint32_t keep_reference; /* enum KeepReference */
    imi_core_view keep_reference_text;
} imi_core_result;

/** What was agreed to, and its receipt. */
typedef struct imi_core_consent_record {
    imi_core_view consent_json;
    imi_core_view receipt_json; /* empty until the log has taken it in: ask again */
} imi_core_consent_record;

IMI_CORE_API size_t imi_core_write_join(const imi_core_join *join, uint8_t *out, size_t capacity);
/** Also writes AnswerAdditionalReference, which has the same shape without claims. */
IMI_CORE_API size_t imi_core_write_consent(bool accepted, const imi_core_view *claims,
                                           uint32_t claim_count, uint8_t *out, size_t capacity);
/** An empty request is no error: *written tells. False if it does not fit. */
IMI_CORE_API bool imi_core_write_begin(const imi_core_begin *begin, uint8_t *out, size_t capacity,
                                       size_t *written);
IMI_CORE_API size_t imi_core_write_frame(imi_core_view capture_id, const imi_core_frame *frame,
                                         uint8_t *out, size_t capacity);

IMI_CORE_API bool imi_core_read_joined(imi_core_view answer, imi_core_joined *out);
/** enum SessionState. */
IMI_CORE_API bool imi_core_read_consented(imi_core_view answer, uint32_t *session_state_out);
IMI_CORE_API bool imi_core_read_begun(imi_core_view answer, imi_core_begun *out);
IMI_CORE_API bool imi_core_read_feedback(imi_core_view answer, imi_core_feedback *out);
IMI_CORE_API bool imi_core_read_result(imi_core_view answer, imi_core_result *out);
/** Answer of AnswerAdditionalReference: enum KeepReference. */
IMI_CORE_API bool imi_core_read_kept(imi_core_view answer, uint32_t *keep_reference_out);
/** Answer of HolderService.GetConsent, whose request is empty. */
IMI_CORE_API bool imi_core_read_consent_record(imi_core_view answer, imi_core_consent_record *out);
/** Answer of HolderService.GetDecisionReceipt, whose request is empty: JSON, empty for not yet. */
IMI_CORE_API bool imi_core_read_decision_receipt(imi_core_view answer,
                                                 imi_core_view *receipt_json_out);

#ifdef __cplusplus
}
#endif
#endif
