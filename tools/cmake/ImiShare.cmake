# The files that ship with the programs, as they lie beside them: build/bin/imid finds
# build/share/imi/policy.yaml. Weights are placed by tools/setup-models, once for all builds.

set(IMI_MODELS_FOLDER ${PROJECT_SOURCE_DIR}/build/share/imi/models
    CACHE PATH "Folder that tools/setup-models filled")
set(share ${CMAKE_BINARY_DIR}/share/imi)
file(MAKE_DIRECTORY ${share})
if(NOT IMI_MODELS_FOLDER STREQUAL ${share}/models)
    file(CREATE_LINK ${IMI_MODELS_FOLDER} ${share}/models SYMBOLIC)
endif()
configure_file(${PROJECT_SOURCE_DIR}/verifier/policy/default.yaml ${share}/policy.yaml COPYONLY)
configure_file(${PROJECT_SOURCE_DIR}/models/calibration/default.json
    ${share}/calibration.json COPYONLY)
configure_file(${PROJECT_SOURCE_DIR}/tools/phone-sim/segments.csv ${share}/segments.csv COPYONLY)
