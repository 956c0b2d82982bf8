#include "rig/threads/inline_operations.h"

namespace rig {
namespace {

thread_local InlineOperations* installed_operations = nullptr;

}  // namespace

InlineOperations::Installed::Installed(InlineOperations& operations) {
  installed_operations = &operations;
}

InlineOperations::Installed::~Installed() { installed_operations = nullptr; }

InlineOperations* InlineOperations::of_this_thread() { return installed_operations; }

bool InlineOperations::hung_since(Clock::duration started) const {
  if (started == kNone || started == kGivenUp) return false;
  return Clock::now().time_since_epoch() - started >= hung_after_;
}

bool InlineOperations::hung() const { return hung_since(started_.load()); }

bool InlineOperations::give_up_hung() {
  Clock::duration started = started_.load();
  return hung_since(started) && started_.compare_exchange_strong(started, kGivenUp);
}

}  // namespace rig
