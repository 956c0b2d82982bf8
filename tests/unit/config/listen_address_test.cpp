#include "rig/config/listen_address.h"

#include <string>

#include "config/parse.h"
#include "rig/config/config_error.h"
#include "support/catch.h"

using namespace rig;

TEST_CASE("A unix socket is written as unix: and its absolute path") {
  const auto address = parse_listen_address("unix:/run/rig:1/a.sock");
  CHECK(address.unix_path == "/run/rig:1/a.sock");
  CHECK(to_string(address) == "unix:/run/rig:1/a.sock");
  const std::string longest = "unix:/" + std::string(106, 'x');
  CHECK(to_string(parse_listen_address(longest)) == longest);
}

TEST_CASE("The error for a malformed unix socket contains what is wrong with it") {
  CHECK_THAT(flag_error({"--web.listen-address=unix:"}), ContainsSubstring("no absolute path"));
  CHECK_THAT(flag_error({"--web.listen-address=unix:a.sock"}),
             ContainsSubstring("no absolute path"));
  CHECK_THAT(flag_error({"--web.listen-address=unix:@a"}), ContainsSubstring("no absolute path"));
  CHECK_THAT(flag_error({"--web.listen-address=unix:/run/"}),
             ContainsSubstring("path of a directory"));
  CHECK_THROWS_AS(parse_listen_address("unix:/" + std::string(107, 'x')), ConfigError);
}

TEST_CASE("A malformed address is told from one that may exist later") {
  for (const char* text : {"[fe80::1%wg0]:1", "rig.lan:1", "no.such.host.invalid:1", "10.9.9.9:1",
                           "my_rig-2:1", "[2001:db8::1]:1", "127.1:1", "[::ffff:1.2.3.4]:1"})
    CHECK(to_string(parse_listen_address(text)) == text);
  for (const char* text : {"[fe80::1%]:1", "[::1::]:1", "[:]:1", "[12345::]:1", "[::1]x:1"})
    CHECK_THROWS_AS(parse_listen_address(text), ConfigError);
  for (const char* text : {"300.1.1.1:1", "1.2.3.4.5:1", "*:1", "a b:1", "//rig:1", "rig/x:1",
                           "[rig:1", "[10.0.0.1%lo]:1"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH(parse_listen_address(text),
                      ContainsSubstring("neither an address nor a host name"));
  }
}

TEST_CASE("The mode of unix sockets is octal") {
  CHECK(parse({"--web.unix-socket-mode=0666"}).config.web.unix_socket_mode == 0666);
  CHECK(parse({"--web.unix-socket-mode=600"}).config.web.unix_socket_mode == 0600);
  for (const std::string mode : {"", "0", "66", "0680", "4755", "07777", "0x1b0", "-660", "rw"}) {
    CAPTURE(mode);
    CHECK_THAT(flag_error({("--web.unix-socket-mode=" + mode).c_str()}),
               ContainsSubstring("--web.unix-socket-mode"));
  }
}
