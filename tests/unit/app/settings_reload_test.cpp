#include "app/settings_reload.h"

#include <array>
#include <optional>

#include "rig/config/command_line.h"
#include "rig/config/config_error.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

std::unique_ptr<Collector> make_nothing(const RootPaths&, const Config&) {
  class Nothing : public Collector {
    void collect(Samples&, Deadline) override {}
  };
  return std::make_unique<Nothing>();
}

const std::array<CollectorInfo, 2> kIdleCollectors{
    {{"cpu", "", {}, &make_nothing}, {"raid", "", {}, &make_nothing}}};

// An exporter with a configuration file.
struct ReloadedSettings {
  explicit ReloadedSettings(const std::string& text) { write(text); }

  void write(const std::string& text) const { directory.write("rig.yml", text); }

  void start(const std::string& flag = "--web.page") {
    file_flag = "--config.file=" + (directory.path() / "rig.yml").string();
    other_flag = flag;
    arguments = {"rig_exporter", file_flag.c_str(), other_flag.c_str()};
    auto config = parse_command_line(arguments, collector_switches(kIdleCollectors)).config;
    config.privacy.serves_strangers = [] { return true; };
    scheduler.emplace(kIdleCollectors, config, std::make_shared<Instrumentation>());
    prepare = settings_reload(
        arguments, kIdleCollectors, config, *scheduler,
        [this](const Config& next) -> CommitReload { return [this, next] { committed = next; }; });
  }

  std::vector<std::string> errors() const {
    try {
      prepare();
      return {};
    } catch (const ConfigErrors& error) {
      return error.errors();
    }
  }

  const TemporaryDirectory directory;
  std::string file_flag;
  std::string other_flag;
  std::array<const char*, 3> arguments{};
  std::optional<ScrapeScheduler> scheduler;
  PrepareReload prepare;
  std::optional<Config> committed;
};

using Collectors = std::vector<std::string>;

}  // namespace

TEST_CASE("A reload applies what has changed in the file") {
  ReloadedSettings settings("raid: {ignore: [md1]}");
  settings.start();
  settings.write("raid: {ignore: [md2]}\ncollector: {cpu: false}\nscrape: {timeout: 9s}");
  const auto commit = settings.prepare();
  CHECK(settings.scheduler->scrape().names() == Collectors{"cpu", "raid"});
  CHECK_FALSE(settings.committed);
  commit();
  CHECK(settings.scheduler->scrape().names() == Collectors{"raid"});
  CHECK(settings.scheduler->limit() == std::chrono::seconds(9));
  REQUIRE(settings.committed);
  CHECK(settings.committed->raid.ignored == Collectors{"md2"});
}

TEST_CASE("What is omitted for clients that nobody authenticates is omitted after a reload") {
  ReloadedSettings settings("raid: {ignore: [md1]}");
  settings.start();
  settings.write("raid: {ignore: [md2]}");
  settings.prepare()();
  REQUIRE(settings.committed);
  CHECK_FALSE(settings.committed->privacy.shows_serial_numbers());
  CHECK(settings.committed->privacy.gpu_process_labels() == GpuProcessLabels::pid);
}

TEST_CASE("Flags keep their precedence over the file when it is reloaded") {
  ReloadedSettings settings("log: {level: info}");
  settings.start("--log.level=error");
  settings.write("log: {level: debug}\nscrape: {timeout: 9s}");
  settings.prepare()();
  REQUIRE(settings.committed);
  CHECK(settings.committed->log.level == LogLevel::error);
}

TEST_CASE("Each setting that needs a restart is named, and nothing changes") {
  ReloadedSettings settings("web: {listen-address: ':1'}");
  settings.start();
  settings.write("web: {listen-address: ':2', telemetry-path: /m}\ncollector: {cpu: false}");
  CHECK(settings.errors() ==
        std::vector<std::string>{
            "web.listen-address cannot change at run time: restart the exporter",
            "web.telemetry-path cannot change at run time: restart the exporter"});
  CHECK(settings.scheduler->scrape().names() == Collectors{"cpu", "raid"});
  settings.write("web: {listen-address: ':1'}\ncollector: {cpu: false}");
  settings.prepare()();
  CHECK(settings.scheduler->scrape().names() == Collectors{"raid"});
}

TEST_CASE("All errors of an invalid file are reported") {
  ReloadedSettings settings("");
  settings.start();
  settings.write("log: {level: loud}\nunknown: 1");
  CHECK(settings.errors().size() == 2);
  CHECK_FALSE(settings.committed);
}

TEST_CASE("Each reload is compared with the previous one, and an equal file changes nothing") {
  ReloadedSettings settings("");
  settings.start();
  settings.prepare()();
  CHECK_FALSE(settings.committed);
  settings.write("collector: {cpu: false}");
  settings.prepare()();
  CHECK(settings.committed);
  settings.committed.reset();
  settings.prepare()();
  CHECK_FALSE(settings.committed);
  settings.write("");
  settings.prepare()();
  CHECK(settings.committed);
  CHECK(settings.scheduler->scrape().names() == Collectors{"cpu", "raid"});
}
