/**
 * Looks at many presentations on all cores, an engine each.
 */
#ifndef IMI_EVAL_PRESENTATION_RUN_H
#define IMI_EVAL_PRESENTATION_RUN_H

#include "arguments.h"
#include "presentation.h"

#include "imi/engine.h"

/** What to look by, and where to write. */
typedef struct eval_presentation_options {
    eval_arguments common;
    const char *list, *out, *findings, *policy, *rate_text;
    const char *segments, *purpose, *scripts_text; /* of clips that are acted; NULL: none is */
    double frames_per_s;
    size_t scripts;
    bool images; /* single images, not clips */
} eval_presentation_options;

/** What the lookers share; read only. */
typedef struct eval_presentation_rules {
    const eval_presentation_options *options;
    imi_weighing weighing;
    imi_challenge_rules challenge; /* of the purpose; with segments */
    imi_scorer *scorer;
} eval_presentation_rules;

/** Look at one; runs on several threads. A presentation that cannot be looked at is one in
 * trouble, not an error: errors are for models that do not run. */
typedef imi_status (*eval_presentation_looker)(const eval_presentation_rules *rules,
                                               imi_engine *engine, eval_presentation *item,
                                               imi_error *err);

/** The whole command: read the list, look, weigh, write, print. Returns the exit code. */
int eval_presentations_main(const imi_cli_spec *spec, eval_presentation_options *options,
                            eval_presentation_looker looker, int count, char **arguments);

/** Options of both commands, to stand in a list. */
#define EVAL_PRESENTATION_OPTIONS(options)                                                         \
    {"--list", &(options)->list, NULL, true, "FILE", "presentations: file,label,challenge"},       \
        {"--out", &(options)->out, NULL,                                                           \
         true,    "FILE",          "one row each: file,label,decision,score,reasons"},             \
        {"--findings", &(options)->findings,                                                       \
         NULL,         false,                                                                      \
         "FILE",       "what every layer found, one row each"},                                    \
        {"--policy", &(options)->policy, NULL, false, "FILE", "weighs by this policy [shipped]"},  \
        {"--models", &(options)->common.models,                                                    \
         NULL,       false,                                                                        \
         "DIR",      "models and their manifest [shipped]"},                                       \
        {"--jobs", &(options)->common.jobs_text,                                                   \
         NULL,     false,                                                                          \
         "N",      "worker threads; all cores if not given"},                                      \
    {                                                                                              \
        "--json", NULL, &(options)->common.json, false, NULL, "print the rates as JSON"            \
    }

#endif
