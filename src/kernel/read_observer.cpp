#include "kernel/read_observer.h"

#include <utility>

#include "rig/kernel/cached_structure.h"

namespace rig {
namespace {

thread_local const ReadObserver* observer = nullptr;
thread_local bool direct = false;

}  // namespace

bool reads_directly() { return direct || observer != nullptr; }

void observe_begin(KernelRead::Kind kind, const std::string& path) {
  if (observer != nullptr) (*observer)({kind, path, false, {}, 0});
}

void observe_end(KernelRead::Kind kind, const std::string& path, const std::string& text,
                 int error_number) {
  if (observer != nullptr) (*observer)({kind, path, true, text, error_number});
}

ObservedReads::ObservedReads(ReadObserver told) : observer_(std::move(told)) {
  observer = &observer_;
}

ObservedReads::~ObservedReads() { observer = nullptr; }

DirectReads::DirectReads() : before_(std::exchange(direct, true)) {}

DirectReads::~DirectReads() { direct = before_; }

}  // namespace rig
