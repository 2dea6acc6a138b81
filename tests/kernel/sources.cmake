# The kernel test, listed once for this machine's build and for the cross build.
set(IMI_KERNEL_TEST_SOURCES
    check.c arguments.c bench.c dispatch.c dot_f32.c dot_i8.c environment.c golden.c reference.c
    search.c select.c)
list(TRANSFORM IMI_KERNEL_TEST_SOURCES PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
