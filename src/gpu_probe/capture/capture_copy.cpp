#include "gpu_probe/capture/capture_copy.h"

#include <algorithm>
#include <cerrno>
#include <deque>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "gpu_probe/capture/anonymous.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinks = 40;  // as the kernel bears in one path

// Lexically: "" is in itself, and nothing is that climbs out.
bool is_inside(const fs::path& path, const fs::path& folder) {
  const auto below = path.lexically_relative(folder);
  return !below.empty() && *below.begin() != "..";
}

fs::path joined(const fs::path& folder, const fs::path& below) {
  return below == "." ? folder : folder / below;
}

[[noreturn]] void fail(const fs::path& path, const std::string& what) {
  throw std::runtime_error(path.string() + ": " + what);
}

// Without a slash at its end, which ".." leaves behind.
fs::path normal(const fs::path& path) {
  const fs::path result = path.lexically_normal();
  return result.has_filename() ? result : result.parent_path();
}

bool is_link(const fs::path& path) {
  std::error_code ignored;
  return fs::is_symlink(fs::symlink_status(path, ignored));
}

}  // namespace

CaptureCopy::CaptureCopy(std::vector<CaptureRoot> roots, fs::path folder)
    : roots_(std::move(roots)), folder_(std::move(folder)) {}

// Step by step, as the kernel does; a path that leaves its root has no place.
std::optional<CaptureCopy::Place> CaptureCopy::place_of(const fs::path& path) const {
  const auto root = std::ranges::find_if(
      roots_, [&](const CaptureRoot& candidate) { return is_inside(path, candidate.from); });
  if (root == roots_.end()) return std::nullopt;
  const auto in_copy = [&](const fs::path& source) {
    return joined(root->to, source.lexically_relative(root->from));
  };
  const fs::path steps = path.lexically_relative(root->from);
  std::deque<fs::path> ahead(steps.begin(), steps.end());
  fs::path here = root->from;
  std::vector<Link> links;
  while (!ahead.empty()) {
    const fs::path next = normal(here / ahead.front());
    ahead.pop_front();
    if (!is_inside(next, root->from)) return std::nullopt;
    if (!is_link(next)) {
      here = next;
      continue;
    }
    std::error_code error;
    const fs::path target = fs::read_symlink(next, error);
    if (error || target.is_absolute() || links.size() == kMostLinks) return std::nullopt;
    links.push_back({in_copy(next), target});
    ahead.insert(ahead.begin(), target.begin(), target.end());
  }
  return Place{in_copy(here), std::move(links)};
}

// A link that was read is not followed, and may dangle, but inside its root.
std::optional<CaptureCopy::Place> CaptureCopy::place_of(const KernelRead& read) const {
  if (read.kind != KernelRead::Kind::link) return place_of(read.path);
  auto place = place_of(read.path.parent_path());
  if (!place) return std::nullopt;
  place->at /= read.path.filename();
  const fs::path target = normal(place->at.parent_path() / read.text);
  const bool inside = std::ranges::any_of(
      roots_, [&](const CaptureRoot& root) { return is_inside(target, root.to); });
  if (read.error_number == 0 && !inside) return std::nullopt;
  return place;
}

std::string CaptureCopy::name_of(const fs::path& path) const {
  const auto place = place_of(path);
  return (place ? place->at : path).string();
}

void CaptureCopy::add(const KernelRead& read) {
  if (!read.ended) return;
  const auto place = place_of(read);
  if (!place) {
    missing_[read.path.string()] = "leads elsewhere";
    return;
  }
  const std::string name = place->at.string();
  if (read.error_number != 0) {
    if (!files_.contains(name)) missing_[name] = std::generic_category().message(read.error_number);
    return;
  }
  missing_.erase(name);
  for (const auto& link : place->links) write_link(link);
  switch (read.kind) {
    case KernelRead::Kind::file:
      write_file(place->at, read.text);
      break;
    case KernelRead::Kind::folder:
      write_folder(place->at, read.path);
      break;
    case KernelRead::Kind::link:
      write_link({place->at, read.text});
      break;
  }
}

void CaptureCopy::write_file(const fs::path& at, const std::string& text) {
  auto [without_ids, ids] = anonymous(at, text);
  make_folder(at.parent_path());
  std::ofstream file(folder_ / at, std::ios::binary | std::ios::trunc);
  file.write(without_ids.data(), static_cast<std::streamsize>(without_ids.size()));
  file.close();
  if (!file) fail(folder_ / at, std::generic_category().message(errno));
  files_.insert(at.string());
  if (!ids.empty()) replaced_[at.string()] = std::move(ids);
}

void CaptureCopy::write_link(const Link& link) const {
  make_folder(link.at.parent_path());
  if (is_link(folder_ / link.at)) return;
  std::error_code error;
  fs::create_symlink(link.target, folder_ / link.at, error);
  if (error) fail(folder_ / link.at, error.message());
}

// What is a folder in it is one in the copy, since a reader may only look for its name
// (renderD128).
void CaptureCopy::write_folder(const fs::path& at, const fs::path& source) const {
  make_folder(at);
  std::error_code error;
  for (auto entry = fs::directory_iterator(source, error);
       !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (fs::is_directory(entry->symlink_status(ignored)))
      make_folder(at / entry->path().filename());
  }
}

void CaptureCopy::make_folder(const fs::path& at) const {
  std::error_code error;
  fs::create_directories(folder_ / at, error);
  if (error) fail(folder_ / at, error.message());
}

}  // namespace rig
