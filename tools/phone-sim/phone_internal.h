/** State of a simulated phone, shared by its two source files. */
#ifndef IMI_TOOLS_PHONE_INTERNAL_H
#define IMI_TOOLS_PHONE_INTERNAL_H

#include "imi/token.h"
#include "phone-sim/device_key.h"
#include "phone-sim/phone.h"

enum { IMI_PHONE_AUTHORIZATION_SIZE = 160 };

struct imi_phone {
    imi_phone_options options;
    imi_device_key *key;
    char session_id[IMI_ID_SIZE];
    char authorization[IMI_PHONE_AUTHORIZATION_SIZE]; /* "Bearer ...", empty before Join */
    char required[IMI_POLICY_CLAIMS_MAX][IMI_TOKEN_NAME_SIZE]; /* claims, as Join named them */
    size_t required_count;
};

/** Tell the observer, if there is one. */
void imi_phone_tell(const imi_phone *phone, const imi_phone_event *event);

/** BeginCapture. */
IMI_MUST_USE imi_status imi_phone_begin(imi_phone *phone, imi_capture_begun *out, imi_error *err);

#endif
