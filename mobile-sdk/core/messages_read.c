#include "imi_core/messages.h"

#include "wire.h"

#define NUMBER(n) WIRE_KEY(n, WIRE_VARINT)
#define BYTES(n) WIRE_KEY(n, WIRE_BYTES)
#define FLOAT(n) WIRE_KEY(n, WIRE_FIXED32)

/* Shares beyond this are no place near a picture. */
static const float share_max = 4.0F;

/* A number that this core does not know says nothing to the person. */
static uint32_t known(uint64_t value, uint32_t last)
{
    return value <= last ? (uint32_t)value : 0;
}

static bool read_claim(imi_core_view bytes, imi_core_claim *out)
{
    reader r = read_view(bytes);
    wire_field field;
    while (imi_core_wire_next(&r, &field)) {
        switch (wire_key(&field)) {
        case BYTES(1):
            out->name = field.bytes;
            break;
        case BYTES(2):
            out->title = field.bytes;
            break;
        case BYTES(3):
            out->purpose = field.bytes;
            break;
        case NUMBER(4):
            out->retention_days = (uint32_t)field.value;
            break;
        case NUMBER(5):
            out->required = field.value != 0;
            break;
        }
    }
    return r.ok;
}

static bool add_claim(imi_core_view bytes, imi_core_joined *out)
{
    return out->claim_count < IMI_CORE_CLAIMS_MAX &&
           read_claim(bytes, &out->claims[out->claim_count++]);
}

bool imi_core_read_joined(imi_core_view answer, imi_core_joined *out)
{
    *out = (imi_core_joined){0};
    reader r = read_view(answer);
    wire_field field;
    while (imi_core_wire_next(&r, &field)) {
        switch (wire_key(&field)) {
        case BYTES(1):
            out->credential = field.bytes;
            break;
        case BYTES(2):
            out->purpose_title = field.bytes;
            break;
        case BYTES(3):
            out->consent_text = field.bytes;
            break;
        case NUMBER(4):
            out->expires_at_unix_ms = (int64_t)field.value;
            break;
        case BYTES(5):
            out->receiver = field.bytes;
            break;
        case BYTES(6):
            r.ok = add_claim(field.bytes, out);
            break;
        }
    }
    if (!r.ok || out->credential.size == 0) {
        *out = (imi_core_joined){0};
        return false;
    }
    return true;
}

/* The number of field 1, which is all that some answers have. */
static bool read_one_number(imi_core_view answer, uint32_t *out)
{
    uint32_t number = 0;
    reader r = read_view(answer);
    wire_field field;
    while (imi_core_wire_next(&r, &field)) {
        if (wire_key(&field) == NUMBER(1)) {
            number = (uint32_t)field.value;
        }
    }
    *out = r.ok ? number : 0;
    return r.ok;
}

bool imi_core_read_consented(imi_core_view answer, uint32_t *session_state_out)
{
    return read_one_number(answer, session_state_out);
}

bool imi_core_read_kept(imi_core_view answer, uint32_t *keep_reference_out)
{
    return read_one_number(answer, keep_reference_out);
}

bool imi_core_read_consent_record(imi_core_view answer, imi_core_consent_record *out)
{
    *out = (imi_core_consent_record){0};
    reader r = read_view(answer);
    wire_field field;
    while (imi_core_wire_next(&r, &field)) {
        switch (wire_key(&field)) {
        case BYTES(1):
            out->consent_json = field.bytes;
            break;
        case BYTES(2):
            out->receipt_json = field.bytes;
            break;
        }
    }
    if (!r.ok) {
        *out = (imi_core_consent_record){0};
    }
    return r.ok;
}

bool imi_core_read_decision_receipt(imi_core_view answer, imi_core_view *receipt_json_out)
{
    imi_core_consent_record record; /* its first field is this answer's only one */
    bool ok = imi_core_read_consent_record(answer, &record);
    *receipt_json_out = record.consent_json;
    return ok;
}

typedef struct number_list {
    uint32_t *numbers;
    uint32_t *count;
    uint32_t most;
} number_list;

static bool add_number(const number_list *list, uint64_t value)
{
    if (*list->count >= list->most) {
        return false;
    }
    list->numbers[(*list->count)++] = (uint32_t)value;
    return true;
}

/* Repeated numbers come packed, or one by one. */
static bool add_packed(const number_list *list, imi_core_view bytes)
{
    reader r = read_view(bytes);
    while (r.ok && r.left > 0) {
        uint64_t value = imi_core_wire_get_varint(&r);
        r.ok = r.ok && add_number(list, value);
    }
    return r.ok;
}

static bool add_numbers(const number_list *list, const wire_field *field)
{
    return field->type == WIRE_BYTES ? add_packed(list, field->bytes)
                                     : add_number(list, field->value);
}

static bool read_light(imi_core_view bytes, imi_core_begun *out)
{
    number_list colours = {out->colours, &out->colour_count, IMI_CORE_COLOURS_MAX};
    reader r = read_view(bytes);
    wire_field field;
    while (imi_core_wire_next(&r, &field)) {
        switch (wire_key(&field)) {
        case NUMBER(1):
            out->light_step_ms = (uint32_t)field.value;
            break;
        case NUMBER(2):
        case BYTES(2):
            r.ok = add_numbers(&colours, &field);
            break;
        }
    }
    return r.ok;
}

static void take_begun_field(const wire_field *field, imi_core_begun *out, bool *ok)
{
    number_list actions = {out->actions, &out->action_count, IMI_CORE_ACTIONS_MAX};
    number_list targets = {out->targets, &out->target_count, IMI_CORE_ACTIONS_MAX};
    switch (wire_key(field)) {
    case BYTES(1):
        out->capture_id = field->bytes;
        break;
    case BYTES(2):
        out->nonce = field->bytes;
        break;
    case NUMBER(3):
    case BYTES(3):
        *ok = add_numbers(&actions, field);
        break;
    case NUMBER(4):
        out->attempts_left = (uint32_t)field->value;
        break;
    case NUMBER(5):
        out->max_frame_bytes = (uint32_t)field->value;
        break;
    case NUMBER(6):
    case BYTES(6):
        *ok = add_numbers(&targets, field);
        break;
    case BYTES(7):
        *ok = read_light(field->bytes, out);
        break;
    case NUMBER(8):
        out->retry_after_ms = (uint32_t)field->value;
        break;
    case NUMBER(9):
        out->wait_reason = field->value != 0 ? IMI_CORE_REASON_SERVER_BUSY : IMI_CORE_REASON_NONE;
        break;
    }
}

/* Either a whole capture or a time to wait. */
static bool is_begun(const imi_core_begun *begun)
{
    return begun->retry_after_ms != 0 ||
           (begun->capture_id.size > 0 && begun->capture_id.size <= IMI_CORE_CAPTURE_ID_MAX &&
            begun->nonce.size == IMI_CORE_NONCE_SIZE && begun->max_frame_bytes > 0);
}

/* Who must wait without a word of others has tried too often. */
static uint32_t wait_reason(const imi_core_begun *begun)
{
    if (begun->retry_after_ms == 0) {
        return IMI_CORE_REASON_NONE;
    }
    return begun->wait_reason != IMI_CORE_REASON_NONE ? begun->wait_reason
                                                      : IMI_CORE_REASON_TRIED_TOO_OFTEN;
}

bool imi_core_read_begun(imi_core_view answer, imi_core_begun *out)
{
    *out = (imi_core_begun){0};
    reader r = read_view(answer);
    wire_field field;
    while (imi_core_wire_next(&r, &field)) {
        take_begun_field(&field, out, &r.ok);
    }
    if (!r.ok || !is_begun(out)) {
        *out = (imi_core_begun){0};
        return false;
    }
    out->wait_reason = wait_reason(out);
    return true;
}

/* A share in thousandths; false for what is no number or no share. */
static bool permille_of(uint64_t bits, int32_t *out)
{
    union {
        uint32_t bits;
        float value;
    } share = {.bits = (uint32_t)bits};
    if (!(share.value >= -share_max && share.value <= share_max)) {
        return false;
    }
    float rounding = share.value < 0 ? -0.5F : 0.5F;
    *out = (int32_t)(share.value * 1000.0F + rounding);
    return true;
}

static bool read_oval(imi_core_view bytes, imi_core_oval *out)
{
    bool shares = true;
    reader r = read_view(bytes);
    wire_field field;
    while (r.ok && imi_core_wire_next(&r, &field)) {
        switch (wire_key(&field)) {
        case FLOAT(1):
            shares &= permille_of(field.value, &out->centre_x_permille);
            break;
        case FLOAT(2):
            shares &= permille_of(field.value, &out->centre_y_permille);
            break;
        case FLOAT(3):
            shares &= permille_of(field.value, &out->height_permille);
            break;
        }
    }
    return r.ok && shares;
}

static bool read_feedback_fields(imi_core_view bytes, imi_core_feedback *out)
{
    reader r = read_view(bytes);
    wire_field field;
    while (imi_core_wire_next(&r, &field)) {
        switch (wire_key(&field)) {
        case NUMBER(1):
            out->sequence = field.value;
            break;
        case NUMBER(2):
            out->guidance = known(field.value, IMI_CORE_PHRASE_NOD);
            break;
        case NUMBER(3):
            out->actions_done = (uint32_t)field.value;
            break;
        case NUMBER(4):
            out->actions_total = (uint32_t)field.value;
            break;
        case NUMBER(5):
            out->outcome = known(field.value, IMI_CORE_OUTCOME_STAFF_REVIEW);
            break;
        case BYTES(6):
            out->has_target = true;
            r.ok = read_oval(field.bytes, &out->target);
            break;
        case NUMBER(7):
            out->skipped = field.value != 0;
            break;
        }
    }
    return r.ok;
}

bool imi_core_read_feedback(imi_core_view answer, imi_core_feedback *out)
{
    *out = (imi_core_feedback){0};
    reader r = read_view(answer);
    wire_field field;
    while (imi_core_wire_next(&r, &field)) {
        if (wire_key(&field) == BYTES(1)) {
            r.ok = read_feedback_fields(field.bytes, out);
        }
    }
    if (!r.ok || out->sequence == 0) {
        *out = (imi_core_feedback){0};
        return false;
    }
    return true;
}

bool imi_core_read_result(imi_core_view answer, imi_core_result *out)
{
    *out = (imi_core_result){0};
    reader r = read_view(answer);
    wire_field field;
    while (imi_core_wire_next(&r, &field)) {
        switch (wire_key(&field)) {
        case NUMBER(1):
            out->outcome = known(field.value, IMI_CORE_OUTCOME_STAFF_REVIEW);
            break;
        case NUMBER(2):
            out->advice = known(field.value, IMI_CORE_PHRASE_NOD);
            break;
        case NUMBER(3):
            out->attempts_left = (uint32_t)field.value;
            break;
        case NUMBER(4):
            out->keep_reference = (uint32_t)field.value;
            break;
        case BYTES(5):
            out->keep_reference_text = field.bytes;
            break;
        }
    }
    if (!r.ok) {
        *out = (imi_core_result){0};
    }
    return r.ok;
}
