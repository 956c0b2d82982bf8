#include "gpu/derived/energy_counter.h"

#include <cmath>
#include <limits>

#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

constexpr double kWrap = 65536;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kCap = 203;

// A counter that hears of a card at its own pace.
struct Card {
  EnergyCounter counter{3s};
  EnergyCounter::Clock::time_point now{1000h};

  double after(std::chrono::milliseconds elapsed, std::optional<double> accumulator,
               std::optional<double> power, std::optional<double> cap = kCap) {
    now += elapsed;
    counter.add({accumulator, power, cap}, now);
    return counter.joules().value_or(-1);
  }
};

}  // namespace

TEST_CASE("Energy is absent without accumulator and power") {
  Card card;
  CHECK(card.after(1s, {}, {}) == -1);
  CHECK(card.after(1s, 0, {}) == -1);
  CHECK(card.after(1s, kNaN, -5) == -1);
  CHECK(card.after(1s, 5, {}) == 0);
}

TEST_CASE("Energy begins at 0 and follows the accumulator, not the power") {
  Card card;
  CHECK(card.after(1s, 40000, 100) == 0);
  CHECK(card.after(1s, 40110, 100) == 110);
  CHECK(card.after(1s, 40205, 100) == 205);
}

TEST_CASE("Energy of a card without accumulator is its power over time") {
  Card card;
  CHECK(card.after(1s, {}, 100) == 0);
  CHECK(card.after(1s, {}, 200) == 200);
  CHECK(card.after(500ms, {}, 40) == 220);
}

TEST_CASE("An accumulator that is always 0 is none") {
  Card card;
  card.after(1s, 0, 50);
  for (int i = 1; i <= 100; ++i) CHECK(card.after(1s, 0, 50) == 50 * i);
}

TEST_CASE("A single 0 among good readings of the accumulator loses nothing") {
  Card card;
  card.after(1s, 1000, 100);
  CHECK(card.after(1s, 1100, 100) == 100);
  CHECK(card.after(1s, 0, 100) == 100);
  CHECK(card.after(1s, 1303, 100) == 303);
}

TEST_CASE("A wrap of the accumulator at 65536 J is undone") {
  for (const auto power : {std::optional(203.0), std::optional<double>()}) {
    Card card;
    card.after(1s, kWrap - 100, power);
    CHECK(card.after(1s, 103, power) == 203);
    CHECK(card.after(1s, 306, power) == 406);
  }
}

TEST_CASE("A decrease that the power does not bear out is no wrap, and power counts") {
  Card card;
  card.after(1s, 40000, 100);
  CHECK(card.after(1s, 50, 100) == 100);
  CHECK(card.after(1s, 140, 100) == 200);
}

TEST_CASE("An accumulator above 65536 J does not wrap there") {
  Card card;
  card.after(1s, kWrap + 10, 100);
  CHECK(card.after(1s, 10, 100) == 100);
}

TEST_CASE("An accumulator that gave a false difference is followed again after a minute") {
  Card card;
  double accumulator = 50;
  card.after(1s, 40000, 100);
  card.after(1s, accumulator, 100);
  for (int i = 1; i < 60; ++i) CHECK(card.after(1s, accumulator += 90, 100) == 100 + 100 * i);
  CHECK(card.after(1s, accumulator += 90, 100) == 6000 + 90);
}

TEST_CASE("An accumulator that is loaded anew without a power to compare goes on at once") {
  Card card;
  card.after(1s, 40000, {});
  CHECK(card.after(1s, 50, {}) == 0);
  CHECK(card.after(1s, 150, {}) == 100);
}

TEST_CASE("An accumulator that runs backwards counts as its power") {
  Card card;
  double accumulator = 1e6;
  card.after(1s, accumulator, 150);
  for (int i = 1; i <= 200; ++i) {
    accumulator += i % 3 == 0 ? 150 : -170;
    CHECK(card.after(1s, accumulator, 150) == 150 * i);
  }
}

TEST_CASE("A jump forward that no card can draw is not taken") {
  Card card;
  card.after(1s, 1000, 100);
  CHECK(card.after(1s, 21000, 100) == 100);
  CHECK(card.after(1s, 21100, 100) == 200);
}

TEST_CASE("A burst between two idle samples is taken from the accumulator") {
  Card card;
  card.after(1s, 1000, 10);
  CHECK(card.after(1s, 1210, 10) == 210);
}

TEST_CASE("An accumulator that stands still while power is drawn is replaced by power") {
  Card card;
  card.after(1s, 5000, 100);
  for (int i = 1; i < 10; ++i) CHECK(card.after(1s, 5000, 100) == 0);
  for (int i = 10; i < 300; ++i) CHECK(card.after(1s, 5000, 100) == 100 * i);
}

TEST_CASE("An accumulator that comes back to life counts nothing twice") {
  Card card;
  double accumulator = 5000;
  card.after(1s, accumulator, 100);
  for (int i = 0; i < 30; ++i) card.after(1s, accumulator, 100);
  REQUIRE(card.counter.joules() == 3000);
  accumulator += 3000;  // all that it had missed
  CHECK(card.after(1s, accumulator += 100, 100) == 3100);
  for (int i = 1; i <= 100; ++i) CHECK(card.after(1s, accumulator += 100, 100) == 3100 + 100 * i);
}

TEST_CASE("An accumulator that comes back when there is no power any more counts nothing twice") {
  Card card;
  card.after(1s, 5000, 100);
  for (int i = 0; i < 30; ++i) card.after(1s, {}, 100);
  REQUIRE(card.counter.joules() == 3000);
  CHECK(card.after(1s, 8000, {}) == 3000);
  CHECK(card.after(1s, 8100, {}) == 3100);
}

TEST_CASE("An accumulator that is renewed every few seconds only is no dead one") {
  Card card;
  card.after(1s, 1000, 100);
  for (int i = 1; i <= 60; ++i) {
    const double joules = card.after(1s, 1000 + 510 * (i / 5), 100);
    CHECK(joules == 510 * (i / 5));
  }
}

TEST_CASE("A sample without power does not make the next one count its time again") {
  Card card;
  card.after(1s, 1000, 100);
  CHECK(card.after(1s, 1100, {}) == 100);
  CHECK(card.after(1s, 900, 100) == 200);  // no wrap: by power
}

TEST_CASE("Lines that arrive late and all at once lose nothing") {
  Card card;
  card.after(1s, 1000, 200);
  CHECK(card.after(3s, 1200, 200) == 200);
  CHECK(card.after(1ms, 1400, 200) == 400);
  CHECK(card.after(1ms, 1600, 200) == 600);
}

TEST_CASE("Over a gap the accumulator counts and power does not") {
  Card card;
  card.after(1s, 1000, 100);
  CHECK(card.after(30s, 1900, 100) == 900);
  Card without;
  without.after(1s, {}, 100);
  CHECK(without.after(30s, {}, 100) == 0);
  CHECK(without.after(1s, {}, 100) == 100);
}

TEST_CASE("A wrap in a short gap is undone") {
  Card card;
  card.after(1s, kWrap - 90, kCap);
  CHECK(card.after(30s, 30 * kCap - 90, kCap) == Approx(30 * kCap));
}

TEST_CASE("A wrap in a gap at whose end the card is idle again is judged by the power before it") {
  Card card;
  card.after(1s, kWrap - 1000, kCap);
  CHECK(card.after(30s, 3000, 10) == 4000);
}

TEST_CASE("A driver that was loaded anew in a gap is no wrap") {
  Card card;
  card.after(1s, 60000, 10);
  CHECK(card.after(30s, 50, 10) == 0);
  CHECK(card.after(1s, 60, 10) == 10);
}

TEST_CASE("Over a gap in which an accumulator of 32 bits may have wrapped unseen nothing counts") {
  Card card;
  card.after(1s, 1000, kCap);
  CHECK(card.after(600s, 57264, kCap) == 0);
  CHECK(card.after(1s, 57467, kCap) == kCap);
}

TEST_CASE("Over a long gap an accumulator of 64 bits counts") {
  Card card;
  card.after(1s, 1e6, kCap);
  CHECK(card.after(600s, 1e6 + 600 * kCap, kCap) == 600 * kCap);
}

TEST_CASE("Nothing counts across a sleep, and what was drawn before is kept") {
  Card card;
  card.after(1s, 5000, 20);
  card.after(1s, 5000, 20);
  card.counter.interrupt();
  CHECK(card.counter.joules() == 20);
  CHECK(card.after(2s, 5100, 20) == 20);
  CHECK(card.after(1s, 5125, 20) == 45);
}

TEST_CASE("NaN, infinite and negative power and energy are passed over") {
  for (const double bad : {kNaN, std::numeric_limits<double>::infinity(), -1.0}) {
    Card card;
    card.after(1s, 1000, 100);
    CHECK(card.after(1s, bad, bad, bad) == 0);
    CHECK(card.after(1s, 1200, 100) == 200);
  }
}
