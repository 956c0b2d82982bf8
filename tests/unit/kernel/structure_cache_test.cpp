#include "kernel/structure_cache.h"

#include <filesystem>
#include <memory>
#include <utility>

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

using FactKind = Fact::Kind;
using Time = StructureCache::Clock::time_point;
using Names = std::vector<std::string>;

// Of which the test decides what it reports.
struct Reports {
  bool changed = false;
  bool watchable = true;
  std::chrono::seconds settling{0};
  int forgotten = 0;
};

class ReportingDirectory : public WatchedDirectory {
 public:
  explicit ReportingDirectory(std::shared_ptr<Reports> reports) : reports_(std::move(reports)) {}
  bool has_changed() override { return std::exchange(reports_->changed, false); }
  bool watch(const std::string& /*path*/, Use /*use*/) override { return reports_->watchable; }
  void forget() override { ++reports_->forgotten; }
  std::chrono::seconds settling_time() const override { return reports_->settling; }

 private:
  const std::shared_ptr<Reports> reports_;
};

// A cache of /machine.
struct CachedMachine {
  explicit CachedMachine(StructureCache::Limits limits = {})
      : cache([this] { ++forgotten; }, limits) {
    cache.add("/machine", std::make_unique<ReportingDirectory>(reports));
    cache.refresh(start);
  }
  void learn(FactKind kind, const std::string& path, Fact fact) {
    const auto generation = cache.begin(kind, path, start);
    REQUIRE(generation);
    cache.remember(*generation, kind, path, std::move(fact));
  }
  bool knows(FactKind kind, const std::string& path) {
    return cache.find(kind, path, start).has_value();
  }

  const Time start = StructureCache::Clock::now();
  int forgotten = 0;
  const std::shared_ptr<Reports> reports = std::make_shared<Reports>();
  StructureCache cache;
};

Fact listing(Names names) { return {true, {}, std::move(names)}; }

}  // namespace

TEST_CASE("What was read of a path is known, each kind of it by itself") {
  CachedMachine machine;
  machine.learn(FactKind::names, "/machine/block", listing({"sda", "sdb"}));
  machine.learn(FactKind::link, "/machine/sda/subsystem", {true, "scsi", {}});
  machine.learn(FactKind::presence, "/machine/sda/partition", {});
  CHECK(machine.cache.find(FactKind::names, "/machine/block", machine.start)->names ==
        Names{"sda", "sdb"});
  CHECK(machine.cache.find(FactKind::link, "/machine/sda/subsystem", machine.start)->target ==
        "scsi");
  CHECK_FALSE(
      machine.cache.find(FactKind::presence, "/machine/sda/partition", machine.start)->exists);
  CHECK_FALSE(machine.knows(FactKind::presence, "/machine/block"));
  CHECK(machine.cache.size() == 3);
}

TEST_CASE("Nothing is remembered of paths elsewhere, or of those that cannot be watched") {
  CachedMachine machine;
  CHECK_FALSE(machine.cache.begin(FactKind::presence, "/machine2/block", machine.start));
  CHECK_FALSE(machine.cache.begin(FactKind::presence, "block", machine.start));
  CHECK(machine.cache.begin(FactKind::names, "/machine", machine.start));
  machine.reports->watchable = false;
  CHECK_FALSE(machine.cache.begin(FactKind::names, "/machine", machine.start));
}

TEST_CASE("Nothing is remembered before the first scrape") {
  StructureCache cache([] {});
  cache.add("/machine", std::make_unique<ReportingDirectory>(std::make_shared<Reports>()));
  CHECK_FALSE(cache.begin(FactKind::names, "/machine"));
  CHECK_FALSE(cache.is_fresh());
}

TEST_CASE("Any change makes everything forgotten") {
  CachedMachine machine;
  machine.learn(FactKind::names, "/machine/block", listing({"sda"}));
  machine.learn(FactKind::file, "/machine/missing", {});
  machine.cache.refresh(machine.start);
  CHECK(machine.cache.size() == 2);
  CHECK(machine.forgotten == 0);
  machine.reports->changed = true;
  machine.cache.refresh(machine.start);
  CHECK(machine.cache.size() == 0);
  CHECK(machine.forgotten == 1);
  CHECK(machine.reports->forgotten == 1);
}

TEST_CASE("After a change nothing is remembered until it has settled") {
  CachedMachine machine;
  machine.reports->changed = true;
  machine.reports->settling = 5s;
  machine.cache.refresh(machine.start);
  CHECK_FALSE(machine.cache.begin(FactKind::names, "/machine", machine.start));
  CHECK_FALSE(machine.cache.begin(FactKind::names, "/machine", machine.start + 4999ms));
  CHECK(machine.cache.begin(FactKind::names, "/machine", machine.start + 5s));
}

TEST_CASE("A read that began before a change is not remembered after it") {
  CachedMachine machine;
  const auto generation = machine.cache.begin(FactKind::names, "/machine/block", machine.start);
  REQUIRE(generation);
  machine.reports->changed = true;
  machine.cache.refresh(machine.start);
  machine.cache.remember(*generation, FactKind::names, "/machine/block", listing({"gone"}));
  CHECK_FALSE(machine.knows(FactKind::names, "/machine/block"));
}

TEST_CASE("Everything is forgotten after a while, and read anew at once") {
  CachedMachine machine;
  machine.learn(FactKind::names, "/machine/block", listing({"sda"}));
  machine.reports->settling = 5s;
  const auto later = machine.start + StructureCache::kOldest;
  machine.cache.refresh(later - 1ms);
  CHECK(machine.cache.size() == 1);
  machine.cache.refresh(later);
  CHECK(machine.cache.size() == 0);
  CHECK(machine.cache.begin(FactKind::names, "/machine/block", later));
}

TEST_CASE("What is known is used only shortly after the sources were asked") {
  CachedMachine machine;
  machine.learn(FactKind::names, "/machine/block", listing({"sda"}));
  const auto last = machine.start + StructureCache::kFresh;
  CHECK(machine.cache.find(FactKind::names, "/machine/block", last));
  CHECK(machine.cache.is_fresh(last));
  CHECK_FALSE(machine.cache.find(FactKind::names, "/machine/block", last + 1ms));
  CHECK_FALSE(machine.cache.is_fresh(last + 1ms));
}

TEST_CASE("A source that always reports a change leaves nothing to be known") {
  CachedMachine machine;
  for (int scrape = 0; scrape < 3; ++scrape) {
    machine.reports->changed = true;
    machine.reports->settling = 5s;
    machine.cache.refresh(machine.start);
    CHECK_FALSE(machine.cache.begin(FactKind::names, "/machine/block", machine.start));
  }
}

TEST_CASE("The cache is limited in facts and in bytes") {
  SECTION("facts") {
    CachedMachine machine({.facts = 2, .bytes = 1000});
    for (const char* path : {"/machine/a", "/machine/b", "/machine/c"})
      machine.learn(FactKind::presence, path, {});
    CHECK(machine.cache.size() == 2);
    CHECK_FALSE(machine.knows(FactKind::presence, "/machine/c"));
  }
  SECTION("bytes, which are free again when all is forgotten") {
    CachedMachine machine({.facts = 1000, .bytes = 200});
    const std::string name(100, 'x');
    machine.learn(FactKind::names, "/machine/a", listing({name}));
    machine.learn(FactKind::names, "/machine/b", listing({name}));
    CHECK(machine.cache.size() == 1);
    machine.cache.contradict(machine.start);
    machine.learn(FactKind::names, "/machine/b", listing({name}));
    CHECK(machine.knows(FactKind::names, "/machine/b"));
  }
}

TEST_CASE("A file that is missing although it is known to exist makes everything forgotten") {
  const TemporaryDirectory directory;
  const std::string top = directory.path();
  directory.write("md/dev-sda/state", "in_sync\n");
  std::filesystem::create_symlink("nowhere", directory.path() / "md/dangling");
  int forgotten = 0;
  StructureCache cache([&] { ++forgotten; });
  cache.add(top, std::make_unique<ReportingDirectory>(std::make_shared<Reports>()));
  cache.refresh();
  const auto learn = [&](FactKind kind, const std::string& path, Fact fact) {
    cache.remember(*cache.begin(kind, path), kind, path, std::move(fact));
  };
  learn(FactKind::names, top + "/md", listing({"dangling", "dev-sda", "level"}));

  SECTION("a file of a listed name") { learn(FactKind::file, top + "/md/level", {}); }
  SECTION("a file in a listed directory") {
    std::filesystem::remove_all(directory.path() / "md/dev-sda");
    learn(FactKind::file, top + "/md/dev-sda/slot", {});
  }
  SECTION("a directory in one that was present") {
    learn(FactKind::presence, top + "/block", {true, {}, {}});
    learn(FactKind::names, top + "/block/sda", {});
  }
  CHECK(forgotten == 1);
  CHECK(cache.size() == 0);
}

TEST_CASE("A file that is missing where that is no contradiction is remembered") {
  const TemporaryDirectory directory;
  const std::string top = directory.path();
  directory.write("md/level", "raid1\n");
  std::filesystem::create_symlink("nowhere", directory.path() / "md/dangling");
  StructureCache cache([] {});
  cache.add(top, std::make_unique<ReportingDirectory>(std::make_shared<Reports>()));
  cache.refresh();
  const auto learn = [&](FactKind kind, const std::string& path, Fact fact) {
    cache.remember(*cache.begin(kind, path), kind, path, std::move(fact));
  };
  learn(FactKind::names, top + "/md", listing({"dangling", "level"}));
  learn(FactKind::presence, top + "/md", {true, {}, {}});
  learn(FactKind::file, top + "/md/uuid", {});
  learn(FactKind::file, top + "/md/dangling", {});
  learn(FactKind::file, top + "/other/uuid", {});
  CHECK(cache.size() == 5);
}
