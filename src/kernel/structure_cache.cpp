#include "kernel/structure_cache.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "kernel/open_file.h"

namespace rig {
namespace {

bool is_below(const std::string& path, const std::string& directory) {
  return path.starts_with(directory) &&
         (path.size() == directory.size() || path[directory.size()] == '/');
}

// The path of the directory that contains it; empty for a path without a slash.
std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? std::string() : path.substr(0, slash);
}

WatchedDirectory::Use use_of(Fact::Kind kind) {
  using Use = WatchedDirectory::Use;
  if (kind == Fact::Kind::names) return Use::list;
  return kind == Fact::Kind::name ? Use::read : Use::look_up;
}

// A link that leads nowhere is not missing itself.
bool is_missing(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) != 0 && means_no_file(errno);
}

}  // namespace

StructureCache::StructureCache(std::function<void()> forgotten, Limits limits)
    : forgotten_(std::move(forgotten)), limits_(limits) {}

void StructureCache::add(std::unique_ptr<ChangeSource> source) {
  sources_.push_back(std::move(source));
}

void StructureCache::add(std::string directory, std::unique_ptr<WatchedDirectory> source) {
  directories_.push_back({std::move(directory), std::move(source), {}});
}

// Only one thread at a time: the others wait until everything has been forgotten that the events
// concern which it received.
void StructureCache::refresh(Clock::time_point now) {
  const std::lock_guard refreshing(refresh_mutex_);
  bool changed = false;
  for (const auto& source : sources_) changed = source->has_changed() || changed;
  for (const auto& directory : directories_) changed = directory.source->has_changed() || changed;
  if (changed || is_too_old(now)) forget(now, changed);
  const std::lock_guard lock(mutex_);
  refreshed_ = now;
}

void StructureCache::contradict(Clock::time_point now) { forget(now, true); }

void StructureCache::forget(Clock::time_point now, bool changed) {
  // First, so that whoever begins with the new generation watches each path anew.
  for (const Directory& directory : directories_) directory.source->forget();
  std::array<Facts, Fact::kKinds> old;  // destroyed without the lock
  {
    const std::lock_guard lock(mutex_);
    ++generation_;
    old.swap(facts_);
    bytes_ = 0;
    oldest_.reset();
    for (Directory& directory : directories_) {
      if (changed) directory.settled = now + directory.source->settling_time();
    }
  }
  forgotten_();
}

bool StructureCache::is_too_old(Clock::time_point now) const {
  const std::lock_guard lock(mutex_);
  return oldest_ && now - *oldest_ >= kOldest;
}

bool StructureCache::is_fresh(Clock::time_point now) const {
  const std::lock_guard lock(mutex_);
  return used_at(now);
}

// Called with the lock.
bool StructureCache::used_at(Clock::time_point now) const {
  return refreshed_ && now - *refreshed_ <= kFresh;
}

std::optional<Fact> StructureCache::find(Fact::Kind kind, const std::string& path,
                                         Clock::time_point now) const {
  const std::lock_guard lock(mutex_);
  if (!used_at(now)) return std::nullopt;
  const StoredFact* const fact = known(kind, path);
  return fact == nullptr ? std::nullopt : std::optional(restored(kind, *fact));
}

std::optional<StructureCache::Generation> StructureCache::begin(Fact::Kind kind,
                                                                const std::string& path,
                                                                Clock::time_point now) {
  Directory* const directory = directory_of(path);
  if (directory == nullptr) return std::nullopt;
  Generation generation = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!refreshed_ || now < directory->settled) return std::nullopt;
    generation = generation_;
  }
  if (!directory->source->watch(path, use_of(kind))) return std::nullopt;
  return generation;
}

void StructureCache::remember(Generation generation, Fact::Kind kind, const std::string& path,
                              Fact fact) {
  const bool opened = kind == Fact::Kind::names || kind == Fact::Kind::file;
  if (opened && !fact.exists && contradicts(path)) return contradict();
  StoredFact added = stored(kind, std::move(fact));
  const std::size_t bytes = path.size() + added.text.size();
  const std::lock_guard lock(mutex_);
  if (generation != generation_) return;
  std::size_t count = 0;
  for (const Facts& facts : facts_) count += facts.size();
  if (count >= limits_.facts || bytes_ + bytes > limits_.bytes) return;
  if (!facts_[static_cast<std::size_t>(kind)].emplace(path, std::move(added)).second) return;
  bytes_ += bytes;
  if (!oldest_) oldest_ = refreshed_;
}

std::size_t StructureCache::size() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const Facts& facts : facts_) count += facts.size();
  return count;
}

// "/sda/sdb/"
StructureCache::StoredFact StructureCache::stored(Fact::Kind kind, Fact fact) {
  if (kind != Fact::Kind::names) return {fact.exists, std::move(fact.target)};
  std::string joined = "/";
  for (const std::string& name : fact.names) joined.append(name).append("/");
  joined.shrink_to_fit();
  return {fact.exists, std::move(joined)};
}

Fact StructureCache::restored(Fact::Kind kind, const StoredFact& fact) {
  if (kind != Fact::Kind::names) return {fact.exists, fact.text, {}};
  Fact result{fact.exists, {}, {}};
  std::string_view rest = std::string_view(fact.text).substr(1);
  result.names.reserve(static_cast<std::size_t>(std::ranges::count(rest, '/')));
  for (auto end = rest.find('/'); end != rest.npos; end = rest.find('/')) {
    result.names.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  return result;
}

StructureCache::Directory* StructureCache::directory_of(const std::string& path) {
  const auto found = std::ranges::find_if(
      directories_, [&](const Directory& directory) { return is_below(path, directory.path); });
  return found == directories_.end() ? nullptr : &*found;
}

// Called with the lock.
const StructureCache::StoredFact* StructureCache::known(Fact::Kind kind,
                                                        const std::string& path) const {
  const Facts& facts = facts_[static_cast<std::size_t>(kind)];
  const auto found = facts.find(path);
  return found == facts.end() ? nullptr : &found->second;
}

// Called with the lock.
bool StructureCache::is_known_to_exist(const std::string& path) const {
  const StoredFact* const presence = known(Fact::Kind::presence, path);
  if (presence != nullptr && presence->exists) return true;
  const StoredFact* const listed = known(Fact::Kind::names, parent_of(path));
  return listed != nullptr && listed->text.find(path.substr(path.rfind('/')) + "/") != path.npos;
}

// Whether a file that could not be opened, or the nearest directory above it of which that is
// known, should exist.
bool StructureCache::contradicts(const std::string& absent) const {
  std::string above = absent;
  {
    const std::lock_guard lock(mutex_);
    while (!above.empty() && !is_known_to_exist(above)) above = parent_of(above);
  }
  return !above.empty() && is_missing(above);
}

}  // namespace rig
