/**
 * Makes of a photo what an identity card's chip holds: a small grey portrait, cropped to the
 * face and strongly compressed.
 */
#ifndef IMI_TOOLS_PORTRAIT_H
#define IMI_TOOLS_PORTRAIT_H

#include "imi/engine.h"
#include "imi/memory.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { IMI_PORTRAIT_WIDTH = 102, IMI_PORTRAIT_HEIGHT = 126, IMI_PORTRAIT_QUALITY = 30 };

/** The models and the engine, for tools that look at images themselves. One thread each. */
typedef struct imi_tool_engine imi_tool_engine;

/** folder: where manifest.json lies; NULL: models/ beside the program's folder. */
IMI_MUST_USE imi_status imi_tool_engine_new(const char *folder, imi_tool_engine **out,
                                            imi_error *err);
void imi_tool_engine_destroy(imi_tool_engine **engine);
IMI_AUTO_DEFINE(imi_tool_engine, imi_tool_engine_destroy)
imi_engine *imi_tool_engine_view(imi_tool_engine *engine);

/**
 * Crop, shrink, make grey and compress.
 *
 * Shape:  IMI_PORTRAIT_WIDTH x IMI_PORTRAIT_HEIGHT, eyes level, 28 pixels apart, at 46 % of
 *         the height; appends a JPEG of quality IMI_PORTRAIT_QUALITY.
 * Errors: IMI_E_NOT_FOUND when the photo shows no face, IMI_E_CONFLICT when several.
 */
IMI_MUST_USE imi_status imi_portrait_make(imi_engine *engine, const imi_image *photo,
                                          imi_buffer *jpeg_out, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
