#include "gpu_probe/sysfs/power_profile.h"

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;
using namespace std::chrono_literals;

TEST_CASE("The power profile with the asterisk is set, in the formats of all GPUs") {
  for (const char* text :
       {" 0 BOOTUP_DEFAULT \n 1          VIDEO \n 2        COMPUTE*\n",
        "PROFILE_INDEX(NAME) CLOCK_TYPE(NAME) FPS\n 0 BOOTUP_DEFAULT :\n"
        "                    0(       GFXCLK)       0       5       1\n 5        COMPUTE*:\n"
        "                    0(       GFXCLK)       0       5       1\n",
        "NUM        MODE_NAME     SCLK_UP_HYST   SCLK_DOWN_HYST\n"
        "  0   BOOTUP_DEFAULT:        -                -\n  4          COMPUTE *:        0    "
        "100\n",
        "NUM        MODE_NAME BUSY_SET_POINT FPS USE_RLC_BUSY MIN_ACTIVE_LEVEL\n"
        "  0 BOOTUP_DEFAULT :             70  60          0              0\n"
        "  5        COMPUTE*:             30  60          0              6\n"}) {
    INFO(text);
    CHECK(parse_power_profile(text) == "compute");
  }
  CHECK(parse_power_profile(" 1 3D_FULL_SCREEN*\n") == "3d_full_screen");
}

TEST_CASE("Without an asterisk no power profile is set") {
  CHECK(parse_power_profile(" 0 BOOTUP_DEFAULT \n 1 VIDEO \n") == "");
}

TEST_CASE("Malformed or truncated power profiles are rejected") {
  for (const char* text : {"", "NUM MODE_NAME\n", " 0 BOOTUP_DEFAULT*\n 1 VIDEO*\n",
                           " 0 BOOTUP_DEFAULT \n 1 VIDEO*", "0(  GFXCLK) 0 5 1\n"}) {
    INFO(text);
    CHECK_FALSE(parse_power_profile(text));
  }
}

TEST_CASE("The power profile is read once a minute, and at once after a failure") {
  const TemporaryDirectory gpu;
  GpuReading reading;
  FieldReader device(gpu.path(), reading);
  PowerProfile profile;
  const PowerProfile::Clock::time_point start{1000h};
  const auto write = [&](const char* text) { gpu.write("pp_power_profile_mode", text); };
  write(" 0 BOOTUP_DEFAULT*\n 5 COMPUTE \n");
  CHECK(profile.read(device, start) == "bootup_default");
  write(" 0 BOOTUP_DEFAULT \n 5 COMPUTE*\n");
  CHECK(profile.read(device, start + 59s) == "bootup_default");
  CHECK(profile.read(device, start + 60s) == "compute");
  write("garbage\n");
  CHECK_FALSE(profile.read(device, start + 120s));
  CHECK_FALSE(profile.read(device, start + 121s));
  CHECK(reading.problems.size() == 2);
  write(" 0 BOOTUP_DEFAULT*\n");
  CHECK(profile.read(device, start + 122s) == "bootup_default");
}

TEST_CASE("A GPU without power profiles is not asked for them in every sample") {
  const TemporaryDirectory gpu;
  GpuReading reading;
  FieldReader device(gpu.path(), reading);
  PowerProfile profile;
  const PowerProfile::Clock::time_point start{1000h};
  CHECK_FALSE(profile.read(device, start));
  CHECK(reading.problems.empty());
  gpu.write("pp_power_profile_mode", " 0 BOOTUP_DEFAULT*\n");
  CHECK_FALSE(profile.read(device, start + 1s));
}
