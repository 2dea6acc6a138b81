/** What the handlers of the administration share: the caller and room for the answer. */
#ifndef IMI_RPC_ADMINISTRATION_CALL_H
#define IMI_RPC_ADMINISTRATION_CALL_H

#include "rpc/administration_message.h"
#include "rpc/handler.h"

/** A call of an administrator. Clean up: frees what the answer is made of. */
typedef struct imi_admin_call {
    imi_administration *administration;
    struct imi_calibration_job *calibration; /* NULL: this server has none */
    char name[IMI_STORE_NAME_SIZE];
    imi_arena arena;
} imi_admin_call;

/** Errors: IMI_E_UNAUTHENTICATED, IMI_E_PERMISSION. */
IMI_MUST_USE imi_status imi_admin_call_begin(imi_rpc_call *call, imi_admin_call *out,
                                             imi_error *err);
void imi_admin_call_clean_up(imi_admin_call *self);
#define IMI_AUTO_ADMIN_CALL __attribute__((cleanup(imi_admin_call_clean_up))) imi_admin_call

/** Return from the function unless a message could be made. */
#define IMI_NEED_MESSAGE(message, err)                                                             \
    do {                                                                                           \
        if ((message) == NULL) {                                                                   \
            IMI_FAIL((err), IMI_E_NO_MEMORY, "no memory for an answer");                           \
        }                                                                                          \
    } while (0)

/* Methods of the other files, for the table of handle_administration.c. */
imi_rpc_flow imi_on_start_calibration(imi_rpc_call *call, imi_view message);
imi_rpc_flow imi_on_get_calibration(imi_rpc_call *call, imi_view message);
imi_rpc_flow imi_on_get_calibration_report(imi_rpc_call *call, imi_view message);
imi_rpc_flow imi_on_list_audit(imi_rpc_call *call, imi_view message);
imi_rpc_flow imi_on_list_duplicates(imi_rpc_call *call, imi_view message);
imi_rpc_flow imi_on_review_duplicate(imi_rpc_call *call, imi_view message);
imi_rpc_flow imi_on_get_cohort(imi_rpc_call *call, imi_view message);
imi_rpc_flow imi_on_list_keys(imi_rpc_call *call, imi_view message);
imi_rpc_flow imi_on_rotate_key(imi_rpc_call *call, imi_view message);
imi_rpc_flow imi_on_drop_key(imi_rpc_call *call, imi_view message);

#endif
