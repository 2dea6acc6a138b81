/**
 * The portable core of the mobile SDK: everything that a web page, an Android app and an iOS app
 * do alike. Platform code brings camera, JPEG, TLS, SHA-256, key store and voice.
 *
 * Ownership: objects live in storage of the caller, aligned to 8 bytes, of the size that the
 *            object's _size function tells; init answers NULL for less. Nothing is to be freed.
 * Units:     times in milliseconds of a clock of the caller that never goes back, unless a name
 *            says otherwise.
 */
#ifndef IMI_CORE_IMI_CORE_H
#define IMI_CORE_IMI_CORE_H

#include "imi_core/api.h"
#include "imi_core/backoff.h"
#include "imi_core/codes.h"
#include "imi_core/frame_chain.h"
#include "imi_core/frame_choice.h"
#include "imi_core/frame_quality.h"
#include "imi_core/grpc_web.h"
#include "imi_core/messages.h"
#include "imi_core/offline_script.h"
#include "imi_core/pacing.h"
#include "imi_core/saved_state.h"
#include "imi_core/session.h"
#include "imi_core/upload_queue.h"

#endif
