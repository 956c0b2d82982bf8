# rig_library(DIRECTORY SOURCES name... [PUBLIC target...] [PRIVATE target...]): the library rig_DIRECTORY, built from
# name.cpp...
#
# PUBLIC: libraries that the directory's interface headers need; PRIVATE: libraries that only its sources need. Tests need
# no line here: every *_test.cpp below tests/unit/DIRECTORY is compiled.
function(rig_library directory)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;PUBLIC;PRIVATE")
  list(TRANSFORM arg_SOURCES APPEND .cpp)
  add_library(rig_${directory} STATIC ${arg_SOURCES})
  target_link_libraries(rig_${directory} PUBLIC rig_options ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  if(RIG_FUZZ)  # not the unit tests: it takes a quarter of their compile time
    target_compile_options(rig_${directory} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()
