# rig_precompiled_headers(TARGET HEADER... LINK target...): the object library TARGET, which precompiles the headers.
# rig_use_precompiled_headers(TARGET FROM): TARGET uses those of FROM; the compile options of both must be the same.
#
# Catch2 is worth precompiling: parsing it takes about half of the compile time of a test. The standard library is not: with
# GCC, loading all of it takes longer than parsing the few headers that an average source in src includes.
#
# Every source still includes what it uses: -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON builds without precompiled headers.
function(rig_precompiled_headers target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINK")
  file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp" CONTENT "// Precompiled headers need a source.\n")
  add_library(${target} OBJECT "${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp")
  target_link_libraries(${target} PRIVATE ${arg_LINK})
  target_precompile_headers(${target} PRIVATE ${arg_UNPARSED_ARGUMENTS})
  if(CMAKE_POSITION_INDEPENDENT_CODE)  # as for the executables that use it, not as for a library
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${target} PRIVATE -fPIE)
  endif()
  rig_precompiled_header_options(${target})
endfunction()

function(rig_use_precompiled_headers target from)
  target_precompile_headers(${target} REUSE_FROM ${from})
  rig_precompiled_header_options(${target})
endfunction()

# What ccache needs to cache objects that use precompiled headers.
function(rig_precompiled_header_options target)
  if(CMAKE_CXX_COMPILER_LAUNCHER MATCHES "ccache$")
    set_target_properties(${target} PROPERTIES
                          CXX_COMPILER_LAUNCHER "env;CCACHE_SLOPPINESS=pch_defines,time_macros;${CMAKE_CXX_COMPILER_LAUNCHER}")
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
      target_compile_options(${target} PRIVATE -fpch-preprocess)
    else()
      target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
    endif()
  endif()
endfunction()
