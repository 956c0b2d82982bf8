#include <sys/utsname.h>

#include <array>
#include <system_error>

#include "host/filesystem.h"
#include "host/os_release.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"
#include "rig/scrape/collectors.h"

namespace rig {
namespace {

constexpr auto kInfo =
    gauge("rig_host_info", Unit::none,
          "The machine: its kernel, operating system and architecture; always 1.", "kernel", "os",
          "architecture");
constexpr auto kMetrics = std::to_array<const MetricInfo*>({&kInfo});

// Below a root that is not ours, a link to /nix/… would lead to our own file.
bool leads_out_of(const std::filesystem::path& root, const std::filesystem::path& path) {
  std::error_code error;
  const auto real = std::filesystem::canonical(path, error);
  if (error) return true;
  const auto inside = real.lexically_relative(std::filesystem::canonical(root, error));
  return inside.empty() || *inside.begin() == "..";
}

std::string read_os(const std::filesystem::path& root) {
  for (const char* file : {"etc/os-release", "usr/lib/os-release"}) {
    if (leads_out_of(root, root / file)) continue;
    if (const auto text = read_file(root / file)) return parse_pretty_name(*text);
  }
  return {};
}

// Another machine's, played back, is only known where its kernel says it (6.1 and later).
std::string read_architecture(const std::filesystem::path& proc) {
  if (const auto text = read_line(proc / "sys/kernel/arch")) return *text;
  struct utsname running {};
  return is_procfs(proc) && uname(&running) == 0 ? running.machine : "";
}

class HostCollector : public Collector {
 public:
  explicit HostCollector(RootPaths host) : host_(std::move(host)) {}

  // Whole or not there: with labels that come and go it would be another series each time.
  void collect(Samples& samples, Deadline /*one source*/) override {
    const auto kernel = read_line(host_.proc / "sys/kernel/osrelease");
    if (!kernel) return;
    samples.add(kInfo, 1, *kernel, read_os(host_.root), read_architecture(host_.proc));
  }

 private:
  const RootPaths host_;
};

}  // namespace

CollectorInfo host_collector() {
  return {.name = "host",
          .what = "kernel, operating system, architecture: /proc/sys/kernel, os-release",
          .metrics = kMetrics,
          .make = [](const RootPaths& host, const Config&) -> std::unique_ptr<Collector> {
            return std::make_unique<HostCollector>(host);
          }};
}

}  // namespace rig
