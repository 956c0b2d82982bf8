#include "kernel/read_observer.h"

#include <utility>

namespace rig {
namespace {

thread_local const ReadObserver* observer = nullptr;

}  // namespace

bool is_observed() { return observer != nullptr; }

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

}  // namespace rig
