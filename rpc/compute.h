/** The compute pool: one engine with its own networks and document reader per worker thread. */
#ifndef IMI_RPC_COMPUTE_H
#define IMI_RPC_COMPUTE_H

#include "imi/compare.h"
#include "imi/pool.h"
#include "imi/store.h"

#include <stdbool.h>

typedef struct imi_compute imi_compute;

/**
 * Load the models once per worker and start the threads.
 *
 * Errors: those of imi_model_set_load.
 */
IMI_MUST_USE imi_status imi_compute_new(const char *models_folder, size_t workers,
                                        imi_compute **out, imi_error *err);
void imi_compute_destroy(imi_compute **compute);
IMI_AUTO_DEFINE(imi_compute, imi_compute_destroy)

/** The pool; worker state is an imi_engine *. */
imi_pool *imi_compute_pool(const imi_compute *compute);
/** Errors: IMI_E_MODEL_MISMATCH unless the calibration was made with the loaded extractors. */
IMI_MUST_USE imi_status imi_compute_check_scorer(const imi_compute *compute,
                                                 const imi_scorer *scorer, imi_error *err);
/** Ids of the extractors, joined by '+': what templates and decisions are tied to. */
const char *imi_compute_model_version(const imi_compute *compute);
/** The passive attack detection models are there. */
bool imi_compute_has_pad(const imi_compute *compute);

#endif
