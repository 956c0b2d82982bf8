#include "rig/doctor/doctor.h"

#include <algorithm>

#include "doctor/check_inputs.h"
#include "rig/raid/raid_families.h"
#include "support/catch.h"

using namespace rig;

namespace {

Config config_of(std::string_view rig) {
  Config config;
  const auto root = rig_directory(rig);
  config.paths = {root / "proc", root / "sys", root};
  config.collectors_by_default = false;
  return config;
}

std::unique_ptr<Collector> make_nothing(const RootPaths&, const Config&) { return nullptr; }

const std::array<CollectorInfo, 1> kRaidOnly{{{"raid", "", {}, &make_nothing}}};

// A scrape in which md0 has lost a disk.
ScrapeResult dead_raid() {
  Samples samples;
  add_sample(samples, kRaidArrays, 1);
  add_sample(samples, kRaidArrayInfo, 1, {{"array", "md0"}, {"level", "raid0"}});
  add_sample(samples, kRaidArrayPresent, 1, {{"array", "md0"}});
  add_sample(samples, kRaidArrayUsable, 0, {{"array", "md0"}});
  add_sample(samples, kRaidDisks, 1, {{"array", "md0"}, {"state", "missing"}});
  samples.add_problem({Reason::permission_denied, "/sys/x", "Permission denied"});
  ScrapeResult result;
  result.collectors.push_back(collector_result("raid", std::move(samples)));
  return result;
}

}  // namespace

TEST_CASE("Repeated examinations report problems, then notes, and nothing that is fine") {
  HostExamination examination(kRaidOnly, config_of("rx6800x2-raid0-dead"));
  const auto findings = examination.findings(dead_raid());
  CHECK(std::ranges::is_sorted(findings, std::ranges::greater{},
                               [](const auto& finding) { return finding.level; }));
  CHECK(std::ranges::none_of(findings,
                             [](const auto& finding) { return finding.level == Level::ok; }));
  const auto mentions = [&](std::string_view text) {
    return std::ranges::any_of(findings, [&](const Finding& finding) {
      return finding.what.find(text) != finding.what.npos;
    });
  };
  CHECK(mentions("md0 (raid0) does not serve reads and writes"));
  CHECK(mentions("/sys/x: Permission denied"));
  CHECK(mentions("the raid collector is disabled"));
}

TEST_CASE("Each examination is of the scrape that it gets") {
  HostExamination examination(kRaidOnly, config_of("no-gpu-no-raid"));
  const auto problems = [&](const ScrapeResult& scrape) {
    const auto findings = examination.findings(scrape);
    return std::ranges::count(findings, Level::problem, &Finding::level);
  };
  CHECK(problems(dead_raid()) >= 2);
  CHECK(problems({}) == 0);
}

TEST_CASE("The addresses of a running exporter are not examined") {
  auto config = config_of("no-gpu-no-raid");
  config.web.listen_addresses = {"203.0.113.1:1"};  // cannot be bound here
  HostExamination examination(kRaidOnly, config);
  for (const auto& finding : examination.findings({})) CHECK(finding.subject != kExporterSubject);
}
