/* imi-eval clips and pad as a whole, with the real models on sample stills and a clip: far too few
 * for a rate, enough to see that every kind of file is looked at, or said to be unreadable. */
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_SIZE = 512, STILLS = 12, EXIT_SKIPPED = 77 };

static char g_folder[] = "/tmp/imi-test-clips-XXXXXX";

static void path_of(const char *name, char out[PATH_SIZE])
{
    snprintf(out, PATH_SIZE, "%s/%.400s", g_folder, name);
}

static void write_file(const char *name, imi_view bytes)
{
    char path[PATH_SIZE];
    path_of(name, path);
    assert_int_equal(imi_file_write(path, bytes, 0600, NULL), IMI_OK);
}

static void write_text(const char *name, const char *text)
{
    write_file(name, imi_view_of_text(text));
}

/* The same still as a file, as the frames of a folder, and as the frames of one file. */
static int set_up(void **state)
{
    (void)state;
    char path[PATH_SIZE];
    IMI_AUTO_BUFFER still = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER many = IMI_BUFFER_INIT;
    assert_non_null(mkdtemp(g_folder));
    assert_int_equal(imi_file_read(IMI_MEDIA_FOLDER "/franck_02159.jpg", 1 << 20, &still, NULL),
                     IMI_OK);
    path_of("frames", path);
    assert_int_equal(mkdir(path, 0700), 0);
    for (int i = 0; i < STILLS; i++) {
        char name[32];
        snprintf(name, sizeof name, "frames/%07d.jpg", i * 100);
        write_file(name, imi_buffer_view(&still));
        assert_int_equal(imi_buffer_append(&many, imi_buffer_view(&still), NULL), IMI_OK);
    }
    write_file("still.jpg", imi_buffer_view(&still));
    write_file("many.mjpeg", imi_buffer_view(&many));
    write_text("broken.mp4", "this is no video");
    write_text("broken.jpg", "this is no picture");
    path_of("clip.mp4", path);
    assert_int_equal(symlink(IMI_MEDIA_FOLDER "/cap13_edit2.mp4", path), 0);
    write_text("clips.csv", "file,label,challenge\nframes,injected_still,\nmany.mjpeg,frozen,\n"
                            "clip.mp4#t=0-1,bona_fide,\nclip.mp4#t=0-1,bona_fide,near_far,blink\n"
                            "broken.mp4,screen,\n");
    write_text("acted.csv", "file,label,challenge\nclip.mp4,bona_fide,open_mouth,follow@3\n"
                            "clip.mp4#t=0-1,bona_fide,\n");
    write_text("segments.csv", "clip,action,start_ms,end_ms,face_x,face_y\n"
                               "clip.mp4,neutral,14150,15100,0.513,0.595\n"
                               "clip.mp4,open_mouth,15100,16850\n");
    write_text("photos.csv", "file,label\nstill.jpg,bona_fide\nbroken.jpg,print\n");
    write_text("missing.csv", "file,label\nnowhere.mp4,bona_fide\n");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[PATH_SIZE];
    snprintf(command, sizeof command, "rm -rf '%s'", g_folder);
    return system(command);
}

static int run(const char *arguments)
{
    char command[2048];
    snprintf(command, sizeof command, "cd '%s' && '%s' %s --models '%s' >told.txt 2>/dev/null",
             g_folder, IMI_EVAL_PROGRAM, arguments, IMI_MODELS_FOLDER);
    int status = system(command);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void told(const char *name, imi_buffer *out)
{
    char path[PATH_SIZE];
    path_of(name, path);
    assert_int_equal(imi_file_read(path, 1 << 20, out, NULL), IMI_OK);
    assert_int_equal(imi_buffer_terminate(out, NULL), IMI_OK);
}

static const char *cell(const eval_csv *csv, size_t row, const char *column)
{
    size_t number = 0;
    assert_int_equal(eval_csv_column(csv, column, &number, NULL), IMI_OK);
    return eval_csv_cell(csv, row, number);
}

static void clips_of_every_kind_are_looked_at(void **state)
{
    (void)state;
    char path[PATH_SIZE];
    assert_int_equal(run("clips --list clips.csv --out out.csv --findings found.csv"),
                     IMI_EXIT_SUCCESS);
    AUTO_EVAL_CSV rows = EVAL_CSV_INIT;
    AUTO_EVAL_CSV found = EVAL_CSV_INIT;
    path_of("out.csv", path);
    assert_int_equal(eval_csv_load(path, &rows, NULL), IMI_OK);
    path_of("found.csv", path);
    assert_int_equal(eval_csv_load(path, &found, NULL), IMI_OK);
    assert_int_equal(rows.rows, 5);
    assert_string_equal(cell(&found, 0, "frames"), "12");
    assert_string_equal(cell(&found, 1, "frames"), "12");
    assert_string_equal(cell(&found, 2, "frames"), "10");
    assert_string_equal(cell(&found, 2, "faces"), "10");
    assert_string_equal(cell(&rows, 2, "label"), "bona_fide");
    assert_string_not_equal(cell(&rows, 2, "decision"), "attack");
    assert_string_equal(cell(&rows, 3, "decision"), "undecided");
    assert_non_null(strstr(cell(&rows, 3, "reasons"), "incomplete"));
    assert_string_equal(cell(&rows, 4, "decision"), "undecided");
    assert_string_not_equal(cell(&rows, 4, "reasons"), "");
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    told("told.txt", &text);
    assert_non_null(strstr((const char *)text.data, "BPCER"));
    assert_non_null(strstr((const char *)text.data, "injected_still"));
}

static void a_labelled_clip_acts_what_it_is_asked(void **state)
{
    (void)state;
    char path[PATH_SIZE];
    AUTO_EVAL_CSV found = EVAL_CSV_INIT;
    assert_int_equal(run("clips --list acted.csv --segments segments.csv --fps 6 --out out.csv "
                         "--findings found.csv"),
                     IMI_EXIT_SUCCESS);
    path_of("found.csv", path);
    assert_int_equal(eval_csv_load(path, &found, NULL), IMI_OK);
    assert_int_equal(found.rows, 2);
    assert_string_equal(cell(&found, 0, "script"), "open_mouth;follow@3");
    assert_true(strtod(cell(&found, 0, "challenge"), NULL) == 1.0);
    assert_string_equal(cell(&found, 1, "script"), "");
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    told("told.txt", &text);
    assert_non_null(strstr((const char *)text.data, "bona fide scripts answered: 1 of 1"));
}

static void rates_come_as_json_too(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    assert_int_equal(run("clips --list clips.csv --out out.csv --json"), IMI_EXIT_SUCCESS);
    told("told.txt", &text);
    assert_non_null(strstr((const char *)text.data, "\"bpcer\""));
    assert_non_null(strstr((const char *)text.data, "\"apnrr\": 1.0"));
}

static void images_are_looked_at_by_the_passive_layer(void **state)
{
    (void)state;
    char path[PATH_SIZE];
    AUTO_EVAL_CSV found = EVAL_CSV_INIT;
    assert_int_equal(run("pad --list photos.csv --out out.csv --findings found.csv"),
                     IMI_EXIT_SUCCESS);
    path_of("found.csv", path);
    assert_int_equal(eval_csv_load(path, &found, NULL), IMI_OK);
    assert_int_equal(found.rows, 2);
    assert_string_not_equal(cell(&found, 0, "passive"), "");
    assert_string_not_equal(cell(&found, 0, "cue_moire"), "nan");
    assert_string_equal(cell(&found, 0, "geometry"), "");
    assert_string_equal(cell(&found, 1, "passive"), "");
    assert_string_equal(cell(&found, 1, "faces"), "0");
}

static void what_is_missing_fails_before_anything_is_written(void **state)
{
    (void)state;
    char path[PATH_SIZE];
    path_of("never.csv", path);
    assert_int_equal(run("clips --list missing.csv --out never.csv"), IMI_EXIT_UNDECIDED);
    assert_int_equal(run("clips --list nowhere.csv --out never.csv"), IMI_EXIT_UNDECIDED);
    assert_int_equal(run("clips --list clips.csv --out never.csv --policy nowhere.yaml"),
                     IMI_EXIT_UNDECIDED);
    assert_int_equal(run("clips --list acted.csv --out never.csv --segments nowhere.csv"),
                     IMI_EXIT_UNDECIDED);
    assert_int_equal(
        run("clips --list acted.csv --out never.csv --segments segments.csv --purpose none"),
        IMI_EXIT_UNDECIDED);
    assert_int_equal(run("pad --list missing.csv --out never.csv"), IMI_EXIT_UNDECIDED);
    assert_int_equal(access(path, F_OK), -1);
}

static void misuse_is_exit_code_two(void **state)
{
    (void)state;
    assert_int_equal(run("clips --list clips.csv"), IMI_EXIT_USAGE);
    assert_int_equal(run("clips --out out.csv"), IMI_EXIT_USAGE);
    assert_int_equal(run("clips --list clips.csv --out out.csv --fps 0"), IMI_EXIT_USAGE);
    assert_int_equal(run("clips --list clips.csv --out out.csv --jobs 0"), IMI_EXIT_USAGE);
    assert_int_equal(run("clips --list clips.csv --out out.csv --scripts 0"), IMI_EXIT_USAGE);
    assert_int_equal(run("pad --list photos.csv"), IMI_EXIT_USAGE);
    assert_int_equal(run("pad --list photos.csv --out out.csv --fps 10"), IMI_EXIT_USAGE);
}

int main(void)
{
    if (access(IMI_MEDIA_FOLDER "/cap13_edit2.mp4", R_OK) != 0 ||
        access(IMI_MODELS_FOLDER "/manifest.json", R_OK) != 0) {
        printf("skipped: no sample media or no models; run tools/setup-models\n");
        return EXIT_SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clips_of_every_kind_are_looked_at),
        cmocka_unit_test(a_labelled_clip_acts_what_it_is_asked),
        cmocka_unit_test(rates_come_as_json_too),
        cmocka_unit_test(images_are_looked_at_by_the_passive_layer),
        cmocka_unit_test(what_is_missing_fails_before_anything_is_written),
        cmocka_unit_test(misuse_is_exit_code_two),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
