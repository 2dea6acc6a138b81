# How every target of the project is built: language levels, warnings, layering.

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

find_program(IMI_CCACHE ccache)
if(IMI_CCACHE)
    set(CMAKE_C_COMPILER_LAUNCHER ${IMI_CCACHE})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${IMI_CCACHE})
endif()

# One interface target carries every flag. -ffp-contract=off: a comparison score
# must not depend on whether the compiler fused a multiply and an add.
add_library(imi_flags INTERFACE)
target_compile_definitions(imi_flags INTERFACE _GNU_SOURCE)
target_compile_options(imi_flags INTERFACE
    -Wall -Wextra -Wshadow -Wpointer-arith -Wformat=2 -Wundef -Wvla -fno-common
    -fstack-protector-strong -ffp-contract=off
    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes>)
if(IMI_WERROR)
    target_compile_options(imi_flags INTERFACE -Werror)
endif()
if(IMI_SANITIZE)
    target_compile_options(imi_flags INTERFACE
        -fsanitize=${IMI_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(imi_flags INTERFACE -fsanitize=${IMI_SANITIZE})
endif()

# imi_layer(NAME SOURCES a.c b.c DEPENDS imi::base ... PRIVATE lib ...)
# One static library per layer. DEPENDS names layers of ours (public), PRIVATE
# names foreign libraries, which must not show in headers.
function(imi_layer name)
    cmake_parse_arguments(L "" "" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
    add_library(imi_${name} STATIC ${L_SOURCES})
    add_library(imi::${name} ALIAS imi_${name})
    target_link_libraries(imi_${name} PUBLIC ${L_DEPENDS} PRIVATE imi_flags ${L_PRIVATE})
    set_property(GLOBAL APPEND PROPERTY IMI_LAYERS imi_${name})
endfunction()

# imi_program(NAME SOURCES a.c DEPENDS imi::x ... PRIVATE lib ...)
function(imi_program name)
    cmake_parse_arguments(P "" "" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
    add_executable(${name} ${P_SOURCES})
    target_link_libraries(${name} PRIVATE ${P_DEPENDS} imi_flags ${P_PRIVATE})
endfunction()

# imi_test(NAME SOURCES a.c DEPENDS imi::x ... [LABELS unit])
# A cmocka program registered with CTest under its own name.
function(imi_test name)
    cmake_parse_arguments(T "" "" "SOURCES;DEPENDS;PRIVATE;LABELS" ${ARGN})
    add_executable(test_${name} ${T_SOURCES})
    target_link_libraries(test_${name} PRIVATE ${T_DEPENDS} imi_flags cmocka ${T_PRIVATE})
    set_target_properties(test_${name} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME ${name} COMMAND test_${name})
    if(T_LABELS)
        set_tests_properties(${name} PROPERTIES LABELS "${T_LABELS}")
    endif()
endfunction()
