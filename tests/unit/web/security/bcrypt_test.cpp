#include "web/security/bcrypt.h"

#include "support/catch.h"

namespace rig {

TEST_CASE("a password matches its bcrypt hash in each of its variants") {
  for (const char* const variant : {"$2a$", "$2b$", "$2y$"}) {
    const auto hash =
        std::string(variant) + "04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
    CHECK(matches_bcrypt_hash("secret", hash));
    CHECK_FALSE(matches_bcrypt_hash("Secret", hash));
    CHECK_FALSE(matches_bcrypt_hash("", hash));
  }
}

TEST_CASE("a password with a null byte does not match the hash of what is before it") {
  const std::string hash = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
  CHECK_FALSE(matches_bcrypt_hash(std::string("secret\0x", 8), hash));
}

TEST_CASE("a password of other than ASCII letters is compared as UTF-8") {
  CHECK(matches_bcrypt_hash("p\xc3\xa4ssword",
                            "$2b$04$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG"));
}

TEST_CASE("the hash for users that do not exist costs the same and matches nothing") {
  const std::string hash = "$2y$05$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
  const auto unmatched = unmatched_bcrypt_hash(hash);
  CHECK(unmatched.substr(0, 7) == "$2y$05$");
  CHECK(unmatched.size() == hash.size());
  CHECK_FALSE(matches_bcrypt_hash("secret", unmatched));
  CHECK_FALSE(matches_bcrypt_hash("", unmatched));
}

}  // namespace rig
