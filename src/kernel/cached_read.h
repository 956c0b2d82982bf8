// One use of the cached structure by a read.
#pragma once

#include <optional>
#include <string>

#include "kernel/structure_cache.h"

namespace rig {

// Knows and remembers nothing while there is no cache, and for a thread that reads directly.
class CachedRead {
 public:
  // `path` has to outlive it.
  CachedRead(Fact::Kind kind, const std::string& path);

  // What is known already: the path need not be read.
  const std::optional<Fact>& known() const { return known_; }

  // To be called before reading the path. Returns whether a change of it will be noticed.
  bool begin();
  // What was read after begin().
  void remember(Fact fact);
  // Forgets everything: what was read contradicts what is known.
  void contradict();

 private:
  StructureCache* const cache_;
  const Fact::Kind kind_;
  const std::string& path_;
  std::optional<Fact> known_;
  std::optional<StructureCache::Generation> generation_;
};

}  // namespace rig
