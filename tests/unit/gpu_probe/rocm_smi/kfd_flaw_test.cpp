#include "gpu_probe/rocm_smi/kfd_flaw.h"

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

TEST_CASE("A node whose properties file contains no property is detected") {
  const TemporaryDirectory sys;
  CHECK(kfd_flaw(sys.path()).empty());
  sys.write("class/kfd/kfd/topology/nodes/0/properties", "cpu_cores_count 8\n");
  sys.write("class/kfd/kfd/topology/nodes/1/properties",
            "");  // only makes the library ignore the GPU
  CHECK(kfd_flaw(sys.path()).empty());
  sys.write("class/kfd/kfd/topology/nodes/2/properties", "\n");
  CHECK_THAT(kfd_flaw(sys.path()), ContainsSubstring("nodes/2/properties holds no property"));
}
