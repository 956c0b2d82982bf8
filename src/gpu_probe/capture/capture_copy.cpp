#include "gpu_probe/capture/capture_copy.h"

#include <algorithm>
#include <cerrno>
#include <deque>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "gpu_probe/capture/anonymize.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxLinks = 40;  // the kernel's limit

// Lexically. A directory is inside itself.
bool is_inside(const fs::path& path, const fs::path& directory) {
  const auto relative = path.lexically_relative(directory);
  return !relative.empty() && *relative.begin() != "..";
}

fs::path join(const fs::path& directory, const fs::path& relative) {
  return relative == "." ? directory : directory / relative;
}

[[noreturn]] void fail(const fs::path& path, const std::string& message) {
  throw std::runtime_error(path.string() + ": " + message);
}

// Without the trailing slash that lexically_normal() leaves after "..".
fs::path normalize(const fs::path& path) {
  const fs::path result = path.lexically_normal();
  return result.has_filename() ? result : result.parent_path();
}

bool is_link(const fs::path& path) {
  std::error_code ignored;
  return fs::is_symlink(fs::symlink_status(path, ignored));
}

}  // namespace

CaptureCopy::CaptureCopy(std::vector<CaptureRoot> roots, fs::path directory)
    : roots_(std::move(roots)), directory_(std::move(directory)) {}

// Resolves links component by component, as the kernel does. Absent if the path leaves its root.
std::optional<CaptureCopy::Location> CaptureCopy::locate(const fs::path& path) const {
  const auto root = std::ranges::find_if(
      roots_, [&](const CaptureRoot& candidate) { return is_inside(path, candidate.from); });
  if (root == roots_.end()) return std::nullopt;
  const auto in_copy = [&](const fs::path& source) {
    return join(root->to, source.lexically_relative(root->from));
  };
  const fs::path components = path.lexically_relative(root->from);
  std::deque<fs::path> pending(components.begin(), components.end());
  fs::path current = root->from;
  std::vector<Link> links;
  while (!pending.empty()) {
    const fs::path next = normalize(current / pending.front());
    pending.pop_front();
    if (!is_inside(next, root->from)) return std::nullopt;
    if (!is_link(next)) {
      current = next;
      continue;
    }
    std::error_code error;
    const fs::path target = fs::read_symlink(next, error);
    if (error || target.is_absolute() || links.size() == kMaxLinks) return std::nullopt;
    links.push_back({in_copy(next), target});
    pending.insert(pending.begin(), target.begin(), target.end());
  }
  return Location{in_copy(current), std::move(links)};
}

// A link that was itself read is not followed. It may dangle, but must not lead out of its root.
std::optional<CaptureCopy::Location> CaptureCopy::locate(const KernelRead& read) const {
  if (read.kind != KernelRead::Kind::link) return locate(read.path);
  auto location = locate(read.path.parent_path());
  if (!location) return std::nullopt;
  location->path /= read.path.filename();
  const fs::path target = normalize(location->path.parent_path() / read.text);
  const bool inside = std::ranges::any_of(
      roots_, [&](const CaptureRoot& root) { return is_inside(target, root.to); });
  if (read.error_number == 0 && !inside) return std::nullopt;
  return location;
}

std::string CaptureCopy::name_of(const fs::path& path) const {
  const auto location = locate(path);
  return (location ? location->path : path).string();
}

void CaptureCopy::add(const KernelRead& read) {
  if (!read.ended) return;
  const auto location = locate(read);
  if (!location) {
    missing_[read.path.string()] = "leads out of the captured directories";
    return;
  }
  const std::string name = location->path.string();
  if (read.error_number != 0) {
    if (!files_.contains(name)) missing_[name] = std::generic_category().message(read.error_number);
    return;
  }
  missing_.erase(name);
  for (const auto& link : location->links) write_link(link);
  switch (read.kind) {
    case KernelRead::Kind::file:
      write_file(location->path, read.text);
      break;
    case KernelRead::Kind::directory:
      write_directory(location->path, read.path);
      break;
    case KernelRead::Kind::link:
      write_link({location->path, read.text});
      break;
  }
}

void CaptureCopy::write_file(const fs::path& path, const std::string& text) {
  auto [anonymized, ids] = anonymize(path, text);
  make_directory(path.parent_path());
  std::ofstream file(directory_ / path, std::ios::binary | std::ios::trunc);
  file.write(anonymized.data(), static_cast<std::streamsize>(anonymized.size()));
  file.close();
  if (!file) fail(directory_ / path, std::generic_category().message(errno));
  files_.insert(path.string());
  if (!ids.empty()) replaced_[path.string()] = std::move(ids);
}

void CaptureCopy::write_link(const Link& link) const {
  make_directory(link.at.parent_path());
  if (is_link(directory_ / link.at)) return;
  std::error_code error;
  fs::create_symlink(link.target, directory_ / link.at, error);
  if (error) fail(directory_ / link.at, error.message());
}

// Creates subdirectories as well, since a reader may look for their names only (renderD128).
void CaptureCopy::write_directory(const fs::path& path, const fs::path& source) const {
  make_directory(path);
  std::error_code error;
  for (auto entry = fs::directory_iterator(source, error);
       !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (fs::is_directory(entry->symlink_status(ignored)))
      make_directory(path / entry->path().filename());
  }
}

void CaptureCopy::make_directory(const fs::path& path) const {
  std::error_code error;
  fs::create_directories(directory_ / path, error);
  if (error) fail(directory_ / path, error.message());
}

}  // namespace rig
