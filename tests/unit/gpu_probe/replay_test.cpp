#include "gpu_probe/replay.h"

#include <fcntl.h>
#include <unistd.h>

#include "rig/kernel/files.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

TEST_CASE("Playing a recording once stops before its second sample") {
  const TemporaryDirectory directory;
  const std::string first = R"({"type":"probe","source":"sysfs"})"
                            "\n"
                            R"({"type":"gpus","gpus":[{"pci_address":"a"}]})"
                            "\n"
                            R"({"type":"gpu","pci_address":"a","power_watts":5})"
                            "\n";
  const auto file =
      directory.write("recording", first + "\n" + R"({"type":"gpus","gpus":[]})" + "\n");
  const auto played = directory.write("played", "");
  const int fd = open(played.c_str(), O_WRONLY);
  LineOutput output(fd, [](int) {});
  Replay(file).play_once(output);
  close(fd);
  CHECK(read_text(played).get() == first);
}

TEST_CASE("A malformed line is rejected with its line number") {
  const TemporaryDirectory directory;
  const auto file = directory.write("recording", R"({"type":"gpus","gpus":[]})"
                                                 "\nhello\n");
  CHECK_THROWS_WITH(Replay(file), ContainsSubstring("recording:2: "));
}

TEST_CASE("A recording without a sample is rejected") {
  const TemporaryDirectory directory;
  CHECK_THROWS(Replay(directory.write("empty", "")));
  CHECK_THROWS(Replay(directory.write("probe-only", R"({"type":"probe"})")));
  CHECK_THROWS(Replay(directory.path() / "none"));
}
