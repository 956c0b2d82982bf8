# rig_hardening: an interface library with the compiler's and the linker's protections, as far as they know them. Builds
# with sanitizers do not use it: they check more, and FORTIFY_SOURCE hides calls from them.
include(CheckCXXCompilerFlag)
include(CheckCXXSourceCompiles)
include(CheckLinkerFlag)
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_library(rig_hardening INTERFACE)
foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -mbranch-protection=standard)
  string(MAKE_C_IDENTIFIER "rig_has${flag}" known)
  # Clang only warns about a flag of another architecture.
  set(CMAKE_REQUIRED_FLAGS -Werror)
  check_cxx_compiler_flag(${flag} ${known})
  unset(CMAKE_REQUIRED_FLAGS)
  if(${known})
    target_compile_options(rig_hardening INTERFACE ${flag})
  endif()
endforeach()

# Needs optimization. Some distributions predefine it.
set(CMAKE_REQUIRED_FLAGS "-O2 -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3")
check_cxx_source_compiles("#include <cstring>\nint main() { return 0; }" rig_has_fortify_3)
unset(CMAKE_REQUIRED_FLAGS)
set(rig_fortify 2)
if(rig_has_fortify_3)
  set(rig_fortify 3)
endif()
target_compile_options(rig_hardening INTERFACE
                       "$<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=${rig_fortify}>")
# Bounds of std::vector, std::span, std::optional and others.
target_compile_definitions(rig_hardening INTERFACE _GLIBCXX_ASSERTIONS)

foreach(flag -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
  string(MAKE_C_IDENTIFIER "rig_has_${flag}" known)
  check_linker_flag(CXX ${flag} ${known})
  if(${known})
    target_link_options(rig_hardening INTERFACE ${flag})
  endif()
endforeach()
