#include "config/completion.h"

#include <string>

#include "config/flags.h"
#include "config/parse.h"
#include "support/catch.h"

using namespace rig;

namespace {

const auto kCompletedFlags = all_flags(all_settings(kCollectors));

std::string script_for(std::string_view shell) { return completion_script(shell, kCompletedFlags); }

}  // namespace

TEST_CASE("Every flag of --help is in the script of each shell") {
  const auto help = parse({"--help"}).output;
  for (const auto& flag : kCompletedFlags) {
    CAPTURE(flag.name);
    CHECK_THAT(help, ContainsSubstring(flag.name));
    CHECK_THAT(script_for("bash"), ContainsSubstring(" " + flag.name));
    CHECK_THAT(script_for("zsh"), ContainsSubstring(flag.name + (flag.value.empty() ? "[" : "=[")));
    CHECK_THAT(script_for("fish"), ContainsSubstring(" -l " + flag.name.substr(2) + " "));
  }
}

TEST_CASE("Values are completed where they are known") {
  CHECK_THAT(script_for("bash"), ContainsSubstring("compgen -W 'debug info warn error'"));
  CHECK_THAT(script_for("zsh"), ContainsSubstring(":LEVEL:(debug info warn error)'"));
  CHECK_THAT(script_for("fish"), ContainsSubstring("-l log.level -x -a 'debug info warn error'"));
  CHECK_THAT(script_for("zsh"),
             ContainsSubstring("'--path.procfs=[") && ContainsSubstring(":DIR:_files -/'"));
  CHECK_THAT(script_for("fish"), ContainsSubstring("-l config.file -r -F"));
}

TEST_CASE("A script is printed for known shells only") {
  for (const auto& shell : completion_shells()) {
    const auto flag = "--completion=" + shell;
    const auto command = parse({flag.c_str()});
    CHECK(command.action == Action::print_completion);
    CHECK(command.output == script_for(shell));
  }
  CHECK(flag_error({"--completion=tcsh"}) ==
        "--completion: unknown value \"tcsh\"; write one of bash, zsh, fish");
}
