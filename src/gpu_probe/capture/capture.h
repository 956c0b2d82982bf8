// rig_gpu_probe --capture: a copy of what the probe reads, for whoever wants to play the machine's
// GPUs back elsewhere.
//
// It is no second list of files: a sample of every card is taken, and what was read for it is
// written down, with some more that bug reports need (capture_extras.h). The driver of a card that
// sleeps is asked nothing. See anonymous.h for what is replaced.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "gpu_probe/sysfs/amdgpu_properties.h"

namespace rig {

struct CaptureSettings {
  std::string version;
  std::filesystem::path sys = "/sys";
  std::filesystem::path proc = "/proc";
  std::filesystem::path root = "/";
  MarketingName marketing_name;
  std::chrono::milliseconds patience{5000};  // for all cards, each of which has its own thread
};

struct CaptureOutcome {
  std::string problem;  // empty: there is a card, and all have answered
  std::string summary;  // for the person who asked for it: a few lines
};

// Fills `folder`, which is empty or not there, with sys/, proc/, usr/ and capture.txt. Throws
// std::runtime_error when the folder is not fit, the cards cannot be listed or the disk is full.
CaptureOutcome capture(const CaptureSettings& settings, const std::filesystem::path& folder);

}  // namespace rig
