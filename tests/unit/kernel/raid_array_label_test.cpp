#include "rig/kernel/raid_array_label.h"

#include "support/catch.h"

using namespace rig;

TEST_CASE("All spellings of a device have the same label") {
  for (const char* name : {"md0", "/dev/md0", "/dev/md/0", "0", "/dev/md/md0"})
    CHECK(raid_array_label(name) == "md0");
  for (const char* name : {"data", "/dev/md/data", "md/data"})
    CHECK(raid_array_label(name) == "md/data");
  CHECK(raid_array_label("/dev/md_d0") == "md_d0");
  CHECK(raid_array_label("/dev/md_data") == "md_data");
  CHECK(raid_array_label("mdraid") == "md/mdraid");
}

TEST_CASE("All spellings of a pattern are the same") {
  for (const char* name : {"*", "md*", "/dev/md*"}) CHECK(raid_array_pattern(name) == "md*");
  for (const char* name : {"md/*", "/dev/md/*"}) CHECK(raid_array_pattern(name) == "md/*");
  for (const char* name : {"md12*", "/dev/md12*", "12*", "/dev/md/12*"})
    CHECK(raid_array_pattern(name) == "md12*");
  for (const char* name : {"da*", "md/da*", "/dev/md/da*"})
    CHECK(raid_array_pattern(name) == "md/da*");
  CHECK(raid_array_pattern("md_d*") == "md_d*");
  CHECK(raid_array_pattern("/dev/md/0") == "md0");
}

TEST_CASE("The pattern of all arrays matches those of the kernel and those with a name") {
  for (const char* label : {"md0", "md_d0", "md/data"}) CHECK(matches_array_label(label, {"md*"}));
  CHECK_FALSE(matches_array_label("md0", {"md/*"}));
}

TEST_CASE("A pattern that ends in * matches a prefix") {
  CHECK(matches_array_label("md127", {"md0", "md12*"}));
  CHECK_FALSE(matches_array_label("md0", {"md12*", "md"}));
}
