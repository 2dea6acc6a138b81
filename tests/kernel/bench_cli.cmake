# usage: cmake -DBENCH=imi-bench -P bench_cli.cmake
# imi-bench kernel as a program: exit codes, and JSON that holds every contender.
cmake_minimum_required(VERSION 3.25)

function(expect code)
    execute_process(COMMAND ${BENCH} ${ARGN} RESULT_VARIABLE result
        OUTPUT_VARIABLE output ERROR_VARIABLE errors)
    if(NOT result EQUAL code)
        message(FATAL_ERROR "imi-bench ${ARGN}: exit code ${result}, not ${code}\n${errors}")
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()

expect(0 kernel --help)
expect(2)
expect(2 no-such-command)
foreach(bad --rows "--rows;0" "--rows;-5" "--rows;1x" "--rounds;0" "--rounds;1000" "--dim;0" --what)
    expect(2 kernel ${bad})
endforeach()

expect(0 kernel --rows 3000 --rounds 1)
if(NOT output MATCHES "imi_search_f32")
    message(FATAL_ERROR "no search in the table:\n${output}")
endif()

# A template whose length needs padding, small pages.
expect(0 kernel --rows 3000 --dim 100 --rounds 1 --small-pages --json)
string(JSON count LENGTH "${output}" results)
set(groups "")
math(EXPR last "${count} - 1")
foreach(i RANGE ${last})
    string(JSON group GET "${output}" results ${i} group)
    string(JSON speed GET "${output}" results ${i} gb_per_s)
    list(APPEND groups ${group})
    if(NOT speed GREATER 0)
        message(FATAL_ERROR "result ${i} has no speed:\n${output}")
    endif()
endforeach()
foreach(group memory f32 i8)
    if(NOT group IN_LIST groups)
        message(FATAL_ERROR "no result of group ${group}:\n${output}")
    endif()
endforeach()
