#include "rig/config/command_line.h"

#include "config/parse.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

TEST_CASE("All errors of the flags and the file are reported at once") {
  const TemporaryDirectory folder;
  const auto file = folder
                        .write("rig.yml",
                               "web:\n"
                               "  listen-address: [':x', ':80', '::1:3']\n"
                               "  max-requests: 0\n"
                               "log: loud\n"
                               "collector: {gpus: true, cpu: maybe}\n"
                               "? [a]\n"
                               ": b\n")
                        .string();
  const auto flag = "--config.file=" + file;
  const auto errors = flag_error({flag.c_str(), "--web.listn-address", ":1", "--log.level=loud",
                                  "--gpu.processes", "--once=1", "--web.listen-address=a",
                                  "--web.listen-address=:b", "serve", "--path.procfs="});
  const std::string write =
      ": write an address and a port, such as :10068, 127.0.0.1:10068 or [::1]:10068\n";
  CHECK(errors ==
        "unknown flag --web.listn-address; did you mean --web.listen-address?\n"
        "--gpu.processes has no value: write --gpu.processes=N\n"
        "--once=1: --once takes no value: write --once\n"
        "unexpected argument \"serve\": write doctor, or flags, which start with --\n"
        "--path.procfs= has no value: write --path.procfs=DIR\n" +
            file + ":2:20: web.listen-address: \":x\" has no port from 0 to 65535" + write + file +
            ":2:33: web.listen-address: \"::1:3\" is an IPv6 address without brackets" + write +
            file + ":3:17: web.max-requests: \"0\" is not valid: write a number from 1 to 1000\n" +
            file +
            ":4:6: \"log\" is a group of settings; indent its settings below it: level, format\n" +
            file + ":5:13: unknown collector \"gpus\"; did you mean gpu?\n" + file +
            ":5:30: collector.cpu: \"maybe\" is neither true nor false: write one of them\n" +
            file + ":6:3: a key must be a word: write for example \"web:\"\n" +
            "--web.listen-address: \"a\" has no port" + write +
            "--web.listen-address: \":b\" has no port from 0 to 65535" + write +
            "--log.level: unknown value \"loud\"; write one of debug, info, warn, error");
}

TEST_CASE("The value of an unknown flag is not an error of its own") {
  CHECK(flag_error({"--web.listn-address", ":1"}) ==
        "unknown flag --web.listn-address; did you mean --web.listen-address?");
  CHECK(flag_error({"--unknown", "doctor"}) == "unknown flag --unknown; --help lists them all");
}

TEST_CASE("A flag at the end or before another flag has no value") {
  CHECK(flag_error({"--log.format"}) ==
        "--log.format has no value: write --log.format=logfmt|json");
  CHECK(flag_error({"--log.format", "--once"}) ==
        "--log.format has no value: write --log.format=logfmt|json");
  CHECK(flag_error({"--raid.expect="}) == "--raid.expect= has no value: write --raid.expect=ARRAY");
}

TEST_CASE("Letters are short for --version and --help") {
  CHECK(parse({"-v"}).action == Action::show_version);
  CHECK(parse({"--version"}).action == Action::show_version);
  CHECK(parse({"-h"}).action == Action::show_help);
  CHECK_THAT(flag_error({"-x"}), ContainsSubstring("unknown flag -x"));
  CHECK_THAT(flag_error({"-v=1"}), ContainsSubstring("--version takes no value"));
}

TEST_CASE("Help is printed whatever else is wrong") {
  CHECK(parse({"--wrong", "--help"}).action == Action::show_help);
  const auto help = parse({"--config.file=/no/such.yml", "-h"}).output;
  CHECK_THAT(help, ContainsSubstring("Usage: rig_exporter [doctor] [FLAGS]"));
  CHECK_THAT(help, ContainsSubstring("Exit status: 0"));
  CHECK_THAT(help, !ContainsSubstring("{false}"));
}

TEST_CASE("Flags that select different actions exclude each other") {
  CHECK(flag_error({"--once", "--health"}) ==
        "--once and --health exclude each other: write one of them");
  CHECK(flag_error({"doctor", "--config.check"}) ==
        "--config.check and doctor exclude each other: write one of them");
  CHECK(parse({"--once", "--once"}).action == Action::once);
}

TEST_CASE("A configuration is printed only if it is valid") {
  CHECK(parse({"--config.print"}).action == Action::print_config);
  CHECK_THAT(flag_error({"--config.print", "--log.level=x"}), ContainsSubstring("--log.level"));
}
