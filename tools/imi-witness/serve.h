/**
 * imi-witness: the witness of imi/ledger_witness.h over HTTP.
 */
#ifndef IMI_WITNESS_SERVE_H
#define IMI_WITNESS_SERVE_H

#include "imi/ledger_witness.h"

typedef struct witness_server witness_server;

/**
 * Serve POST /add-checkpoint.
 *
 * Shape:     listen: "HOST:PORT", a numeric or local name; port 0 picks one, see port_out.
 * Ownership: witness is borrowed and outlives the server.
 * Errors:    IMI_E_INVALID_ARGUMENT, IMI_E_IO when the address is taken.
 */
IMI_MUST_USE imi_status witness_server_start(imi_witness *witness, const char *listen,
                                             witness_server **out, unsigned *port_out,
                                             imi_error *err);
/** Answers what was begun, then stops. */
void witness_server_stop(witness_server **server);

#endif
