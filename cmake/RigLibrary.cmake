# rig_library(FOLDER SOURCES name... [PUBLIC target...] [PRIVATE target...]): the library rig_FOLDER, made of name.cpp...
#
# PUBLIC is what the folder's interface headers need of other libraries, PRIVATE what its sources need. Tests need no line
# here: tests/unit/FOLDER is compiled as it is found.
function(rig_library folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;PUBLIC;PRIVATE")
  list(TRANSFORM arg_SOURCES APPEND .cpp)
  add_library(rig_${folder} STATIC ${arg_SOURCES})
  target_link_libraries(rig_${folder} PUBLIC rig_options ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
endfunction()
