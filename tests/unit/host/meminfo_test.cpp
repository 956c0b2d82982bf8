#include "host/meminfo.h"

#include "support/catch.h"
#include "support/problem_texts.h"

using namespace rig;

TEST_CASE("A kB in meminfo is 1024 bytes") {
  const auto memory = parse_meminfo(
      "MemTotal:       65757340 kB\n"
      "MemAvailable:   60112204 kB\n"
      "SwapCached:            3 kB\n"
      "Cached:               12 kB\n"
      "Committed_AS:    9000000 kB\n"
      "AnonPages:             8 kB\n"
      "AnonHugePages:        16 kB\n");
  CHECK(memory.total_bytes == 65757340.0 * 1024);
  CHECK(memory.available_bytes == 60112204.0 * 1024);
  CHECK(memory.cached_bytes == 12.0 * 1024);
  CHECK(memory.committed_bytes == 9000000.0 * 1024);
  CHECK(memory.anonymous_bytes == 8.0 * 1024);
  CHECK(memory.malformed.empty());
}

TEST_CASE("Huge pages are converted from pages to bytes") {
  const auto memory = parse_meminfo(
      "HugePages_Total:      16\n"
      "HugePages_Free:        4\n"
      "HugePages_Rsvd:        0\n"
      "Hugepagesize:       2048 kB\n"
      "Hugetlb:           32768 kB\n");
  CHECK(memory.hugepages_total_bytes == 16 * 2048.0 * 1024);
  CHECK(memory.hugepages_free_bytes == 4 * 2048.0 * 1024);
}

TEST_CASE("Huge pages are absent if their size is unknown or the kernel has none") {
  CHECK_FALSE(parse_meminfo("HugePages_Total: 16\n").hugepages_total_bytes);
  const auto memory = parse_meminfo("MemTotal: 4 kB\n");
  CHECK_FALSE(memory.hugepages_total_bytes);
  CHECK_FALSE(memory.hugepages_free_bytes);
}

TEST_CASE("MemAvailable is absent on kernels that do not report it") {
  const auto memory = parse_meminfo("MemTotal: 4 kB\nMemFree: 2 kB\n");
  CHECK(memory.free_bytes == 2048.0);
  CHECK_FALSE(memory.available_bytes);
}

TEST_CASE("A machine without swap has 0 bytes of swap") {
  const auto memory = parse_meminfo("SwapTotal:             0 kB\nSwapFree:              0 kB\n");
  CHECK(memory.swap_total_bytes == 0.0);
  CHECK(memory.swap_free_bytes == 0.0);
}

TEST_CASE("A malformed amount affects its own line only") {
  const auto memory = parse_meminfo("MemTotal: kB\nMemFree: -4 kB\nDirty: 4 MB\nMapped: 4 kB\n");
  CHECK_FALSE(memory.total_bytes);
  CHECK_FALSE(memory.free_bytes);
  CHECK_FALSE(memory.dirty_bytes);
  CHECK(memory.mapped_bytes == 4096.0);
  CHECK(memory.malformed ==
        std::vector<std::string>{"MemTotal: kB", "MemFree: -4 kB", "Dirty: 4 MB"});
  for (const std::string amount : {"nan", "inf", "1e308"})
    CHECK_FALSE(parse_meminfo("MemTotal: " + amount + " kB\n").total_bytes);
}

TEST_CASE("An amount may exceed 32 bits of kB") {
  CHECK(parse_meminfo("MemTotal: 17179869184 kB\n").total_bytes == 17592186044416.0);
}

TEST_CASE("A truncated last line of meminfo is not parsed, and missing totals are named") {
  const auto memory = parse_meminfo("MemTotal: 65757340 kB\nMemFree: 657573");
  CHECK(memory.total_bytes == 65757340.0 * 1024);
  CHECK_FALSE(memory.free_bytes);
  CHECK(memory.missing == std::vector<std::string_view>{"MemFree"});
  CHECK(parse_meminfo("MemTotal: x kB\nNode 0 MemFree: 8 kB\n").missing.empty());
}

TEST_CASE("A meminfo that ends after any complete line is incomplete") {
  const std::string text =
      "MemTotal: 9 kB\nMemFree: 8 kB\nMemAvailable: 8 kB\nBuffers: 0 kB\nCached: 1 kB\n"
      "SwapCached: 0 kB\nActive: 1 kB\nInactive: 0 kB\nSwapTotal: 7 kB\nSwapFree: 7 kB\n"
      "Dirty: 0 kB\nWriteback: 0 kB\nAnonPages: 1 kB\nMapped: 1 kB\nShmem: 0 kB\nSlab: 1 kB\n"
      "SReclaimable: 0 kB\nSUnreclaim: 1 kB\nKernelStack: 1 kB\nCommitLimit: 9 kB\nCommitted_AS: 4 "
      "kB\n";
  CHECK(parse_meminfo(text).missing.empty());
  for (const char* last : {"MemTotal", "Cached", "Active", "SwapTotal", "SwapFree", "Dirty",
                           "AnonPages", "Shmem", "Slab", "KernelStack", "CommitLimit"}) {
    INFO(last);
    const auto end = text.find('\n', text.find(std::string("\n") + last) + 1);
    CHECK_FALSE(parse_meminfo(text.substr(0, end + 1)).missing.empty());
  }
  CHECK(parse_meminfo("MemTotal: 9 kB\nMemFree: 8 kB\nCached: 1 kB\nActive: 1 kB\n").missing ==
        std::vector<std::string_view>{"SwapTotal", "SwapFree", "Dirty", "Writeback", "AnonPages",
                                      "SReclaimable", "SUnreclaim"});
}

TEST_CASE("A part of the memory that is larger than the total is removed, the others stay") {
  const auto check = [](std::string_view text) {
    Meminfo memory = parse_meminfo(text);
    const auto problems = remove_implausible(memory, "/proc/meminfo");
    return std::pair(memory, texts(problems));
  };
  const auto [swap, swap_problems] = check(
      "MemTotal: 8 kB\nMemFree: 8 kB\nMemAvailable: 4 kB\nSwapTotal: 0 kB\n"
      "SwapFree: 18446744073709346016 kB\n");
  CHECK_FALSE(swap.swap_free_bytes);
  CHECK(swap.swap_total_bytes == 0.0);
  CHECK(swap.free_bytes == 8192.0);
  CHECK(swap_problems ==
        std::vector<std::string>{"/proc/meminfo: implausible: SwapFree is larger than SwapTotal"});
  const auto [memory, problems] = check(
      "MemTotal: 8 kB\nMemFree: 9 kB\nMemAvailable: 4294967295 kB\nMemUsed: 9 kB\n"
      "HugePages_Total: 1\nHugePages_Free: 2\nHugepagesize: 2048 kB\n");
  CHECK_FALSE(memory.free_bytes);
  CHECK_FALSE(memory.available_bytes);
  CHECK_FALSE(memory.used_bytes);
  CHECK_FALSE(memory.hugepages_free_bytes);
  CHECK(memory.hugepages_total_bytes == 2097152.0);
  CHECK(problems.size() == 4);
  const auto [parts, part_problems] = check(
      "MemTotal: 8 kB\nCached: 18014398509481983 kB\nBuffers: 9 kB\nDirty: 4294967295 kB\n"
      "Shmem: 9 kB\nSReclaimable: 9 kB\nSUnreclaim: 9 kB\nWriteback: 9 kB\nAnonPages: 9 kB\n");
  CHECK_FALSE(parts.cached_bytes);
  CHECK_FALSE(parts.dirty_bytes);
  CHECK(parts.anonymous_bytes == 9216.0);  // of which 1 kB may be in the memory of a device
  CHECK(part_problems.size() == 7);
}
