#include "gpu_probe/rocm_smi/library_thread.h"

#include "gpu_probe/fake_gpu_library.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

TEST_CASE("A started library reads the GPUs that it knows") {
  const auto fake = fake_behaviour();
  LibraryThread library(std::make_unique<FakeLibrary>(fake));
  CHECK_FALSE(library.read("0000:03:00.0", {}, in(10s)));
  library.start();
  REQUIRE(library.wait_until_started(in(10s)));
  CHECK(library.state().usable);
  CHECK(library.state().version == "9.9.9");
  CHECK(library.state().pci_addresses.size() == 2);
  CHECK(library.read("0000:03:00.0", {}, in(10s))->power_watts == 42.0);
  CHECK_FALSE(library.read("0000:99:00.0", {}, in(10s)));
  CHECK(fake->reads == 1);
}

TEST_CASE("A library that fails to start is not usable and the reason is reported") {
  const auto fake = fake_behaviour();
  fake->start_error = "rsmi_init: no";
  LibraryThread library(std::make_unique<FakeLibrary>(fake));
  library.start();
  REQUIRE(library.wait_until_started(in(10s)));
  CHECK_FALSE(library.state().usable);
  CHECK(library.state().reason == "rsmi_init: no");
  CHECK_FALSE(library.read("0000:03:00.0", {}, in(10s)));
  CHECK(fake->reads == 0);
}

TEST_CASE("A hung library is waited for only once, and is used again after it returns") {
  const auto fake = fake_behaviour();
  LibraryThread library(std::make_unique<FakeLibrary>(fake));
  library.start();
  REQUIRE(library.wait_until_started(in(10s)));
  std::promise<void> gate;
  fake->set_gate(gate.get_future().share());
  CHECK_FALSE(library.read("0000:03:00.0", {}, in(20ms)));
  const auto before = std::chrono::steady_clock::now();
  CHECK_FALSE(library.read("0000:06:00.0", {}, in(1h)));
  CHECK(std::chrono::steady_clock::now() - before < 10min);
  CHECK_FALSE(library.state().usable);
  CHECK_THAT(library.state().reason, ContainsSubstring("timed out"));

  gate.set_value();
  while (!library.state().usable) std::this_thread::sleep_for(1ms);
  CHECK(library.read("0000:06:00.0", {}, in(10s)));
}

TEST_CASE("A library that hangs while starting does not block readers") {
  const auto fake = fake_behaviour();
  const auto gate = std::make_shared<std::promise<void>>();
  fake->set_gate(gate->get_future().share());
  {
    LibraryThread library(std::make_unique<FakeLibrary>(fake));
    library.start();
    CHECK_FALSE(library.wait_until_started(in(20ms)));
    CHECK_THAT(library.state().reason, ContainsSubstring("rsmi_init has not returned"));
    CHECK_FALSE(library.read("0000:03:00.0", {}, in(1h)));
  }
  gate->set_value();
}

TEST_CASE("A GPU without any value is not reported as read by the library") {
  const auto fake = fake_behaviour();
  fake->watts.reset();
  LibraryThread library(std::make_unique<FakeLibrary>(fake));
  library.start();
  REQUIRE(library.wait_until_started(in(10s)));
  REQUIRE(library.read("0000:03:00.0", {}, in(10s)));
  CHECK(library.state().pci_addresses == std::set<std::string>{"0000:06:00.0"});
}
