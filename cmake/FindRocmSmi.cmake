# Finds librocm_smi64 and its header. Debian's CMake configuration for it is not used: it exports a target whose library
# is not in the package. AMD's packages install to /opt/rocm.
#
#   RocmSmi::RocmSmi       imported target
#   RocmSmi_INCLUDE_DIR    the directory of rocm_smi/rocm_smi.h
#   RocmSmi_LIBRARY        the library
set(_rocm_roots /opt/rocm)
file(GLOB _rocm_versions /opt/rocm-*)
list(SORT _rocm_versions COMPARE NATURAL ORDER DESCENDING)
list(APPEND _rocm_roots ${_rocm_versions})

find_path(RocmSmi_INCLUDE_DIR rocm_smi/rocm_smi.h
          HINTS ENV ROCM_PATH PATHS ${_rocm_roots} PATH_SUFFIXES include rocm_smi/include)
find_library(RocmSmi_LIBRARY rocm_smi64
             HINTS ENV ROCM_PATH PATHS ${_rocm_roots} PATH_SUFFIXES lib lib64 rocm_smi/lib)
mark_as_advanced(RocmSmi_INCLUDE_DIR RocmSmi_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(RocmSmi REQUIRED_VARS RocmSmi_LIBRARY RocmSmi_INCLUDE_DIR)

if(RocmSmi_FOUND AND NOT TARGET RocmSmi::RocmSmi)
  add_library(RocmSmi::RocmSmi UNKNOWN IMPORTED)
  set_target_properties(RocmSmi::RocmSmi PROPERTIES
                        IMPORTED_LOCATION "${RocmSmi_LIBRARY}"
                        INTERFACE_INCLUDE_DIRECTORIES "${RocmSmi_INCLUDE_DIR}")
endif()
