/* The table: which kernels a mask gives, and that each can be reached. */
#include "check.h"

static bool same_table(const imi_kernels *a, const imi_kernels *b)
{
    return a->dot_f32 == b->dot_f32 && a->dot_f32_many == b->dot_f32_many &&
           a->dot_f32_four == b->dot_f32_four && a->dot_i8 == b->dot_i8 &&
           a->dot_i8_many == b->dot_i8_many && a->dot_i8_four == b->dot_i8_four;
}

static bool offered(const imi_kernel_level *level)
{
    return (imi_cpu_features() & level->features) == level->features;
}

static void test_each_level_changes_the_table(void)
{
    for (size_t i = 1; imi_kernel_level_at(i) != NULL; i++) {
        const imi_kernel_level *level = imi_kernel_level_at(i);
        imi_kernels below, here;
        imi_kernels_fill(imi_kernel_level_at(i - 1)->features, &below);
        imi_kernels_fill(level->features, &here);
        CHECK(same_table(&below, &here) == !offered(level), "level %s", level->name);
    }
}

static void test_first_level_vectorises_every_kernel(void)
{
    if (imi_kernel_level_at(1) == NULL || !offered(imi_kernel_level_at(1))) {
        return;
    }
    imi_kernels reference, first;
    imi_kernels_fill(0, &reference);
    imi_kernels_fill(imi_kernel_level_at(1)->features, &first);
    CHECK(first.dot_f32 != reference.dot_f32, "dot_f32");
    CHECK(first.dot_f32_many != reference.dot_f32_many, "dot_f32_many");
    CHECK(first.dot_f32_four != reference.dot_f32_four, "dot_f32_four");
    CHECK(first.dot_i8 != reference.dot_i8, "dot_i8");
    CHECK(first.dot_i8_many != reference.dot_i8_many, "dot_i8_many");
    CHECK(first.dot_i8_four != reference.dot_i8_four, "dot_i8_four");
}

/* A kernel left out would run at a lower level, right but slow. */
static void test_a_level_replaces_all_kernels_of_a_type(void)
{
    for (size_t i = 1; imi_kernel_level_at(i) != NULL; i++) {
        const imi_kernel_level *level = imi_kernel_level_at(i);
        imi_kernels below, here;
        imi_kernels_fill(imi_kernel_level_at(i - 1)->features, &below);
        imi_kernels_fill(level->features, &here);
        bool f32 = here.dot_f32 != below.dot_f32;
        bool i8 = here.dot_i8 != below.dot_i8;
        CHECK((here.dot_f32_many != below.dot_f32_many) == f32, "%s dot_f32_many", level->name);
        CHECK((here.dot_f32_four != below.dot_f32_four) == f32, "%s dot_f32_four", level->name);
        CHECK((here.dot_i8_many != below.dot_i8_many) == i8, "%s dot_i8_many", level->name);
        CHECK((here.dot_i8_four != below.dot_i8_four) == i8, "%s dot_i8_four", level->name);
    }
}

static void test_host_table_is_the_highest_level(void)
{
    imi_kernels all;
    imi_kernels_fill(UINT32_MAX, &all);
    CHECK(same_table(imi_kernels_host(), &all), "the host's table leaves a level out");
}

static void test_a_feature_that_is_not_offered_is_ignored(void)
{
    imi_kernels with, without;
    imi_kernels_fill(UINT32_MAX, &with);
    imi_kernels_fill(imi_cpu_features(), &without);
    CHECK(same_table(&with, &without), "a kernel was chosen that cannot run here");
}

static void test_levels_are_numbered_without_gaps(void)
{
    CHECK(imi_kernel_level_at(0) != NULL, "no level 0");
    CHECK(imi_kernel_level_at(0)->features == 0, "level 0 is not the reference");
    CHECK(imi_kernel_level_at(SIZE_MAX) == NULL, "a level behind the last");
}

const api_test dispatch_tests[] = {
    {"each level changes the table", test_each_level_changes_the_table},
    {"first level vectorises every kernel", test_first_level_vectorises_every_kernel},
    {"a level replaces all kernels of a type", test_a_level_replaces_all_kernels_of_a_type},
    {"host table is the highest level", test_host_table_is_the_highest_level},
    {"a feature not offered is ignored", test_a_feature_that_is_not_offered_is_ignored},
    {"levels are numbered without gaps", test_levels_are_numbered_without_gaps},
    {NULL, NULL},
};
