#include "app/examination.h"

#include <algorithm>
#include <array>

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

std::unique_ptr<Collector> make_no_collector(const RootPaths&, const Config&) { return nullptr; }

const std::array<CollectorInfo, 1> kCpuOnly{{{"cpu", "", {}, &make_no_collector}}};

Config config_of(const TemporaryDirectory& root, bool cpu) {
  Config config;
  config.paths = {root.path() / "proc", root.path() / "sys", root.path()};
  config.collectors_by_default = cpu;
  return config;
}

bool says_that_cpu_is_disabled(const Examination& examination) {
  return std::ranges::any_of(examination.findings({}), [](const LiveFinding& finding) {
    return finding.what.find("the cpu collector is disabled") != finding.what.npos;
  });
}

}  // namespace

TEST_CASE("The host is examined with the configuration of the latest reload") {
  const TemporaryDirectory root;
  Examination examination(kCpuOnly, config_of(root, true));
  CHECK_FALSE(says_that_cpu_is_disabled(examination));
  const auto commit = examination.prepare_reload(config_of(root, false));
  CHECK_FALSE(says_that_cpu_is_disabled(examination));
  commit();
  CHECK(says_that_cpu_is_disabled(examination));
}

TEST_CASE("A finding of the doctor has the levels of the live page") {
  const TemporaryDirectory root;
  const Examination examination(kCpuOnly, config_of(root, false));
  const auto findings = examination.findings({});
  REQUIRE_FALSE(findings.empty());
  for (const auto& finding : findings) {
    CHECK((finding.level == "problem" || finding.level == "note"));
    CHECK_FALSE(finding.what.empty());
  }
}
