/**
 * An engine and a scorer that read scenes (../session/scene.h), for tests of the examiner.
 */
#ifndef IMI_TESTS_STAGE_H
#define IMI_TESTS_STAGE_H

#include "imi/examine.h"
#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct stage {
    scene_models models;
    imi_engine *engine;
    imi_scorer *scorer;
    imi_examiner *examiner; /* by stage_examiner_new */
    int detections; /* calls of the detector */
    int embeddings; /* of the extractor */
    uint64_t sequence; /* of the last frame */
    int64_t now_ms;
    bool hurried; /* frames are shown as to a busy server */
    bool on_line; /* when frames arrive is known: */
    int64_t line_ms; /* so long after they were taken, by another clock */
} stage;

/** As cmocka set-up and tear-down; *state is the stage. */
int stage_set_up(void **state);
int stage_tear_down(void **state);

/** Make the stage's examiner; challenge in text form, NULL: none. */
void stage_examiner_new(stage *s, const char *challenge);
/** Show a scene so much later; each with fresh noise. */
imi_examined stage_show(stage *s, scene what, int64_t after_ms);
/** Show it so many times, a tenth of a second apart; what came of the last. */
imi_examined stage_hold(stage *s, scene what, int frames);
/** Tell a frame that is not looked at. */
void stage_skip(stage *s, scene what, int64_t after_ms);
imi_findings stage_report(const stage *s);

#endif
