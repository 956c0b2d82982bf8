// Tells whether files have appeared, disappeared or moved.
#pragma once

#include <chrono>
#include <string>

namespace rig {

class ChangeSource {
 public:
  ChangeSource() = default;
  ChangeSource(const ChangeSource&) = delete;
  ChangeSource& operator=(const ChangeSource&) = delete;
  virtual ~ChangeSource() = default;

  // Whether anything may have changed since the last call: true also if that cannot be determined.
  // Does not block. Called by one thread at a time.
  virtual bool has_changed() = 0;
};

// A directory with everything below it.
class WatchedDirectory : public ChangeSource {
 public:
  enum class Use {
    look_up,  // the path, with all links that it leads through
    list,     // also the names in the directory that it leads to
    read,     // also the content of the file that it leads to
  };

  // Whether has_changed() will report if this path leads elsewhere, and what else `use` names. To
  // be called before the path is used. May block as long as the path does; called by any thread.
  virtual bool watch(const std::string& path, Use use) = 0;

  // Everything that was read has been forgotten: watch() will be called again for each path.
  virtual void forget() {}

  // For how long after a change nothing may be remembered.
  virtual std::chrono::seconds settling_time() const = 0;
};

}  // namespace rig
