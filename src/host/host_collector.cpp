#include <sys/utsname.h>

#include <array>

#include "host/os_release.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"
#include "rig/scrape/collectors.h"
#include "rig/scrape/make_collector.h"

namespace rig {
namespace {

constexpr auto kHostInfo =
    gauge("rig_host_info", Unit::none,
          "Kernel release, operating system and architecture of the machine. Always 1.", "kernel",
          "os", "architecture");
constexpr auto kHostMetrics = std::to_array<const MetricInfo*>({&kHostInfo});

// With --path.rootfs an absolute symbolic link (to /nix/...) would lead to a file outside of it.
bool leaves_root(const std::filesystem::path& root, const std::filesystem::path& path) {
  if (root == "/") return false;
  const auto real_root = real_path(root.native());
  const auto real = real_path(path.native());
  if (!real_root || !real) return true;
  // The root may be a link to "/", as /proc/1/root is.
  return *real_root != "/" && !real->starts_with(*real_root + "/");
}

std::string read_os(const std::filesystem::path& root) {
  for (const char* file : {"etc/os-release", "usr/lib/os-release"}) {
    if (leaves_root(root, root / file)) continue;
    if (const auto text = read_text(root / file).get()) return parse_os_name(*text);
  }
  return {};
}

// sys/kernel/arch exists since Linux 6.1. uname(2) describes this machine, so that it is no
// replacement if `proc` is a copy from another machine.
std::string read_architecture(const std::filesystem::path& proc) {
  if (const auto text = read_trimmed(proc / "sys/kernel/arch").get()) return *text;
  struct utsname running {};
  return is_procfs(proc) && uname(&running) == 0 ? running.machine : "";
}

class HostCollector : public Collector {
 public:
  explicit HostCollector(RootPaths roots) : roots_(std::move(roots)) {}

  // All labels or no sample: a label that changes would start a new series.
  void collect(Samples& samples, Deadline /*single source*/) override {
    const auto kernel = read_trimmed(roots_.proc / "sys/kernel/osrelease").get();
    if (!kernel) return;
    samples.add(kHostInfo, 1, *kernel, read_os(roots_.root), read_architecture(roots_.proc));
  }

 private:
  const RootPaths roots_;
};

}  // namespace

CollectorInfo host_collector() {
  return {.name = "host",
          .help = "kernel, operating system, architecture: /proc/sys/kernel, os-release",
          .metrics = kHostMetrics,
          .make = make_collector<HostCollector>};
}

}  // namespace rig
