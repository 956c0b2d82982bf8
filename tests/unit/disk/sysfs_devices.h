// A temporary sysfs with block devices.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "support/temporary_directory.h"

class SysfsDevices {
 public:
  // A block device, in /sys/devices and linked from /sys/block.
  void device(const std::string& name) const {
    std::filesystem::create_directories(directory(name));
    std::filesystem::create_directories(sys() / "block");
    std::filesystem::create_directory_symlink(directory(name), sys() / "block" / name);
  }
  // A block device with the link "device", that is, with hardware.
  void disk(const std::string& name) const {
    device(name);
    std::filesystem::create_directory_symlink("..", directory(name) / "device");
  }
  void partition(const std::string& disk, const std::string& name) const {
    root_.write("sys/devices/" + disk + "/" + name + "/partition", "1\n");
  }
  // Puts a device on others, given as NAME or DISK/PARTITION.
  void put_on(const std::string& name, const std::vector<std::string>& below) const {
    std::filesystem::create_directories(directory(name) / "slaves");
    for (const auto& device : below) {
      const auto target = directory(device);
      std::filesystem::create_directory_symlink(target,
                                                directory(name) / "slaves" / target.filename());
    }
  }
  void array(const std::string& name, const std::vector<std::string>& members,
             const std::string& metadata = "1.2") const {
    device(name);
    write(name, "md/metadata_version", metadata + "\n");
    put_on(name, members);
  }
  void write(const std::string& device, const std::string& file, const std::string& text) const {
    root_.write("sys/devices/" + device + "/" + file, text);
  }

  std::filesystem::path directory(const std::string& name) const {
    return sys() / "devices" / name;
  }
  std::filesystem::path sys() const { return root_.path() / "sys"; }
  const TemporaryDirectory& root() const { return root_; }

 private:
  TemporaryDirectory root_;
};
