#include "web/security/credentials.h"

#include "support/catch.h"

namespace rig {

TEST_CASE("credentials are decoded from an Authorization header") {
  const auto credentials = parse_basic_credentials("Basic am86c2VjcmV0");  // jo:secret
  REQUIRE(credentials);
  CHECK(credentials->user == "jo");
  CHECK(credentials->password == "secret");
}

TEST_CASE("the scheme of credentials is case-insensitive") {
  CHECK(parse_basic_credentials("basic am86c2VjcmV0"));
  CHECK(parse_basic_credentials("BASIC   am86c2VjcmV0 "));
}

TEST_CASE("a password may contain colons and be empty") {
  CHECK(parse_basic_credentials("Basic am86YTpi")->password == "a:b");  // jo:a:b
  CHECK(parse_basic_credentials("Basic am86")->password.empty());       // jo:
}

TEST_CASE("malformed credentials are none") {
  for (const char* const header : {"", "Basic", "Basic ", "Bearer am86c2VjcmV0", "Basic ****",
                                   "Basic am8=", "Basicam86c2Vj"}) {
    CAPTURE(header);
    CHECK_FALSE(parse_basic_credentials(header));
  }
}

}  // namespace rig
