# RIG_REVISION: the commit, with -dirty if the working tree differs from it; "unknown" outside of git.
find_package(Git QUIET)
set(RIG_REVISION unknown CACHE STRING "Revision shown in rig_exporter_build_info")
if(RIG_REVISION STREQUAL "unknown" AND Git_FOUND)
  execute_process(COMMAND "${GIT_EXECUTABLE}" describe --always --dirty --abbrev=12
                  WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
                  OUTPUT_VARIABLE rig_described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
                  RESULT_VARIABLE rig_describe_status)
  if(rig_describe_status EQUAL 0)
    set(RIG_REVISION "${rig_described}")
  endif()
endif()
