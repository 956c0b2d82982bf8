// Problems as text: "PATH: DETAIL".
#pragma once

#include <string>
#include <vector>

#include "rig/kernel/problem.h"

inline std::vector<std::string> texts(const std::vector<rig::Problem>& problems) {
  std::vector<std::string> found;
  for (const rig::Problem& problem : problems) found.push_back(to_string(problem));
  return found;
}
