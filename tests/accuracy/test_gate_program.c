/* imi-eval gate as a whole, with the real models on a handful of sample photos: far too few to
 * decide anything, and it must say so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli.h"
#include "imi/bytes.h"
#include "imi/memory.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_SIZE = 512 };

static char g_folder[] = "/tmp/imi-test-gate-XXXXXX";

static void path_of(const char *name, char out[PATH_SIZE])
{
    snprintf(out, PATH_SIZE, "%s/%.400s", g_folder, name);
}

static void write_file(const char *name, const char *text)
{
    char path[PATH_SIZE];
    path_of(name, path);
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(imi_file_write(path, imi_view_of_text(text), 0600, &err), IMI_OK);
}

static char *read_file(const char *name)
{
    char path[PATH_SIZE];
    path_of(name, path);
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    assert_int_equal(imi_file_read(path, 1U << 20, &file, &err), IMI_OK);
    assert_int_equal(imi_buffer_terminate(&file, &err), IMI_OK);
    return imi_strdup((const char *)file.data);
}

static void make_folder(const char *name)
{
    char path[PATH_SIZE];
    path_of(name, path);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void link_photo(const char *subject, const char *still)
{
    char target[PATH_SIZE];
    char name[PATH_SIZE];
    char path[PATH_SIZE];
    snprintf(target, sizeof target, "%s/%s", IMI_MEDIA_FOLDER, still);
    snprintf(name, sizeof name, "set/%s/%s", subject, still);
    path_of(name, path);
    assert_int_equal(symlink(target, path), 0);
}

static int set_up(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(g_folder));
    make_folder("set");
    make_folder("set/a");
    make_folder("set/b");
    link_photo("a", "franck_02159.jpg");
    link_photo("a", "franck_04117.jpg");
    link_photo("b", "audrey.jpg");
    write_file("pairs.csv", "set,a,b,same,tag\n"
                            "set,set/a/franck_02159.jpg,set/a/franck_04117.jpg,1,\n"
                            "set,set/a/franck_02159.jpg,set/b/audrey.jpg,0,\n");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[PATH_SIZE];
    snprintf(command, sizeof command, "rm -r '%s'", g_folder);
    return system(command);
}

/* Run the gate over the photos; what it says goes to files out and err. */
static int gate(const char *arguments)
{
    char command[4 * PATH_SIZE];
    snprintf(command, sizeof command,
             "cd '%s' && '%s' gate --root . --pairs pairs.csv --quiet --jobs 1 --baseline '%s' %s "
             ">out 2>err",
             g_folder, IMI_EVAL_PROGRAM, IMI_MODELS_FOLDER, arguments);
    int status = system(command);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void too_few_people_leave_it_undecided(void **state)
{
    (void)state;
    assert_int_equal(gate("--candidate '" IMI_MODELS_FOLDER "'"), IMI_EXIT_UNDECIDED);
    char *out = read_file("out");
    assert_non_null(strstr(out, "Verdict: **undecided**"));
    assert_non_null(strstr(out, "2 subjects, 1 mated and 1 non-mated comparisons"));
    imi_free(out);
}

static void a_baseline_alone_is_measured(void **state)
{
    (void)state;
    write_file("card.md", "# Card\n<!-- measured: begin -->\n<!-- measured: end -->\n");
    assert_int_equal(gate("--json --card card.md --report report.json --data 'three stills'"),
                     IMI_EXIT_SUCCESS);
    char *out = read_file("out");
    char *report = read_file("report.json");
    char *card = read_file("card.md");
    assert_string_equal(out, report);
    assert_non_null(strstr(card, "Data: three stills."));
    json_t *json = json_loads(out, 0, NULL);
    json_t *group = json_array_get(json_object_get(json, "groups"), 0);
    assert_int_equal(json_integer_value(json_object_get(group, "images")), 3);
    json_t *side = json_object_get(group, "baseline");
    assert_int_equal(json_integer_value(json_object_get(side, "failed_images")), 0);
    json_decref(json);
    imi_free(out);
    imi_free(report);
    imi_free(card);
}

static void weights_that_do_not_fit_are_no_verdict(void **state)
{
    (void)state;
    assert_int_equal(gate("--baseline-weights 1,1,1"), IMI_EXIT_UNDECIDED);
    char *err = read_file("err");
    assert_non_null(strstr(err, "more weights"));
    imi_free(err);
}

static void a_candidate_that_does_not_load_is_no_verdict(void **state)
{
    (void)state;
    assert_int_equal(gate("--candidate /nonexistent"), IMI_EXIT_UNDECIDED);
    char *err = read_file("err");
    assert_non_null(strstr(err, "manifest.json"));
    imi_free(err);
}

static void a_cohort_of_too_few_is_no_verdict(void **state)
{
    (void)state;
    write_file("cohort.csv", "set,subject,file,liveness\nset,b,set/b/audrey.jpg,\n");
    assert_int_equal(gate("--cohort cohort.csv"), IMI_EXIT_UNDECIDED);
    char *err = read_file("err");
    assert_non_null(strstr(err, "imi-eval gate"));
    imi_free(err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_few_people_leave_it_undecided),
        cmocka_unit_test(a_baseline_alone_is_measured),
        cmocka_unit_test(weights_that_do_not_fit_are_no_verdict),
        cmocka_unit_test(a_candidate_that_does_not_load_is_no_verdict),
        cmocka_unit_test(a_cohort_of_too_few_is_no_verdict),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
