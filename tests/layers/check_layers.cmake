# usage: cmake -DGRAPH=layers.txt -P check_layers.cmake
# Fails on an edge of the target graph that does not lead downward.
cmake_minimum_required(VERSION 3.25)

# Level of each library: it may link only to libraries of lower levels.
# The vision interfaces are the verifier's, so models stand beside it, not above.
set(LEVELS
    imi_base:0 imi_core:0 imi_proto:0 imi_proto_index:0
    imi_kernel:1 imi_face:1 imi_weigh:1 imi_json:1 imi_crypto:1 imi_sqlite:1
    imi_image:2 imi_vault:2 imi_webhook_signature:2
    imi_compare:3 imi_planarity:3 imi_stream:3 imi_passive:3 imi_light:3 imi_attest:3
    imi_token:3 imi_store:3 imi_ledger_proof:3
    imi_calibrate:4 imi_liveness:4 imi_ledger:4 imi_credential:4
    imi_policy:5 imi_token_library:5
    imi_token_shared:6 imi_token_static:6 imi_engine:6 imi_threshold:6
    imi_webhook:6
    imi_document:7 imi_examine:7
    imi_session:8
    imi_models:9 imi_document_models:9
    imi_rpc:10
    imi_handlers:11 imi_gateway:11)

# Some may link to even less than their level allows.
set(ONLY_imi_core "")
set(ONLY_imi_kernel imi_base)
set(ONLY_imi_models imi_base imi_face imi_image imi_kernel)
set(ONLY_imi_document_models imi_base imi_face imi_image)
set(ONLY_imi_rpc imi_base imi_proto imi_proto_index)

foreach(entry IN LISTS LEVELS)
    string(REPLACE ":" ";" entry ${entry})
    list(GET entry 0 name)
    list(GET entry 1 LEVEL_${name})
endforeach()

set(errors 0)
macro(complain)
    message(${ARGN})
    math(EXPR errors "${errors} + 1")
endmacro()

# Programs, and libraries of the tools, may link to anything but each other's programs; only a
# program knows the models (one composition root each), so a library that links them is wrong.
function(check_edge target type folder dependency)
    if(folder MATCHES "^tools(/|$)" OR type STREQUAL "EXECUTABLE")
        return()
    endif()
    if(NOT DEFINED LEVEL_${dependency})
        complain("${target} -> ${dependency}: which has no level in check_layers.cmake")
    elseif(NOT LEVEL_${dependency} LESS LEVEL_${target})
        complain("${target} -> ${dependency}: an edge must lead to a lower level")
    elseif(dependency MATCHES "^imi_(document_)?models$")
        complain("${target} -> ${dependency}: only a program may know the models")
    elseif(DEFINED ONLY_${target} AND NOT dependency IN_LIST ONLY_${target})
        complain("${target} -> ${dependency}: it may link only to: ${ONLY_${target}}")
    endif()
    set(errors ${errors} PARENT_SCOPE)
endfunction()

file(STRINGS ${GRAPH} lines)
set(edges 0)
foreach(line IN LISTS lines)
    if(NOT line MATCHES "^([^|]*)\\|([^|]*)\\|([^|]*)\\|(.*)$")
        message(FATAL_ERROR "not a line of a target graph: ${line}")
    endif()
    set(target ${CMAKE_MATCH_1})
    set(type ${CMAKE_MATCH_2})
    set(folder ${CMAKE_MATCH_3})
    string(REPLACE " " ";" dependencies "${CMAKE_MATCH_4}")
    if(folder MATCHES "^tests(/|$)")
        continue()
    endif()
    if(NOT type STREQUAL "EXECUTABLE" AND NOT folder MATCHES "^tools(/|$)" AND
       NOT DEFINED LEVEL_${target})
        complain("${target}: has no level in check_layers.cmake")
        continue()
    endif()
    foreach(dependency IN LISTS dependencies)
        math(EXPR edges "${edges} + 1")
        check_edge(${target} ${type} "${folder}" ${dependency})
    endforeach()
endforeach()

if(errors GREATER 0)
    message(FATAL_ERROR "${errors} wrong of ${edges} edges")
endif()
message("${edges} edges, all downward")
