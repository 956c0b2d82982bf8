#include "gpu_probe/sysfs/amdgpu_ras.h"

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;
using Counts = std::map<std::string, double>;

TEST_CASE("Error counts are parsed with and without deferred errors") {
  CHECK(parse_ras_counts("ue: 0\nce: 3\n") == Counts{{"correctable", 3}, {"uncorrectable", 0}});
  CHECK(parse_ras_counts("ue: 1\nce: 0\nde: 7\n") ==
        Counts{{"correctable", 0}, {"deferred", 7}, {"uncorrectable", 1}});
  CHECK(parse_ras_counts("ue: 1\n") == Counts{{"uncorrectable", 1}});
}

TEST_CASE("Malformed error counts are rejected") {
  for (const char* text :
       {"", "\n", "ue: many\n", "ue 1\n", "xe: 1\n", "ue: -1\n", "ue: 1 2\n", "ue: 0\nce: 12"}) {
    INFO(text);
    CHECK_FALSE(parse_ras_counts(text));
  }
}

TEST_CASE("RAS events are counted by kind, and unknown kinds are ignored") {
  CHECK(parse_ras_events("current seqno: 9\nFatal Error: count:1, last_seqno:4\n"
                         "Poison Creation: count:2, last_seqno:7\n"
                         "Poison Consumption: count:0, last_seqno:0\n"
                         "Something New: count:5, last_seqno:9\n") ==
        Counts{{"fatal", 1}, {"poison_creation", 2}, {"poison_consumption", 0}});
  CHECK(parse_ras_events("Poison Creation : count:2, last_seqno:7\n") ==
        Counts{{"poison_creation", 2}});
}

TEST_CASE("Malformed or truncated RAS events are rejected") {
  for (const char* text : {"", "current seqno: 9\n", "Fatal Error: count:1, last_seqno:4",
                           "Fatal Error: count:many, last_seqno:4\n", "Fatal Error: 1\n",
                           "Fatal Error: count:-1, last_seqno:4\n", "Fatal Error: number:1\n"}) {
    INFO(text);
    CHECK_FALSE(parse_ras_events(text));
  }
}

TEST_CASE("Bad pages are counted by state, even if there are none") {
  CHECK(parse_bad_pages("") == Counts{{"pending", 0}, {"retired", 0}, {"unreservable", 0}});
  CHECK(parse_bad_pages("0x00000001 : 0x00001000 : R\n0x00000002 : 0x00001000 : P\n"
                        "0x00000003 : 0x00001000 : R\n0x00000004 : 0x00001000 : F\n") ==
        Counts{{"pending", 1}, {"retired", 2}, {"unreservable", 1}});
}

TEST_CASE("A list of bad pages with an unknown state is rejected") {
  CHECK_FALSE(parse_bad_pages("0x00000001 : 0x00001000 : Q\n"));
  CHECK_FALSE(parse_bad_pages("no pages here\n"));
}

TEST_CASE("A list of bad pages that was truncated is rejected") {
  CHECK_FALSE(parse_bad_pages("0x00000001 : 0x00001000 : R\n0x00000002 : 0x000010"));
  CHECK_FALSE(parse_bad_pages("0x00000001 : 0x00001000 : R"));
}

TEST_CASE("Blocks are named by the files of error counts") {
  CHECK(ras_files({"features", "gfx_err_count", "gpu_vram_bad_pages", "umc_err_count"}) ==
        RasFiles{{"gfx", "gfx_err_count"}, {"umc", "umc_err_count"}});
}

TEST_CASE("Files of the accelerator check architecture have the same names of blocks") {
  CHECK(ras_files({"aca_gfx", "aca_umc", "aca_xgmi_wafl", "event_state", "features"}) ==
        RasFiles{{"gfx", "aca_gfx"}, {"umc", "aca_umc"}, {"xgmi_wafl", "aca_xgmi_wafl"}});
  CHECK(ras_files({"aca_umc", "umc_err_count"}) == RasFiles{{"umc", "umc_err_count"}});
  const TemporaryDirectory directory;
  directory.write("ras/aca_umc", "ue: 1\nce: 2\nde: 3\n");
  GpuReading reading;
  FieldReader device(directory.path(), reading);
  read_ras(device, ras_files({"aca_umc"}), reading);
  CHECK(reading.ecc_errors.at("umc") ==
        Counts{{"correctable", 2}, {"deferred", 3}, {"uncorrectable", 1}});
}

TEST_CASE("A block of the accelerator check architecture fails alone, and a reset is no problem") {
  const TemporaryDirectory directory;
  directory.write("ras/aca_sdma", "ue: 0\nce: 0\nde: 18\n");
  directory.write("ras/aca_mmhub", "ue: 2\nce: 70001\n");  // without deferred errors
  directory.write("ras/aca_gfx", "ue: 1\nce: x\nde: 0\n");
  directory.write("ras/aca_umc", "ue: 0\nce: 5\nde: 1");  // truncated
  directory.write("ras/aca_hdp", "Query currently inaccessible\n");
  GpuReading reading;
  FieldReader device(directory.path(), reading);
  read_ras(device, ras_files({"aca_gfx", "aca_hdp", "aca_mmhub", "aca_sdma", "aca_umc"}), reading);
  CHECK(reading.ecc_errors ==
        std::map<std::string, Counts>{
            {"mmhub", {{"correctable", 70001}, {"uncorrectable", 2}}},
            {"sdma", {{"correctable", 0}, {"deferred", 18}, {"uncorrectable", 0}}}});
  CHECK(reading.problems.size() == 2);
  CHECK(reading.read_errors.at("reset") == 1);
}

TEST_CASE("If the counts of a block are malformed, only that block is lost") {
  const TemporaryDirectory directory;
  directory.write("ras/gfx_err_count", "ue: 0\nce: 1\n");
  directory.write("ras/umc_err_count", "not available\n");
  GpuReading reading;
  FieldReader device(directory.path(), reading);
  read_ras(device, ras_files({"gfx_err_count", "mmhub_err_count", "umc_err_count"}), reading);
  CHECK(reading.ecc_errors ==
        std::map<std::string, Counts>{{"gfx", {{"correctable", 1}, {"uncorrectable", 0}}}});
  REQUIRE(reading.problems.size() == 1);
  CHECK(reading.problems[0] ==
        Problem::malformed(directory.path() / "ras/umc_err_count", "not available"));
  CHECK(reading.read_errors == Counts{{"implausible", 1}});
}

TEST_CASE("A list of bad pages may be longer than a memory page") {
  const TemporaryDirectory directory;
  std::string pages;
  for (int i = 0; i < 1000; ++i) pages += "0x00000001 : 0x00001000 : R\n";
  directory.write("ras/gpu_vram_bad_pages", pages);
  GpuReading reading;
  FieldReader device(directory.path(), reading);
  read_bad_pages(device, reading);
  CHECK(reading.bad_pages.at("retired") == 1000);
}

TEST_CASE("Counts that are inaccessible during a reset are absent and not a problem") {
  const TemporaryDirectory directory;
  directory.write("ras/umc_err_count", "Query currently inaccessible\n");
  GpuReading reading;
  FieldReader device(directory.path(), reading);
  read_ras(device, ras_files({"umc_err_count"}), reading);
  CHECK(reading.ecc_errors.empty());
  CHECK(reading.problems.empty());
  CHECK(reading.read_errors == Counts{{"reset", 1}});
}
