#include "host/hugepage_pools.h"

#include <string>

#include "support/catch.h"
#include "support/problem_texts.h"
#include "support/temporary_directory.h"

using namespace rig;

TEST_CASE("Huge page pools are converted to bytes with the page size in the directory name") {
  const TemporaryDirectory sys;
  const std::string directory = "kernel/mm/hugepages/hugepages-1048576kB/";
  sys.write(directory + "nr_hugepages", "8\n");
  sys.write(directory + "free_hugepages", "3\n");
  sys.write(directory + "resv_hugepages", "1\n");
  sys.write("kernel/mm/hugepages/hugepages-bigkB/nr_hugepages", "5\n");
  const auto found = read_hugepage_pools(sys.path());
  CHECK(found.problems.empty());
  REQUIRE(found.pools.size() == 1);
  CHECK(found.pools[0].page_bytes == 1ULL << 30U);
  CHECK(found.pools[0].bytes == 8.0 * (1 << 30));
  CHECK(found.pools[0].free_bytes == 3.0 * (1 << 30));
  CHECK(found.pools[0].reserved_bytes == 1.0 * (1 << 30));
}

TEST_CASE("A missing or malformed file of a huge page pool affects its own value only") {
  const TemporaryDirectory sys;
  const std::string directory = "kernel/mm/hugepages/hugepages-2048kB/";
  sys.write(directory + "nr_hugepages", "many\n");
  sys.write(directory + "free_hugepages", "3\n");
  const auto found = read_hugepage_pools(sys.path());
  REQUIRE(found.pools.size() == 1);
  CHECK_FALSE(found.pools[0].bytes);
  CHECK(found.pools[0].free_bytes == 3.0 * (2 << 20));
  CHECK_FALSE(found.pools[0].reserved_bytes);
  REQUIRE(found.problems.size() == 1);
  CHECK_THAT(texts(found.problems)[0], ContainsSubstring("nr_hugepages: malformed: \"many\""));
}

TEST_CASE("A kernel without huge pages has no pools") {
  const TemporaryDirectory sys;
  const auto found = read_hugepage_pools(sys.path());
  CHECK(found.pools.empty());
  CHECK(found.problems.empty());
}
