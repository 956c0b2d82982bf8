#include "host/os_release.h"

#include "support/catch.h"

using namespace rig;

TEST_CASE("PRETTY_NAME is unquoted like in a shell") {
  CHECK(parse_pretty_name("NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n") ==
        "Debian GNU/Linux 12 (bookworm)");
  CHECK(parse_pretty_name("PRETTY_NAME='One $2'\n") == "One $2");
  CHECK(parse_pretty_name("PRETTY_NAME=\"a \\\"b\\\"\"") == "a \"b\"");
  CHECK(parse_pretty_name("PRETTY_NAME=Plain\n") == "Plain");
  CHECK(parse_pretty_name("#PRETTY_NAME=no\nNAME=x\n").empty());
}
