#include "gpu/gpu_indices.h"

#include <set>

#include "gpu/gpu_limits.h"
#include "support/catch.h"

using namespace rig;

TEST_CASE("GPUs are numbered in the order in which they appear, and keep their numbers") {
  GpuIndices indices;
  CHECK(indices.index_of("b") == "0");
  CHECK(indices.index_of("a") == "1");
  CHECK(indices.index_of("b") == "0");
  CHECK(indices.all() == GpuIndices::ByAddress{{"a", "1"}, {"b", "0"}});
}

TEST_CASE("Of very many GPUs the one that has been absent for the longest time is forgotten") {
  GpuIndices indices;
  CHECK(indices.index_of("first") == "0");
  CHECK(indices.index_of("present") == "1");
  for (int i = 0; i < 10'000; ++i) {
    indices.index_of("new " + std::to_string(i));
    CHECK(indices.index_of("present") == "1");
  }
  REQUIRE(indices.all().size() == kMaxRememberedGpus);
  CHECK_FALSE(indices.all().contains("first"));
  std::set<std::string> different;
  for (const auto& [address, index] : indices.all()) different.insert(index);
  CHECK(different.size() == kMaxRememberedGpus);
  CHECK(different.contains(std::to_string(kMaxRememberedGpus - 1)));
}
