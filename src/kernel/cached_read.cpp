#include "kernel/cached_read.h"

#include <utility>

#include "kernel/read_observer.h"

namespace rig {

CachedRead::CachedRead(Fact::Kind kind, const std::string& path)
    : cache_(reads_directly() ? nullptr : structure_cache()), kind_(kind), path_(path) {
  if (cache_ != nullptr) known_ = cache_->find(kind, path);
}

bool CachedRead::begin() {
  if (cache_ != nullptr) generation_ = cache_->begin(kind_, path_);
  return generation_.has_value();
}

void CachedRead::remember(Fact fact) {
  if (generation_) cache_->remember(*generation_, kind_, path_, std::move(fact));
}

void CachedRead::contradict() {
  if (cache_ != nullptr) cache_->contradict();
}

}  // namespace rig
