#include "gpu_probe/sysfs/marketing_name.h"

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

TEST_CASE("Names are read from amdgpu.ids below the given root") {
  const TemporaryDirectory root;
  root.write("usr/share/libdrm/amdgpu.ids", "73BF,\tC3,\tAMD Radeon RX 6800\n");
  CHECK(marketing_name(root.path(), "0x73bf", "0xc3", "") == "AMD Radeon RX 6800");
  CHECK(marketing_name(root.path(), "0x73bf", "0xc9", "").empty());
  CHECK(marketing_name("/nonexistent", "0x73bf", "0xc3", "").empty());
}
