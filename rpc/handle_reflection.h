/**
 * gRPC server reflection, v1 and v1alpha: which services there are, and their descriptors.
 */
#ifndef IMI_RPC_HANDLE_REFLECTION_H
#define IMI_RPC_HANDLE_REFLECTION_H

#include "rpc/transport.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct imi_reflection imi_reflection;

/** The descriptors of every .proto that the server serves: a FileDescriptorSet. Static. */
imi_view imi_reflection_embedded(void);

/**
 * Read a FileDescriptorSet and note the services (names are borrowed); reflection's own two
 * are added.
 *
 * Ownership: descriptors outlive the object.
 * Threads:   immutable once made.
 * Errors:    IMI_E_RPC_MESSAGE when the descriptors do not parse.
 */
IMI_MUST_USE imi_status imi_reflection_new(imi_view descriptors, const imi_rpc_service *services,
                                           size_t count, imi_reflection **out, imi_error *err);
/** After the server that serves it. */
void imi_reflection_destroy(imi_reflection **reflection);
IMI_AUTO_DEFINE(imi_reflection, imi_reflection_destroy)

/** What to register with the server; user is the reflection object. */
imi_rpc_service imi_reflection_service_v1(imi_reflection *reflection);
imi_rpc_service imi_reflection_service_v1alpha(imi_reflection *reflection);

#ifdef __cplusplus
}
#endif
#endif
