// A Seen of a machine kept in a folder, as a scrape of it with this text would have made it.
#pragma once

#include <filesystem>
#include <string_view>

#include "doctor/seen.h"

inline rig::Seen seen_by(const std::filesystem::path& machine, std::string_view scraped = "") {
  rig::Seen seen;
  seen.config.host = {machine / "proc", machine / "sys", machine};
  seen.config.web.listen_addresses = {":0"};
  for (const auto* name : {"filesystem", "gpu", "raid"})
    seen.collectors.push_back({name, true, {}});
  seen.samples = rig::parse_exposition(scraped);
  return seen;
}

inline std::filesystem::path rig_folder(std::string_view name) {
  return std::filesystem::path(RIG_TEST_RIGS) / name;
}
