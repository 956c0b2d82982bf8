#include "host/powercap.h"

#include <cerrno>

#include "support/catch.h"
#include "support/failing_read.h"
#include "support/problem_texts.h"
#include "support/temporary_directory.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kRange = 262'143'328'850;

const EnergyTotals::Time kStart{};

double joules(EnergyTotals& totals, std::uint64_t microjoules, std::chrono::seconds at) {
  return totals.update({{"package-0", microjoules, kRange}}, kStart + at).at("package-0");
}

EnergyZones read_energy_zones(const std::filesystem::path& sys) {
  return EnergyZoneReader(sys, std::make_shared<ReadableFiles>()).read();
}

void write_zone(const TemporaryDirectory& sys, const std::string& zone, const std::string& name,
                const std::string& energy) {
  const std::filesystem::path directory = "class/powercap/" + zone;
  sys.write(directory / "name", name + "\n");
  sys.write(directory / "energy_uj", energy + "\n");
  sys.write(directory / "max_energy_range_uj", std::to_string(kRange) + "\n");
}

}  // namespace

TEST_CASE("A subzone is named after its parent zone, and intel-rapl-mmio is ignored") {
  const TemporaryDirectory sys;
  sys.write("class/powercap/intel-rapl/enabled", "1\n");
  write_zone(sys, "intel-rapl:0", "package-0", "1000");
  write_zone(sys, "intel-rapl:0:0", "core", "600");
  write_zone(sys, "intel-rapl:1", "package-1", "2000");
  write_zone(sys, "intel-rapl:1:0", "core", "700");
  write_zone(sys, "intel-rapl-mmio:0", "package-0", "1001");
  const auto found = read_energy_zones(sys.path());
  CHECK(found.problems.empty());
  std::vector<std::string> names;
  for (const auto& zone : found.zones) names.push_back(zone.name);
  CHECK(names ==
        std::vector<std::string>{"package-0", "package-0/core", "package-1", "package-1/core"});
  CHECK(found.zones[1].microjoules == 600);
  CHECK(found.zones[1].range_microjoules == kRange);
}

TEST_CASE("A malformed energy value affects its own zone only") {
  const TemporaryDirectory sys;
  write_zone(sys, "intel-rapl:0", "package-0", "much");
  write_zone(sys, "intel-rapl:1", "package-1", "5");
  const auto found = read_energy_zones(sys.path());
  REQUIRE(found.problems.size() == 1);
  CHECK_THAT(texts(found.problems)[0], ContainsSubstring("energy_uj: malformed: \"much\""));
  CHECK(found.zones.size() == 1);
}

TEST_CASE("An energy beyond the range of its counter is a problem and not a sample") {
  const TemporaryDirectory sys;
  write_zone(sys, "intel-rapl:1", "package-1", std::to_string(kRange));
  write_zone(sys, "intel-rapl:0", "package-0",
             GENERATE("18446744073709551615", "9223372036854775807", "262143328851"));
  const auto found = read_energy_zones(sys.path());
  CHECK(found.zones.size() == 1);
  REQUIRE(found.problems.size() == 1);
  CHECK(found.problems[0].reason == Reason::implausible);
}

TEST_CASE("A zone without read permission is omitted, one that fails is a problem") {
  const TemporaryDirectory sys;
  write_zone(sys, "intel-rapl:0", "package-0", "5");
  write_zone(sys, "intel-rapl:1", "package-1", "5");
  const auto energy = sys.path() / "class/powercap/intel-rapl:0/energy_uj";
  {
    const FailingRead fails(energy, GENERATE(EACCES, EPERM, EINVAL, EOPNOTSUPP, ENODATA, ENODEV));
    const auto found = read_energy_zones(sys.path());
    CHECK(found.problems.empty());
    REQUIRE(found.zones.size() == 1);
    CHECK(found.zones[0].name == "package-1");
  }
  const FailingRead fails(energy, EIO);
  const auto found = read_energy_zones(sys.path());
  CHECK(texts(found.problems) == std::vector{energy.string() + ": Input/output error"});
  CHECK(found.zones.size() == 1);
}

TEST_CASE("A counter wraparound is corrected") {
  EnergyTotals totals;
  CHECK(joules(totals, kRange - 500'000'000, 0s) == Approx(261'643.32885));
  CHECK(joules(totals, 1'000'000'000, 15s) == Approx(263'143.32885));
  CHECK(joules(totals, 2'000'000'000, 30s) == Approx(264'143.32885));
}

TEST_CASE("An implausibly large wraparound is a counter reset") {
  EnergyTotals totals;
  CHECK(joules(totals, 5'000'000'000, 0s) == 5000);
  CHECK(joules(totals, 1'000'000, 15s) == 1);
}

TEST_CASE("Without a known range a decrease is a counter reset") {
  EnergyTotals totals;
  totals.update({{"psys", 9'000'000, std::nullopt}}, kStart);
  CHECK(totals.update({{"psys", 8'000'000, std::nullopt}}, kStart + 1s).at("psys") == 8);
}

TEST_CASE("A zone that gave energy and then refuses to is a problem") {
  const TemporaryDirectory sys;
  write_zone(sys, "intel-rapl:0", "package-0", "5");
  EnergyZoneReader reader(sys.path(), std::make_shared<ReadableFiles>());
  CHECK(reader.read().zones.size() == 1);
  const FailingRead fails(sys.path() / "class/powercap/intel-rapl:0/energy_uj",
                          GENERATE(EACCES, EPERM, EINVAL, ENODEV));
  const auto found = reader.read();
  CHECK(found.zones.empty());
  CHECK(found.problems.size() == 1);
}

TEST_CASE("Zones of the same name have different labels, whichever of them can be read") {
  const TemporaryDirectory sys;
  write_zone(sys, "intel-rapl:0", "package-0", "5");
  write_zone(sys, "intel-rapl:0:0", "dram", "6");
  write_zone(sys, "intel-rapl:1", "package-0", "7");
  write_zone(sys, "intel-rapl:1:0", "dram", "8");
  EnergyZoneReader reader(sys.path(), std::make_shared<ReadableFiles>());
  const auto names = [&] {
    std::vector<std::string> found;
    for (const auto& zone : reader.read().zones) found.push_back(zone.name);
    return found;
  };
  CHECK(names() == std::vector<std::string>{"package-0", "package-0/dram",
                                            "package-0 (intel-rapl:1)",
                                            "package-0/dram (intel-rapl:1:0)"});
  const FailingRead fails(sys.path() / "class/powercap/intel-rapl:0/name", EIO);
  CHECK(names() ==
        std::vector<std::string>{"package-0 (intel-rapl:1)", "package-0/dram (intel-rapl:1:0)"});
}

TEST_CASE("A zone whose name was truncated has no series under another name") {
  const TemporaryDirectory sys;
  write_zone(sys, "intel-rapl:0", "package-0", "5");
  write_zone(sys, "intel-rapl:0:0", "core", "6");
  sys.write("class/powercap/intel-rapl:0/name", "package-");
  const auto found = read_energy_zones(sys.path());
  CHECK(found.zones.empty());
  CHECK(found.problems.size() == 2);
}
