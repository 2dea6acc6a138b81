/*
 * imi.v1.AdministrationService: the calibration job.
 */
#include "rpc/administration_call.h"

#include "verifier/session/calibration_job.h"

_Static_assert((int)IMI__V1__CALIBRATION_STATE__CALIBRATION_STATE_CANCELLED ==
                   IMI_CALIBRATION_CANCELLED,
               "states of calibrations differ");

static imi_status start_calibration(imi_service *service, imi_rpc_call *call, const void *message,
                                    imi_buffer *response, imi_error *err)
{
    (void)service;
    (void)message;
    IMI_AUTO_ADMIN_CALL self;
    IMI_TRY(imi_admin_call_begin(call, &self, err));
    if (self.calibration == NULL) {
        IMI_FAIL(err, IMI_E_UNSUPPORTED, "this server does not calibrate");
    }
    const imi_calibration_job_options options = IMI_CALIBRATION_JOB_OPTIONS;
    IMI_TRY(imi_calibration_job_start(self.calibration, self.name, &options, err));
    Imi__V1__StartCalibrationResponse answer = IMI__V1__START_CALIBRATION_RESPONSE__INIT;
    return imi_handler_respond(&answer, response, err);
}

/* The newest calibration, if there is one. */
static imi_status fill_newest(imi_admin_call *self, Imi__V1__GetCalibrationResponse *answer,
                              imi_error *err)
{
    imi_calibration_record newest;
    bool found = false;
    IMI_TRY(imi_administration_newest_calibration(self->administration, self->name, &newest, &found,
                                                  err));
    if (found) {
        answer->newest = imi_calibration_message(&self->arena, &newest);
        IMI_NEED_MESSAGE(answer->newest, err);
    }
    return IMI_OK;
}

static imi_status get_calibration(imi_service *service, imi_rpc_call *call, const void *message,
                                  imi_buffer *response, imi_error *err)
{
    (void)service;
    (void)message;
    IMI_AUTO_ADMIN_CALL self;
    IMI_TRY(imi_admin_call_begin(call, &self, err));
    Imi__V1__GetCalibrationResponse answer = IMI__V1__GET_CALIBRATION_RESPONSE__INIT;
    imi_calibration_status *job = imi_arena_alloc(&self.arena, sizeof *job);
    IMI_NEED_MESSAGE(job, err);
    if (self.calibration != NULL) {
        imi_calibration_job_status(self.calibration, job);
        answer.state = (Imi__V1__CalibrationState)job->state;
        answer.done = job->done;
        answer.total = job->total;
        answer.duplicates = job->duplicates;
        answer.failure = job->error.message;
    }
    IMI_TRY(fill_newest(&self, &answer, err));
    return imi_handler_respond(&answer, response, err);
}

imi_rpc_flow imi_on_start_calibration(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__start_calibration_request__descriptor,
                           start_calibration);
}

imi_rpc_flow imi_on_get_calibration(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__get_calibration_request__descriptor,
                           get_calibration);
}
