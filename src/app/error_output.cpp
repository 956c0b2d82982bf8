#include "app/error_output.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <span>

#include "rig/log/log.h"

namespace rig {
namespace {

constexpr std::size_t kMaxErrors = 50;
constexpr std::size_t kMaxErrorSize = 2000;
// The time limit for lines of the log that are not written yet.
constexpr std::chrono::seconds kLogTimeoutOfErrors{5};

// Makes an error message one line of limited length, even if it quotes text with newlines or
// control characters.
std::string one_line(std::string text) {
  if (text.size() > kMaxErrorSize) text = text.substr(0, kMaxErrorSize) + "...";
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text;
}

}  // namespace

void print_errors(const std::vector<std::string>& errors) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_UNBLOCK, &all, nullptr);
  flush_log(kLogTimeoutOfErrors);
  for (const auto& error : std::span(errors).first(std::min(errors.size(), kMaxErrors)))
    fmt::print(stderr, "rig_exporter: {}\n", one_line(error));
  if (errors.size() > kMaxErrors)
    fmt::print(stderr, "rig_exporter: and {} more errors\n", errors.size() - kMaxErrors);
}

}  // namespace rig
