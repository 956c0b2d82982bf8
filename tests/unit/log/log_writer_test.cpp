#include "log/log_writer.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <string>

#include "rig/kernel/unique_fd.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

std::string report_of(std::uint64_t dropped) { return std::to_string(dropped) + " dropped\n"; }

// A pipe that takes 4096 bytes.
struct SmallPipe {
  SmallPipe() {
    std::array<int, 2> fds{-1, -1};
    REQUIRE(pipe2(fds.data(), O_CLOEXEC) == 0);
    read = UniqueFd(fds[0]);
    write = UniqueFd(fds[1]);
    REQUIRE(fcntl(write.get(), F_SETPIPE_SZ, 4096) == 4096);
  }

  // Everything that arrives until nothing has for the time of `quiet`, or until `end`.
  std::string read_all(std::chrono::milliseconds quiet, std::string_view end = "\f") const {
    std::string text;
    std::array<char, 4096> part{};
    pollfd readable{read.get(), POLLIN, 0};
    while (!text.ends_with(end) && poll(&readable, 1, static_cast<int>(quiet.count())) == 1) {
      const auto count = ::read(read.get(), part.data(), part.size());
      if (count <= 0) break;
      text.append(part.data(), static_cast<std::size_t>(count));
    }
    return text;
  }

  UniqueFd read;
  UniqueFd write;
};

std::size_t lines_in(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

void write_lines(LogWriter& writer, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) writer.write(std::string(99, 'x') + '\n');
}

}  // namespace

TEST_CASE("Lines are written in order, and flushing waits for them") {
  const SmallPipe pipe;
  LogWriter writer(pipe.write.get(), report_of);
  for (int i = 0; i < 10; ++i) writer.write(std::to_string(i) + '\n');
  CHECK(writer.flush(5s));
  CHECK(pipe.read_all(0ms) == "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
  CHECK(writer.dropped() == 0);
}

TEST_CASE("A blocked descriptor blocks neither writing, flushing nor the destructor") {
  const SmallPipe pipe;
  const auto start = std::chrono::steady_clock::now();
  {
    LogWriter writer(pipe.write.get(), report_of);
    write_lines(writer, 5000);
    CHECK(writer.dropped() > 3000);
    CHECK_FALSE(writer.flush(50ms));
  }
  CHECK(std::chrono::steady_clock::now() - start < 1s);
  pipe.read_all(1s);  // ends the thread that was left behind
}

TEST_CASE("When a descriptor is no longer blocked, one line says how many lines were dropped") {
  const SmallPipe pipe;
  LogWriter writer(pipe.write.get(), report_of);
  write_lines(writer, 5000);
  const auto dropped = writer.dropped();
  const auto text = pipe.read_all(10s, report_of(dropped));
  CHECK(text.ends_with("\n" + report_of(dropped)));
  CHECK(lines_in(text) == 5000 - dropped + 1);
  writer.write("afterwards\n");
  CHECK(pipe.read_all(10s, "afterwards\n") == "afterwards\n");
  CHECK(writer.dropped() == dropped);
}

TEST_CASE("Slow reading costs lines, which are counted") {
  const SmallPipe pipe;
  LogWriter writer(pipe.write.get(), report_of);
  std::string text;
  std::array<char, 500> part{};
  for (int i = 0; i < 1000; ++i) {
    write_lines(writer, 10);
    pollfd readable{pipe.read.get(), POLLIN, 0};
    if (poll(&readable, 1, 0) == 1)
      text.append(part.data(), static_cast<std::size_t>(read(pipe.read.get(), part.data(), 500)));
  }
  CHECK(lines_in(text + pipe.read_all(1s)) == 10'000 - writer.dropped() + 1);
}

TEST_CASE("Lines that cannot be written are counted, and reported once they can") {
  const UniqueFd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  LogWriter writer(full.get(), report_of);
  write_lines(writer, 3);
  CHECK(writer.flush(5s));
  CHECK(writer.dropped() == 3);
  const SmallPipe pipe;
  REQUIRE(dup2(pipe.write.get(), full.get()) == full.get());
  CHECK(writer.flush(5s));
  CHECK(pipe.read_all(0ms) == "3 dropped\n");
}

TEST_CASE("The number of dropped lines is reported at most every ten seconds, and when flushing") {
  const SmallPipe pipe;
  LogWriter writer(pipe.write.get(), report_of);
  writer.write("first\n");
  writer.drop();
  CHECK_THAT(pipe.read_all(10s, "1 dropped\n"), ContainsSubstring("1 dropped\n"));
  writer.drop();
  writer.drop();
  CHECK(pipe.read_all(200ms).empty());
  CHECK(writer.flush(5s));
  CHECK(pipe.read_all(0ms) == "2 dropped\n");
}

TEST_CASE("A descriptor that another process made non-blocking gets every line") {
  const SmallPipe pipe;
  REQUIRE(fcntl(pipe.write.get(), F_SETFL, O_NONBLOCK) == 0);
  LogWriter writer(pipe.write.get(), report_of);
  write_lines(writer, 200);
  writer.write("last\n");
  CHECK(lines_in(pipe.read_all(10s, "last\n")) == 201);
}
