#include "gpu_probe/rocm_smi/library_files.h"

#include <string>
#include <vector>

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

TEST_CASE("librocm_smi64 is looked for in AMD's installations, the selected and the newest first") {
  const TemporaryDirectory opt;
  for (const std::string file :
       {"rocm/lib/librocm_smi64.so.6", "rocm-5.7.1/lib/librocm_smi64.so.5",
        "rocm-6.4.3/lib/librocm_smi64.so", "rocm-6.4.3/lib/librocm_smi64.so.7.5.60403",
        "rocm-6.4.3/lib/librocm_smi64.so.7", "rocm-10.0.0/lib64/librocm_smi64.so.1",
        "rocm-6.1.0/lib/libamdhip64.so.6", "other/lib/librocm_smi64.so.5"})
    opt.write(file, "");
  const auto path = [&opt](const std::string& file) { return (opt.path() / file).string(); };
  CHECK(rocm_smi_files(opt.path()) ==
        std::vector<std::string>{"librocm_smi64.so.1", path("rocm/lib/librocm_smi64.so.6"),
                                 path("rocm-10.0.0/lib64/librocm_smi64.so.1"),
                                 path("rocm-6.4.3/lib/librocm_smi64.so.7"),
                                 path("rocm-5.7.1/lib/librocm_smi64.so.5"), "librocm_smi64.so.8",
                                 "librocm_smi64.so.7", "librocm_smi64.so.6", "librocm_smi64.so.5"});
}

TEST_CASE("Without an installation of AMD the dynamic linker is asked only") {
  const TemporaryDirectory opt;
  const auto files = rocm_smi_files(opt.path() / "absent");
  CHECK(files.front() == "librocm_smi64.so.1");
  for (const auto& file : files) CHECK(file.find('/') == file.npos);
}
