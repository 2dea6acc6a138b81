/** State of a simulated phone, shared by its two source files. */
#ifndef IMI_TOOLS_PHONE_INTERNAL_H
#define IMI_TOOLS_PHONE_INTERNAL_H

#include "phone-sim/device_key.h"
#include "phone-sim/phone.h"

enum { IMI_PHONE_AUTHORIZATION_SIZE = 160 };

struct imi_phone {
    imi_phone_options options;
    imi_device_key *key;
    char session_id[IMI_ID_SIZE];
    char authorization[IMI_PHONE_AUTHORIZATION_SIZE]; /* "Bearer ...", empty before Join */
};

/** Tell the observer, if there is one. */
void imi_phone_tell(const imi_phone *phone, const imi_phone_event *event);

/** BeginCapture. */
IMI_MUST_USE imi_status imi_phone_begin(imi_phone *phone, imi_capture_begun *out, imi_error *err);

#endif
