#include "host/hugepage_pools.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "host/part_of_whole.h"
#include "rig/kernel/best_effort_reader.h"
#include "rig/kernel/units.h"

namespace rig {
namespace {

// "hugepages-2048kB"; std::nullopt for any other name.
std::optional<unsigned long long> parse_page_bytes(std::string_view name) {
  constexpr std::string_view kPrefix = "hugepages-";
  constexpr std::string_view kUnit = "kB";
  if (!name.starts_with(kPrefix) || !name.ends_with(kUnit)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  name.remove_suffix(kUnit.size());
  const auto kilobytes = parse_number<unsigned long long>(name);
  return kilobytes ? std::optional(*kilobytes * kBytesPerKiB) : std::nullopt;
}

}  // namespace

HugepagePools read_hugepage_pools(const std::string& sys) {
  const std::string directory = sys + "/kernel/mm/hugepages";
  BestEffortReader reader;
  HugepagePools found;
  for (const std::string& name : reader.names(directory)) {
    const auto page_bytes = parse_page_bytes(name);
    if (!page_bytes) continue;
    const auto bytes = [&](const char* file) -> std::optional<double> {
      const auto pages = reader.number<unsigned long long>(directory + "/" + name + "/" + file);
      if (!pages) return std::nullopt;
      return static_cast<double>(*pages) * static_cast<double>(*page_bytes);
    };
    HugepagePool pool{.page_bytes = *page_bytes,
                      .bytes = bytes("nr_hugepages"),
                      .free_bytes = bytes("free_hugepages"),
                      .reserved_bytes = bytes("resv_hugepages")};
    // The pool may have grown in between.
    if (pool.bytes && std::max(pool.free_bytes, pool.reserved_bytes) > pool.bytes)
      pool.bytes = bytes("nr_hugepages");
    const std::string source = directory + "/" + name;
    for (const auto& [part, file] : {std::pair(&pool.free_bytes, "free_hugepages"),
                                     std::pair(&pool.reserved_bytes, "resv_hugepages")}) {
      if (const auto problem = remove_larger_part(*part, pool.bytes, source, file, "nr_hugepages"))
        reader.add_problem(*problem);
    }
    found.pools.push_back(pool);
  }
  found.problems = reader.take_problems();
  return found;
}

}  // namespace rig
