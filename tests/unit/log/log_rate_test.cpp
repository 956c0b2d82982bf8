#include "log/log_rate.h"

#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

constexpr LogRate::Time kRateStart{1000h};

int allowed(LogRate& rate, LogLevel level, int lines, LogRate::Time now) {
  int count = 0;
  for (int i = 0; i < lines; ++i) count += rate.allow(level, now) ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("A burst of lines is logged, and then as many as time has passed") {
  LogRate rate;
  CHECK(allowed(rate, LogLevel::error, 5000, kRateStart) == 1000);
  CHECK(allowed(rate, LogLevel::error, 5000, kRateStart + 500ms) == 0);
  CHECK(allowed(rate, LogLevel::error, 5000, kRateStart + 10s) == 10);
  CHECK(allowed(rate, LogLevel::error, 5000, kRateStart + 100h) == 1000);
}

TEST_CASE("Debug messages leave lines to the others") {
  LogRate rate;
  CHECK(allowed(rate, LogLevel::debug, 5000, kRateStart) == 800);
  CHECK(allowed(rate, LogLevel::info, 5000, kRateStart) == 200);
}
