#include "raid/md_sysfs.h"

#include "support/catch.h"

using namespace rig;

namespace {

MdSysfs parse(std::string name, std::string text) {
  MdSysfsText texts;
  texts.files[std::move(name)] = std::move(text);
  return parse_md_sysfs(texts);
}

std::string path_of(const std::string& file) { return file == "size" ? file : "md/" + file; }

MdSysfsMember member(std::optional<std::string> slot, std::optional<std::string> state) {
  MdSysfsText texts;
  texts.members.push_back({"dev-sda", std::move(slot), std::move(state), true});
  return parse_md_sysfs(texts).members.at(0);
}

MdSysfs with_bad_blocks(std::string text) {
  MdSysfsText texts;
  texts.members.push_back({"dev-sda", "0", "in_sync", true, "0", std::move(text)});
  return parse_md_sysfs(texts);
}

std::optional<std::uint64_t> bad_sectors(std::string text) {
  return with_bad_blocks(std::move(text)).members.at(0).bad_blocks_sectors;
}

}  // namespace

TEST_CASE("During a reshape the old number follows in parentheses, and an empty file has none") {
  CHECK(parse("raid_disks", "4 (3)").raid_disks == MdReshaped{4, 3});
  CHECK(parse("raid_disks", "4").raid_disks == MdReshaped{4, std::nullopt});
  CHECK_FALSE(parse("raid_disks", "").raid_disks);
  CHECK(parse("raid_disks", "").problems.empty());
  CHECK(parse("layout", "-1").layout == MdReshaped{-1, std::nullopt});
  CHECK(parse("chunk_size", "65536 (131072)").chunk_size_bytes == MdReshaped{65536, 131072});
}

TEST_CASE("Malformed content is a problem with the name of the file") {
  for (const auto& [file, text] :
       {std::pair("raid_disks", "four"), std::pair("raid_disks", "4 3"),
        std::pair("raid_disks", "4 (3) 2"), std::pair("degraded", "-1"), std::pair("size", "12 k"),
        std::pair("sync_completed", "5 / "), std::pair("sync_completed", "-5 / 7")}) {
    INFO(file << " " << text);
    const auto md = parse(file, text);
    REQUIRE(md.problems.size() == 1);
    CHECK(md.problems[0] == Problem::malformed(path_of(file), text));
    CHECK_FALSE(md.raid_disks);
    CHECK_FALSE(md.degraded);
    CHECK_FALSE(md.size_sectors);
    CHECK_FALSE(md.sync_completed);
  }
}

TEST_CASE("sync_completed is a position, none, or delayed") {
  CHECK(parse("sync_completed", "5120 / 79872").sync_completed == MdPosition{5120, 79872});
  CHECK_FALSE(parse("sync_completed", "none").sync_completed);
  CHECK_FALSE(parse("sync_completed", "none").sync_delayed);
  CHECK_FALSE(parse("sync_completed", "delayed").sync_completed);
  CHECK(parse("sync_completed", "delayed").sync_delayed);
}

TEST_CASE("The value none is absent") {
  CHECK_FALSE(parse("sync_speed", "none").sync_speed_kib_per_second);
  CHECK(parse("sync_speed", "none").problems.empty());
  CHECK_FALSE(parse("resync_start", "none").resync_start_sectors);
  CHECK(parse("resync_start", "0").resync_start_sectors == 0U);
}

TEST_CASE("A UUID is formatted as by mdadm") {
  CHECK(parse("uuid", "33345e67-0316-d21e-dcdb-083b1aa82eb3").uuid ==
        "33345e67:0316d21e:dcdb083b:1aa82eb3");
  CHECK_FALSE(parse("uuid", "00000000-0000-0000-0000-000000000000").uuid);
  CHECK_FALSE(parse("uuid", "").uuid);
  CHECK_FALSE(parse("uuid", "33345e67").uuid);
}

TEST_CASE("A UUID of metadata 0.90 has the bytes of its words swapped") {
  MdSysfsText texts;
  texts.files = {{"metadata_version", "0.90"}, {"uuid", "78563412-f0de-bc9a-1032-547698badcfe"}};
  CHECK(parse_md_sysfs(texts).uuid == "12345678:9abcdef0:76543210:fedcba98");
}

TEST_CASE("The UUID of an array without metadata is ignored") {
  MdSysfsText texts;
  texts.files = {{"metadata_version", "none"}, {"uuid", "33345e67-0316-d21e-dcdb-083b1aa82eb3"}};
  CHECK_FALSE(parse_md_sysfs(texts).uuid);
}

TEST_CASE("A slot is a number, none or journal") {
  using Role = MdSysfsMember::Role;
  CHECK(member("3", "in_sync").role == Role::slot);
  CHECK(member("3", "in_sync").slot == 3U);
  CHECK(member("none", "spare").role == Role::none);
  CHECK(member("journal", "journal").role == Role::journal);
  CHECK(member(std::nullopt, "in_sync").role == Role::unknown);
  CHECK(member("x", "in_sync").role == Role::unknown);
}

TEST_CASE("Flags of a member are separated by commas") {
  const auto several = member("0", "in_sync,write_mostly,failfast");
  CHECK(several.flags == std::vector<std::string>{"in_sync", "write_mostly", "failfast"});
  CHECK(several.has("failfast"));
  CHECK_FALSE(several.has("write"));
  CHECK(several.state_known);
  CHECK_FALSE(member("0", std::nullopt).state_known);
}

TEST_CASE("A state without any of md's roles is unknown, and a problem") {
  for (const char* const state : {"", "write_mostly", "in_syn", "in-sync", "0"}) {
    INFO(state);
    MdSysfsText texts;
    texts.members.push_back({"dev-sda", "0", state, true});
    const MdSysfs md = parse_md_sysfs(texts);
    CHECK_FALSE(md.members.at(0).state_known);
    CHECK(md.problems.size() == 1);
  }
}

TEST_CASE("The type of the bitmap is in brackets, and older kernels have one type only") {
  CHECK(parse("bitmap_type", "none bitmap [llbitmap]").bitmap_type == "llbitmap");
  CHECK(parse("bitmap_type", "none [bitmap] llbitmap").bitmap_type == "bitmap");
  CHECK(parse("level", "raid1").bitmap_type == "bitmap");
  CHECK_FALSE(parse("bitmap_type", "none bitmap").bitmap_type);
  CHECK(parse("bitmap_type", "none bitmap").problems.size() == 1);
  MdSysfsText unreadable;
  unreadable.problems.push_back(Problem::from_errno("md/bitmap_type", EACCES));
  CHECK_FALSE(parse_md_sysfs(unreadable).bitmap_type);
}

TEST_CASE("Chunks of a lockless bitmap are counted by state") {
  using Chunks = std::map<std::string, std::uint64_t>;
  const char* const bits = "unwritten 3480\nclean 2\ndirty 0\nneed sync 510\nsyncing 0";
  CHECK(
      parse("llbitmap/bits", bits).bitmap_chunks ==
      Chunks{{"unwritten", 3480}, {"clean", 2}, {"dirty", 0}, {"need_sync", 510}, {"syncing", 0}});
  CHECK(parse("llbitmap/bits",
              "unwritten 0\nclean 61440\ndirty 12\nneed sync 0\nsyncing 3\nclean unwritten 7")
            .bitmap_chunks == Chunks{{"unwritten", 0},
                                     {"clean", 61440},
                                     {"dirty", 12},
                                     {"need_sync", 0},
                                     {"syncing", 3},
                                     {"clean_unwritten", 7}});
  for (const char* const malformed : {"bitmap io error", "clean x", "clean -1", "clean"}) {
    CHECK(parse("llbitmap/bits", malformed).bitmap_chunks.empty());
    CHECK(parse("llbitmap/bits", malformed).problems.size() == 1);
  }
}

TEST_CASE("Bad blocks are the sum of the areas, and an empty list is 0") {
  CHECK(bad_sectors("20480 16\n4656 8\n") == 24U);
  CHECK(bad_sectors("") == 0U);
  CHECK(bad_sectors("18014398509481983 512\n") == 512U);
}

TEST_CASE("The truncated last line of a full page of bad blocks is left out") {
  // Truncated by the kernel after 4095 bytes, within a number.
  std::string page;
  while (page.size() < 4096) page += "1000000 128\n";
  page.resize(4095);
  CHECK(page.ends_with("\n100"));
  CHECK(bad_sectors(page) == 341U * 128U);
  CHECK(bad_sectors("20480 16\n4656 1") == 16U);
}

TEST_CASE("A malformed list of bad blocks is a problem, and no part of it is counted") {
  for (const auto* text : {"20480 16\nx 16\n", "20480\n", "20480 16 ack\n", "20480 -16\n"}) {
    const auto md = with_bad_blocks(text);
    CHECK_FALSE(md.members.at(0).bad_blocks_sectors);
    REQUIRE(md.problems.size() == 1);
    CHECK(md.problems[0].path == "md/dev-sda/bad_blocks");
    CHECK(md.problems[0].reason == Reason::malformed);
  }
}

TEST_CASE("Corrected read errors are a number, absent without the file") {
  const auto errors = [](std::optional<std::string> text) {
    MdSysfsText texts;
    texts.members.push_back({"dev-sda", "0", "in_sync", true, std::move(text), {}});
    return parse_md_sysfs(texts);
  };
  CHECK(errors("17").members.at(0).corrected_read_errors == 17U);
  CHECK_FALSE(errors(std::nullopt).members.at(0).corrected_read_errors);
  CHECK(errors(std::nullopt).problems.empty());
  CHECK_FALSE(errors("-1").members.at(0).corrected_read_errors);
  CHECK(errors("-1").problems.size() == 1);
}

TEST_CASE("A ! in the name of a member stands for a slash") {
  MdSysfsText texts;
  texts.members.push_back({"dev-cciss!c0d0p1", "0", "in_sync", true});
  CHECK(parse_md_sysfs(texts).members.at(0).name == "cciss/c0d0p1");
}
