// What is known of paths until something changes.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kernel/change_source.h"

namespace rig {

struct Fact {
  enum class Kind {
    names,      // of the entries of a directory
    link,       // the last component of a link's target
    real_path,  // without links
    presence,
    inode,  // its number
    file,   // there is none or, if it exists, its descriptor is not kept
    name,   // the text of an attribute that names its device
  };
  static constexpr std::size_t kKinds = 7;

  bool exists = false;
  std::string target;              // of link and real_path; the number of an inode; the name
  std::vector<std::string> names;  // sorted
};

// All functions may be called from any thread. No lock is held during a system call that may hang.
class StructureCache {
 public:
  using Clock = std::chrono::steady_clock;
  using Generation = std::uint64_t;

  struct Limits {
    std::size_t facts = 65536;
    std::size_t bytes = 8U << 20U;  // of paths and names
  };

  // For so long after refresh() the facts are used. A read that is not part of a scrape, or hung
  // since an earlier one, does not use old ones.
  static constexpr std::chrono::seconds kFresh{10};
  // Everything is forgotten after this time, whatever has been reported. Longer than two intervals
  // of a minute, so that scrapes at such intervals have some use of it.
  static constexpr std::chrono::seconds kOldest{150};

  // `forgotten` is called whenever everything is forgotten.
  explicit StructureCache(std::function<void()> forgotten)
      : StructureCache(std::move(forgotten), Limits()) {}
  StructureCache(std::function<void()> forgotten, Limits limits);

  // Before the first refresh() only. What is outside of the added directories is not remembered.
  void add(std::unique_ptr<ChangeSource> source);
  void add(std::string directory, std::unique_ptr<WatchedDirectory> source);

  // Asks all sources, and forgets everything if anything has changed.
  void refresh(Clock::time_point now = Clock::now());
  // Forgets everything: what was read contradicts what is known.
  void contradict(Clock::time_point now = Clock::now());

  // Whether facts may be used.
  bool is_fresh(Clock::time_point now = Clock::now()) const;

  std::optional<Fact> find(Fact::Kind kind, const std::string& path,
                           Clock::time_point now = Clock::now()) const;

  // To be called before a path is read whose fact is to be remembered. Absent if it must not be.
  std::optional<Generation> begin(Fact::Kind kind, const std::string& path,
                                  Clock::time_point now = Clock::now());
  // Has no effect if anything has changed since begin().
  void remember(Generation generation, Fact::Kind kind, const std::string& path, Fact fact);

  std::size_t size() const;

 private:
  struct Directory {
    std::string path;
    std::unique_ptr<WatchedDirectory> source;
    Clock::time_point settled;
  };
  // A fact in little memory: names are joined by slashes.
  struct StoredFact {
    bool exists = false;
    std::string text;
  };
  using Facts = std::unordered_map<std::string, StoredFact>;

  void forget(Clock::time_point now, bool changed);
  bool is_too_old(Clock::time_point now) const;
  bool used_at(Clock::time_point now) const;
  Directory* directory_of(const std::string& path);
  static StoredFact stored(Fact::Kind kind, Fact fact);
  static Fact restored(Fact::Kind kind, const StoredFact& fact);
  const StoredFact* known(Fact::Kind kind, const std::string& path) const;
  bool is_known_to_exist(const std::string& path) const;
  bool contradicts(const std::string& absent) const;

  const std::function<void()> forgotten_;
  const Limits limits_;
  std::vector<std::unique_ptr<ChangeSource>> sources_;
  std::vector<Directory> directories_;  // `settled` is guarded by mutex_

  std::mutex refresh_mutex_;
  mutable std::mutex mutex_;
  std::array<Facts, Fact::kKinds> facts_;
  std::size_t bytes_ = 0;
  Generation generation_ = 0;
  std::optional<Clock::time_point> oldest_;     // the refresh() before the first fact
  std::optional<Clock::time_point> refreshed_;  // absent before the first time
};

// That of cache_structure(); null before it.
StructureCache* structure_cache();

}  // namespace rig
