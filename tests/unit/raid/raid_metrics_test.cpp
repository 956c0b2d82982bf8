#include "raid/raid_metrics.h"

#include "support/catch.h"
#include "support/series.h"

using namespace rig;

namespace {

using Series = std::map<std::string, double>;

Series series_of(const RaidArray& array, const RaidAssessment& assessment = {}) {
  Samples samples;
  add_array(samples, array, assessment);
  return series(samples);
}

RaidArray unknown_array() {
  RaidArray array;
  array.name = "md0";
  return array;
}

}  // namespace

TEST_CASE("An array about which nothing is known has only its description") {
  CHECK(series_of(unknown_array()) ==
        Series{{"rig_raid_array_info{array=\"md0\",consistency_policy=\"\",layout=\"\",level=\"\","
                "metadata=\"\",name=\"\",uuid=\"\"}",
                1.0}});
}

TEST_CASE("An array whose labels are not known has no description") {
  RaidArray array = unknown_array();
  array.labels_known = false;
  CHECK(series_of(array).empty());
  array.labels_known = true;
  array.name_in_superblock.reset();
  CHECK(series_of(array).empty());
}

TEST_CASE("The assessment of an array is exported unchanged") {
  const auto got = series_of(unknown_array(), {false, 0U});
  CHECK(got.at("rig_raid_array_usable{array=\"md0\"}") == 0.0);
  CHECK(got.at("rig_raid_failures_tolerated{array=\"md0\"}") == 0.0);
}

TEST_CASE("Mismatches after an action that does not count them have the label other") {
  RaidArray array = unknown_array();
  array.mismatch = RaidMismatch{8, "check"};
  CHECK(series_of(array).at("rig_raid_mismatch_sectors{after=\"check\",array=\"md0\"}") == 8.0);
  array.mismatch = RaidMismatch{8, "recovery"};
  CHECK(series_of(array).at("rig_raid_mismatch_sectors{after=\"other\",array=\"md0\"}") == 8.0);
}

TEST_CASE("More slots than md's metadata can have are problems and not samples") {
  RaidArray array = unknown_array();
  array.disks_required = 65535;
  array.degraded_disks = 4294967295;
  Samples samples;
  add_array(samples, array, {});
  CHECK_FALSE(series(samples).contains("rig_raid_degraded_disks{array=\"md0\"}"));
  CHECK_FALSE(series(samples).contains("rig_raid_disks_required{array=\"md0\"}"));
  REQUIRE(samples.problems().size() == 2);
  CHECK(samples.problems()[0].reason == Reason::implausible);
}

TEST_CASE("The pages of a lockless bitmap are not dirty pages") {
  const std::string dirty = "rig_raid_bitmap_dirty_pages{array=\"md0\"}";
  RaidArray array = unknown_array();
  array.bitmap = MdstatBitmap{2, 2, 512 << 10, ""};
  array.bitmap_type = "bitmap";
  CHECK(series_of(array).at(dirty) == 2);
  array.bitmap_type = "llbitmap";
  CHECK_FALSE(series_of(array).contains(dirty));
  array.bitmap_type.reset();  // sysfs could not be read
  CHECK_FALSE(series_of(array).contains(dirty));
  array.bitmap->dirty_pages = 1;
  CHECK(series_of(array).at(dirty) == 1);
}

TEST_CASE("Chunks of a lockless bitmap in unknown states are added up as other") {
  RaidArray array = unknown_array();
  array.bitmap_chunks = {{"need_sync", 510}, {"future", 2}, {"later", 3}};
  const auto got = series_of(array);
  CHECK(got.at("rig_raid_bitmap_chunks{array=\"md0\",state=\"need_sync\"}") == 510);
  CHECK(got.at("rig_raid_bitmap_chunks{array=\"md0\",state=\"other\"}") == 5);
}

TEST_CASE("An absent array is not usable either") {
  Samples samples;
  add_array_present(samples, "md0", true);
  add_array_present(samples, "md1", false);
  CHECK(series(samples) == Series{{"rig_raid_array_present{array=\"md0\"}", 1.0},
                                  {"rig_raid_array_present{array=\"md1\"}", 0.0},
                                  {"rig_raid_array_usable{array=\"md1\"}", 0.0}});
}
