/*
 * measure_pose: by how many degrees generated people, or prints, of known turns are judged to have
 * turned, in the ways of pose_judges.h. The phone follows the face, so that it stays in the middle
 * of the picture, or is held as it was (--still).
 */
#include "cli.h"
#include "imi/median.h"
#include "mean_mesh.h"
#include "portrait/portrait.h"
#include "pose_table.h"
#include "random.h"
#include "studio.h"

#include <math.h>
#include <stdio.h>

enum { FRAMES = 4 };

static const double TREMOR_CM = 0.05; /* from picture to picture, so that no two are alike */
static const float ASKED_DEG = 9; /* LIMIT_TURN_DEG and LIMIT_NOD_DEG of the judge */

typedef struct pose_options {
    const char *models, *cast, *root, *species, *people, *distance;
    long people_n, distance_n;
    bool still;
} pose_options;

typedef struct measuring {
    const pose_options *options;
    imi_gen_cast *cast;
    imi_engine *engine;
    pose_known known;
    pose_rest rest[POSE_PEOPLE_MAX];
    pose_table table[POSE_JUDGES][POSE_AXES_OF_TURN];
} measuring;

/* What was seen of one pose. */
typedef struct look {
    unsigned count; /* in which there is a face */
    imi_landmarks mesh[FRAMES];
} look;

/* Turned so far, and held so that the middle of the face is in the middle of the picture. */
static imi_gen_pose held(const measuring *all, const studio *room, imi_gen_turn turn)
{
    imi_gen_build build = imi_gen_stage_build(room->stage);
    imi_gen_point middle = imi_gen_blend(build.forehead, build.chin, 0.5);
    imi_gen_matrix matrix = imi_gen_matrix_of(turn);
    imi_gen_point from_pivot = imi_gen_rotate(&matrix, imi_gen_subtract(middle, build.pivot));
    imi_gen_point at = all->options->still ? middle : imi_gen_add(build.pivot, from_pivot);
    return (imi_gen_pose){
        .x_cm = -at.x,
        .y_cm = -at.y,
        .distance_cm = (double)all->options->distance_n + middle.z - at.z,
        .turn = {.yaw_deg = turn.yaw_deg / build.tilt, .pitch_deg = turn.pitch_deg / build.tilt},
    };
}

static imi_status take_look(const measuring *all, studio *room, imi_gen_turn turn, look *out,
                            imi_error *err)
{
    imi_gen_pose pose = held(all, room, turn);
    out->count = 0;
    room->last.reason = IMI_CAPTURE_NO_FACE;
    for (int i = 0; i < FRAMES; i++) {
        imi_gen_random random = imi_gen_random_of(room->moment, "tremor");
        imi_gen_pose now = pose;
        imi_face face;
        now.x_cm += TREMOR_CM * imi_gen_random_normal(&random);
        now.y_cm += TREMOR_CM * imi_gen_random_normal(&random);
        IMI_TRY(studio_look(room, &now, 0, &face, err));
        if (face.reason != IMI_CAPTURE_NO_FACE) {
            out->mesh[out->count++] = face.landmarks;
        }
    }
    return IMI_OK;
}

static imi_status meet(measuring *all, studio *room, uint32_t person, imi_error *err)
{
    look seen;
    imi_mean_mesh mean = {.weight = 0};
    imi_landmarks frontal;
    IMI_TRY(take_look(all, room, (imi_gen_turn){.yaw_deg = 0}, &seen, err));
    if (seen.count == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "person %u shows no face", person);
    }
    for (unsigned i = 0; i < seen.count; i++) {
        imi_mean_mesh_add(&mean, &seen.mesh[i], 1);
    }
    imi_mean_mesh_get(&mean, &frontal);
    all->rest[person] = pose_rest_of(&frontal);
    all->known.lens = *imi_gen_stage_lens(room->stage);
    pnp_model own = pnp_model_of(&all->known.lens, &frontal);
    double share = 1 / (double)all->options->people_n;
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        imi_gen_point part = imi_gen_blend((imi_gen_point){0, 0, 0}, own.point[i], share);
        all->known.mean.point[i] = imi_gen_add(all->known.mean.point[i], part);
    }
    return IMI_OK;
}

static pose_reading read_values(float *values, unsigned count)
{
    float sum = 0;
    float squares = 0;
    for (unsigned i = 0; i < count; i++) {
        sum += values[i];
        squares += values[i] * values[i];
    }
    float variance = (squares - sum * sum / (float)count) / (float)(count - 1);
    return (pose_reading){imi_take_median(values, count), variance};
}

static void judge_look(measuring *all, uint32_t person, pose_axis axis, int angle, const look *seen)
{
    for (int judge = 0; judge < POSE_JUDGES; judge++) {
        float values[FRAMES];
        for (unsigned i = 0; i < seen->count; i++) {
            imi_gen_turn turn =
                pose_judge_turn((pose_judge)judge, &all->known, &all->rest[person], &seen->mesh[i]);
            values[i] = (float)(axis == POSE_YAW ? turn.yaw_deg : turn.pitch_deg);
        }
        pose_table *table = &all->table[judge][axis];
        table->reading[person][angle] = read_values(values, seen->count);
        table->people = person + 1;
    }
}

static imi_status turn_around(measuring *all, studio *room, uint32_t person, imi_error *err)
{
    for (int axis = 0; axis < POSE_AXES_OF_TURN; axis++) {
        for (int angle = 0; angle < POSE_ANGLES; angle++) {
            double degrees = pose_angle_deg(angle);
            imi_gen_turn turn = {.yaw_deg = axis == POSE_YAW ? degrees : 0,
                                 .pitch_deg = axis == POSE_PITCH ? degrees : 0};
            look seen;
            IMI_TRY(take_look(all, room, turn, &seen, err));
            judge_look(all, person, (pose_axis)axis, angle, &seen);
        }
    }
    return IMI_OK;
}

typedef imi_status (*visit)(measuring *all, studio *room, uint32_t person, imi_error *err);

/* Every person comes into the studio once. */
static imi_status for_all(measuring *all, visit what, imi_error *err)
{
    imi_gen_species species = imi_gen_species_of_name(all->options->species);
    for (uint32_t i = 0; i < (uint32_t)all->options->people_n; i++) {
        imi_gen_casting casting = imi_gen_casting_of(all->cast, i);
        studio room;
        imi_status status = studio_open(&casting, species, i, all->engine, &room, err);
        if (status == IMI_OK) {
            status = what(all, &room, i, err);
        }
        studio_close(&room);
        IMI_TRY(status);
    }
    return IMI_OK;
}

static const char *const AXIS_NAMES[POSE_AXES_OF_TURN] = {"yaw", "pitch"};

static void print_groups(const measuring *all, int axis)
{
    printf("%s,people", AXIS_NAMES[axis]);
    for (int judge = 0; judge < POSE_JUDGES; judge++) {
        printf(",%s,deviation", pose_judge_name((pose_judge)judge));
    }
    for (int angle = 0; angle < POSE_ANGLES; angle++) {
        printf("\n%.0f,%u", pose_angle_deg(angle),
               pose_table_group(&all->table[POSE_FIT][axis], angle).people);
        for (int judge = 0; judge < POSE_JUDGES; judge++) {
            pose_group group = pose_table_group(&all->table[judge][axis], angle);
            printf(",%.1f,%.1f", (double)group.median_deg, (double)group.deviation_deg);
        }
    }
    printf("\n\n");
}

static void print_summaries(const measuring *all)
{
    printf("judge,axis,slope,people differ by,frames differ by,rising,of,"
           "reach %.0f,of,at least,median,most\n",
           (double)ASKED_DEG);
    for (int judge = 0; judge < POSE_JUDGES; judge++) {
        for (int axis = 0; axis < POSE_AXES_OF_TURN; axis++) {
            pose_summary s = pose_table_sum_up(&all->table[judge][axis], ASKED_DEG);
            printf("%s,%s,%.2f,%.1f,%.2f,%u,%u,%u,%u,%.0f,%.0f,%.0f\n",
                   pose_judge_name((pose_judge)judge), AXIS_NAMES[axis], (double)s.slope,
                   (double)s.spread_deg, (double)s.noise_deg, s.rising, s.sides / 2, s.reached,
                   s.sides, (double)s.least_deg, (double)s.median_deg, (double)s.most_deg);
        }
    }
}

static imi_status measure(const pose_options *options, imi_engine *engine, imi_error *err)
{
    static measuring all;
    IMI_AUTO(imi_gen_cast) cast = NULL;
    IMI_TRY(imi_gen_cast_load(options->cast, options->root, engine, &cast, err));
    all.options = options;
    all.engine = engine;
    all.cast = cast;
    IMI_TRY(for_all(&all, meet, err));
    IMI_TRY(for_all(&all, turn_around, err));
    print_groups(&all, POSE_YAW);
    print_groups(&all, POSE_PITCH);
    print_summaries(&all);
    return IMI_OK;
}

static imi_status run(const pose_options *options, imi_error *err)
{
    IMI_AUTO(imi_tool_engine) engine = NULL;
    IMI_TRY(imi_tool_engine_new(options->models, &engine, err));
    return measure(options, imi_tool_engine_view(engine), err);
}

int main(int argc, char **argv)
{
    pose_options options = {.species = "bona_fide", .people_n = 16, .distance_n = 50};
    const imi_cli_option rows[] = {
        {"--models", &options.models, NULL, false, "DIR", "folder of the models"},
        {"--cast", &options.cast, NULL, true, "FILE.csv", "person,still,reference"},
        {"--root", &options.root, NULL, true, "DIR", "where the cast's pictures lie"},
        {"--species", &options.species, NULL, false, "NAME", "what turns [bona_fide]"},
        {"--people", &options.people, NULL, false, "N", "the first of the cast [16]"},
        {"--distance", &options.distance, NULL, false, "CM", "from the lens [50]"},
        {"--still", NULL, &options.still, false, NULL, "the phone does not follow the face"},
    };
    const imi_cli_spec spec = {"measure_pose", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    if (!imi_cli_number(options.people, 2, POSE_PEOPLE_MAX, &options.people_n) ||
        !imi_cli_number(options.distance, 15, 120, &options.distance_n) ||
        imi_gen_species_of_name(options.species) == IMI_GEN_SPECIES_COUNT) {
        return imi_cli_misuse(&spec, "there is no such species, number of people or distance");
    }
    imi_error err = IMI_ERROR_INIT;
    return run(&options, &err) == IMI_OK ? IMI_EXIT_SUCCESS : imi_cli_fail(&spec, &err);
}
