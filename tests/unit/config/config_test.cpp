#include <array>
#include <string>
#include <vector>

#include "config/parse.h"
#include "config/suggestion.h"
#include "rig/config/listen_address.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

TEST_CASE("Without flags every setting has its default") {
  const auto command = parse({});
  CHECK(command.action == Action::serve);
  CHECK(command.config.web.listen_addresses == std::vector<std::string>{":10068"});
  CHECK(command.config.collector_enabled("gpu"));
}

TEST_CASE("The word doctor may come before or after flags") {
  const auto command = parse({"doctor", "--log.level", "debug"});
  CHECK(command.action == Action::doctor);
  CHECK(command.config.log.level == LogLevel::debug);
  CHECK(parse({"--log.level=debug", "doctor"}).action == Action::doctor);
  CHECK_THAT(flag_error({"doctor", "gpu"}), ContainsSubstring("unexpected argument \"gpu\""));
  CHECK_THAT(flag_error({"doctors"}), ContainsSubstring("unexpected argument \"doctors\""));
  CHECK_THAT(parse({"--help"}).output, ContainsSubstring("rig_exporter doctor"));
}

TEST_CASE("A value follows its flag after = or as the next argument") {
  CHECK(parse({"--web.telemetry-path=/m"}).config.web.telemetry_path == "/m");
  CHECK(parse({"--web.telemetry-path", "/m"}).config.web.telemetry_path == "/m");
}

TEST_CASE("--web.listen-address may be repeated; the last of other flags wins") {
  const auto config = parse({"--web.listen-address=:1", "--web.listen-address=[::1]:2",
                             "--log.level=debug", "--log.level=warn"})
                          .config;
  CHECK(config.web.listen_addresses == std::vector<std::string>{":1", "[::1]:2"});
  CHECK(config.log.level == LogLevel::warn);
}

TEST_CASE("Names of arrays are normalized however they are written") {
  const auto config = parse({"--raid.expect=/dev/md0", "--raid.expect=/dev/md/data",
                             "--raid.ignore=/dev/md12*", "--raid.ignore=md7", "--raid.ignore=*"})
                          .config;
  CHECK(config.raid.expected == std::vector<std::string>{"md0", "md/data"});
  CHECK(config.raid.ignored == std::vector<std::string>{"md12*", "md7", "md*"});
  CHECK(from_yaml("raid: {expect: [md0, /dev/md/1], ignore: md2}").raid.expected ==
        std::vector<std::string>{"md0", "md1"});
  CHECK(flag_error({"--raid.expect=md*"}) ==
        "--raid.expect: \"md*\" is not the name of an array: write md0 or /dev/md/data");
  CHECK(flag_error({"--raid.ignore=/dev/mapper/x"}) ==
        "--raid.ignore: \"/dev/mapper/x\" is not the name of an array: write md0, md12* or "
        "/dev/md/data");
}

TEST_CASE("Collectors are enabled and disabled by name") {
  const auto config = parse({"--no-collector.gpu"}).config;
  CHECK_FALSE(config.collector_enabled("gpu"));
  CHECK(config.collector_enabled("raid"));
  CHECK(parse({"--no-collector.gpu", "--collector.gpu"}).config.collector_enabled("gpu"));
  CHECK_FALSE(parse({"--collector.gpu", "--no-collector.gpu"}).config.collector_enabled("gpu"));
  const auto only = parse({"--collector.disable-defaults", "--collector.raid"}).config;
  CHECK_FALSE(only.collector_enabled("gpu"));
  CHECK(only.collector_enabled("raid"));
}

TEST_CASE("The error for an unknown flag suggests the most similar one") {
  CHECK(flag_error({"--web.listn-address=:1"}) ==
        "unknown flag --web.listn-address; did you mean --web.listen-address?");
  CHECK(flag_error({"--collector.rad"}) ==
        "unknown flag --collector.rad; did you mean --collector.raid?");
  CHECK_THAT(flag_error({"serve"}), ContainsSubstring("unexpected argument \"serve\""));
}

TEST_CASE("The error for an invalid value names the flag and what to write instead") {
  CHECK_THAT(flag_error({"--web.listen-address=10068"}),
             ContainsSubstring("--web.listen-address: \"10068\" has no port"));
  CHECK_THAT(flag_error({"--web.listen-address=::1:99"}), ContainsSubstring("without brackets"));
  CHECK_THAT(flag_error({"--web.listen-address=:65536"}), ContainsSubstring("0 to 65535"));
  CHECK_THAT(flag_error({"--log.level=loud"}), ContainsSubstring("debug, info, warn, error"));
  CHECK_THAT(flag_error({"--gpu.sample-interval=5"}), ContainsSubstring("write 500ms, 1s or 2m"));
  CHECK_THAT(flag_error({"--gpu.sample-interval=1ms"}), ContainsSubstring("out of range"));
  CHECK_THAT(flag_error({"--gpu.peak-window=0"}), ContainsSubstring("write 500ms, 1s or 2m"));
  CHECK_THAT(flag_error({"--path.procfs=/no/such/directory"}),
             ContainsSubstring("is not a directory"));
  CHECK_THAT(flag_error({"--web.telemetry-path=metrics"}), ContainsSubstring("/metrics"));
  CHECK_THAT(flag_error({"--web.telemetry-path=/api/v1/live"}), ContainsSubstring("/metrics"));
}

TEST_CASE("A flag that ends in = does not take the next flag as its value") {
  CHECK(flag_error({"--path.procfs=", "--path.sysfs=/sys"}) ==
        "--path.procfs= has no value: write --path.procfs=DIR");
  CHECK(flag_error({"--config.file=", "--once"}) ==
        "--config.file= has no value: write --config.file=FILE");
}

TEST_CASE("A switch takes true or false, and the last of its forms wins") {
  CHECK_FALSE(parse({"--collector.gpu=false"}).config.collector_enabled("gpu"));
  CHECK(parse({"--no-collector.gpu", "--collector.gpu=true"}).config.collector_enabled("gpu"));
  CHECK(parse({"--no-collector.gpu=false"}).config.collector_enabled("gpu"));
  CHECK_FALSE(parse({"--no-collector.gpu=true"}).config.collector_enabled("gpu"));
  CHECK_FALSE(parse({"--collector.cpu.per-core=false"}).config.cpu.per_core);
  CHECK(parse({}).config.filesystem.max == 256);
  CHECK(parse({"--collector.filesystem.max=9"}).config.filesystem.max == 9);
  CHECK(parse({"--collector.disable-defaults=false"}).config.collector_enabled("gpu"));
  CHECK_FALSE(parse({"--collector.disable-defaults=true"}).config.collector_enabled("gpu"));
}

TEST_CASE("The error for an invalid value of a switch contains the valid values") {
  CHECK(flag_error({"--collector.gpu=no"}) ==
        "--collector.gpu=no: write --collector.gpu, --collector.gpu=true or "
        "--collector.gpu=false");
  CHECK(flag_error({"--no-collector.gpu="}) ==
        "--no-collector.gpu=: write --no-collector.gpu, --no-collector.gpu=true or "
        "--no-collector.gpu=false");
  CHECK_THAT(flag_error({"--collector.disable-defaults=1"}), ContainsSubstring("=true or"));
  CHECK(flag_error({"--once=yes"}) == "--once=yes: --once takes no value: write --once");
}

TEST_CASE("A probe that does not exist is a configuration error") {
  CHECK(flag_error({"--gpu.probe=/no/such/probe"}) ==
        "--gpu.probe: \"/no/such/probe\" is not a file: write the path of a rig_gpu_probe");
}

TEST_CASE("The file has the same settings as the flags, and flags take precedence") {
  const TemporaryDirectory folder;
  const auto file = folder.write("rig.yml",
                                 "web:\n"
                                 "  listen-address: [':1', ':2']\n"
                                 "  telemetry-path: /from-file\n"
                                 "gpu: {sample-interval: 250ms}\n"
                                 "collector:\n"
                                 "  gpu: false\n"
                                 "log: {format: json}\n");
  const std::string flag = "--config.file=" + file.string();
  const auto config = parse({flag.c_str(), "--web.listen-address=:3"}).config;
  CHECK(config.web.listen_addresses == std::vector<std::string>{":3"});
  CHECK(config.web.telemetry_path == "/from-file");
  CHECK(config.gpu.sample_interval == std::chrono::milliseconds(250));
  CHECK(parse({flag.c_str(), "--gpu.sample-interval=0"}).config.gpu.sample_interval ==
        std::chrono::milliseconds(0));
  CHECK_FALSE(config.collector_enabled("gpu"));
  CHECK(config.log.format == LogFormat::json);
  CHECK_FALSE(parse({flag.c_str(), "--no-collector.raid"}).config.collector_enabled("raid"));
}

TEST_CASE("The name of a collector in the file takes a boolean or a map of its settings") {
  CHECK_FALSE(from_yaml("collector: {cpu: false}\n").collector_enabled("cpu"));
  const auto config = from_yaml("collector:\n  cpu:\n    per-core: false\n");
  CHECK(config.collector_enabled("cpu"));
  CHECK_FALSE(config.cpu.per_core);
  CHECK_FALSE(from_yaml("collector: {cpu: false, cpu.per-core: false}\n").cpu.per_core);
  CHECK(yaml_error("collector:\n  cpu:\n    per-cor: false\n") ==
        "rig.yml:3:5: unknown setting \"per-cor\"; did you mean per-core?");
  CHECK(yaml_error("collector: {gpu: {per-core: false}}\n") ==
        "rig.yml:1:18: collector.gpu needs true or false");
  CHECK_FALSE(parse({"--no-collector.cpu.per-core"}).config.cpu.per_core);
}

TEST_CASE("A comma where a document starts is an error and not endless") {
  for (const char* text : {",", ", a", "---\n,", ",,,\n"})
    CHECK(yaml_error(text).starts_with("rig.yml:"));
}

TEST_CASE("An empty file changes nothing") {
  CHECK(from_yaml("").web.telemetry_path == "/metrics");
  CHECK(from_yaml("# nothing\n").web.telemetry_path == "/metrics");
  CHECK(from_yaml("web:\n").web.telemetry_path == "/metrics");
}

TEST_CASE("An error in the file has the file name, line, column and a suggestion") {
  CHECK(yaml_error("web:\n  listn-address: ':1'\n") ==
        "rig.yml:2:3: unknown setting \"listn-address\"; did you mean listen-address?");
  CHECK(yaml_error("collector:\n  raidd: true\n") ==
        "rig.yml:2:3: unknown collector \"raidd\"; did you mean raid?");
  CHECK(yaml_error("collector:\n  raid: maybe\n") ==
        "rig.yml:2:9: collector.raid: \"maybe\" is neither true nor false: write one of them");
  CHECK(yaml_error("log:\n  level: [info]\n") ==
        "rig.yml:2:10: log.level needs a value: write level: debug|info|warn|error");
  CHECK_THAT(yaml_error("web: 5\n"),
             ContainsSubstring("rig.yml:1:6: \"web\" is a group of settings"));
  CHECK_THAT(yaml_error("- web\n"), ContainsSubstring("rig.yml:1:1: the file is not a map"));
  CHECK_THAT(yaml_error("web: {\n"), ContainsSubstring("invalid YAML"));
  CHECK_THAT(yaml_error("log: {level: info}\nlog: {format: json}\n"),
             ContainsSubstring("rig.yml:2:1: duplicate key \"log\""));
  CHECK_THAT(yaml_error("web.telemetry-path: /a\nweb:\n  telemetry-path: /b\n"),
             ContainsSubstring("rig.yml:3:3: duplicate key \"web.telemetry-path\""));
  CHECK_THAT(yaml_error("log: {level: info}\n---\nlog: {level: debug}\n"),
             ContainsSubstring("rig.yml:2:1: a second YAML document starts"));
}

TEST_CASE("The error for a missing configuration file names it") {
  CHECK(flag_error({"--config.file=/no/such.yml"}) ==
        "--config.file: /no/such.yml: no such file: write the path of a YAML file");
}

TEST_CASE("Formatting a parsed address gives the original text") {
  for (const char* text : {":10068", "127.0.0.1:0", "[::1]:65535", "rig.lan:80"}) {
    CHECK(to_string(parse_listen_address(text)) == text);
  }
}

TEST_CASE("Nothing is suggested for a word without a similar one") {
  const std::array valid{std::string("listen-address"), std::string("telemetry-path")};
  CHECK(nearest_word("banana", valid).empty());
  CHECK(suggestion("banana", valid) == "; write one of listen-address, telemetry-path");
}

TEST_CASE("The live page is on unless --web.no-page or web.page of the file turns it off") {
  CHECK(parse({}).config.web.page);
  CHECK_FALSE(parse({"--web.no-page"}).config.web.page);
  CHECK(parse({"--web.no-page", "--web.page"}).config.web.page);
  CHECK_FALSE(parse({"--web.page", "--web.no-page"}).config.web.page);
  CHECK_FALSE(parse({"--web.page=false"}).config.web.page);
  CHECK_FALSE(from_yaml("web: {page: false}").web.page);
  CHECK(from_yaml("web: {page: true}").web.page);
  CHECK_THAT(flag_error({"--web.no-page=maybe"}), ContainsSubstring("--web.no-page=true"));
  CHECK_THAT(flag_error({"--no-web.page"}), ContainsSubstring("unknown flag --no-web.page"));
  CHECK_THAT(yaml_error("web: {page: perhaps}"), ContainsSubstring("neither true nor false"));
  CHECK_THAT(yaml_error("web: {no-page: true}"), ContainsSubstring("unknown setting \"no-page\""));
}
