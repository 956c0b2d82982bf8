#include "host/os_release.h"

#include "support/catch.h"

using namespace rig;

TEST_CASE("PRETTY_NAME is unquoted like in a shell") {
  CHECK(parse_os_name("NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n") ==
        "Debian GNU/Linux 12 (bookworm)");
  CHECK(parse_os_name("PRETTY_NAME='One $2'\n") == "One $2");
  CHECK(parse_os_name("PRETTY_NAME=\"a \\\"b\\\"\"") == "a \"b\"");
  CHECK(parse_os_name("PRETTY_NAME=Plain\n") == "Plain");
  CHECK(parse_os_name("#PRETTY_NAME=no\nNAME=x\n") == "x");
}

TEST_CASE("Without PRETTY_NAME the operating system is NAME and its version") {
  CHECK(parse_os_name("NAME=\"Buildroot\"\nVERSION=2024.02\nVERSION_ID=2024.02\n") ==
        "Buildroot 2024.02");
  CHECK(parse_os_name("NAME=Alpine Linux\nVERSION_ID=3.20.1") == "Alpine Linux 3.20.1");
  CHECK(parse_os_name("NAME=Void\nPRETTY_NAME=\"\"\n") == "Void");
  CHECK(parse_os_name("VERSION=7\n").empty());
}
