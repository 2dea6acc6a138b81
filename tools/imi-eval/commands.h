/**
 * The subcommands. Each reads its own arguments (without program and subcommand name) and
 * returns the program's exit code.
 */
#ifndef IMI_EVAL_COMMANDS_H
#define IMI_EVAL_COMMANDS_H

/** Compare pairs of photos and report error rates a group. */
int eval_faces_main(int count, char **arguments);
/** Compare pairs of photos with one of them made into a chip's portrait. */
int eval_portraits_main(int count, char **arguments);
/** What joining several frames of a clip gains over one. */
int eval_frames_main(int count, char **arguments);
/** What further references save when people are verified over the years. */
int eval_sequences_main(int count, char **arguments);
/** Judge whether other models may take the place of those in use. */
int eval_gate_main(int count, char **arguments);
/** Measure the quality of photos. */
int eval_quality_main(int count, char **arguments);
/** What a calibration job would find if the people on some photos were enrolled. */
int eval_population_main(int count, char **arguments);
/** Error rates of presentation attack detection on clips, and on single images. */
int eval_clips_main(int count, char **arguments);
int eval_pad_main(int count, char **arguments);
/** Pictures, a page and a table of rates from scores that were made before. */
int eval_report_main(int count, char **arguments);
/** Make a calibration table from labelled photos. */
int eval_calibrate_main(int count, char **arguments);

#endif
