/**
 * Where the fields of the core's structs lie in WebAssembly's memory (wasm32: pointers and size_t
 * have 4 bytes). The one place that knows; tests/web/unit compares it with the C compiler.
 * As const enum only the numbers are in what is built.
 */
export const enum view { SIZE = 8, data = 0, size = 4 }
export const enum answer { SIZE = 12, message = 0, status = 8 }
export const enum step { SIZE = 4, next = 0, handled = 1, actions = 2 }
export const enum cue { SIZE = 8, phrase = 0, speak = 4 }
export const enum join { SIZE = 24, session_id = 0, join_secret = 8, device_public_key = 16 }
export const enum begin {
  SIZE = 20, cannot_mask = 0, hints = 4, attestation_kind = 8, attestation = 12,
}
export const enum claim {
  SIZE = 32, name = 0, title = 8, purpose = 16, retention_days = 24, required = 28,
}
export const enum joined {
  SIZE = 560, credential = 0, purpose_title = 8, consent_text = 16, receiver = 24,
  expires_at_unix_ms = 32, claims = 40, claim_count = 40 + 16 * claim.SIZE,
}
export const enum begun {
  SIZE = 304, capture_id = 0, nonce = 8, actions = 16, action_count = 80, attempts_left = 152,
  max_frame_bytes = 156, retry_after_ms = 160, wait_reason = 164, light_step_ms = 168,
  colours = 172, colour_count = 300,
}
export const enum oval {
  SIZE = 12, centre_x_permille = 0, centre_y_permille = 4, height_permille = 8,
}
export const enum feedback {
  SIZE = 40, sequence = 0, guidance = 8, actions_done = 12, actions_total = 16, outcome = 20,
  skipped = 24, has_target = 25, target = 28,
}
export const enum result {
  SIZE = 24, outcome = 0, advice = 4, attempts_left = 8, keep_reference = 12,
  keep_reference_text = 16,
}
export const enum consent_record { SIZE = 16, consent_json = 0, receipt_json = 8 }
export const enum luma { SIZE = 16, pixels = 0, width = 4, height = 8, stride_bytes = 12 }
export const enum quality { SIZE = 20, sharpness_milli = 0, mean_milli = 4, motion_milli = 16 }
export const enum queue_options { SIZE = 12, window = 0, random = 4, user = 8 }
export const enum frame {
  SIZE = 96, sequence = 0, captured_at_unix_ms = 8, light_shown_ms = 16, jpeg = 20, signature = 28,
}
export const enum plan { SIZE = 12, jpeg_bytes = 0, period_ms = 4, rate_bytes_per_s = 8 }
export const enum loaded { SIZE = 16, state = 0, expires_at_unix_ms = 8 }

export const NONCE_SIZE = 32;
export const SIGNATURE_SIZE = 64;
export const FRAME_MESSAGE_SIZE = 160;
export const FRAME_ENVELOPE_MAX = 192;
export const GRPC_WEB_HEADER_SIZE = 5;
export const GRPC_WEB_ANSWER_MAX = 256 * 1024;
