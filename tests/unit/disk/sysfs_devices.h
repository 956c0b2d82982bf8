// Block devices as sysfs has them, made up by a test.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "support/temporary_directory.h"

class SysfsDevices {
 public:
  // /sys/block/NAME is a link into /sys/devices.
  void device(const std::string& name) const {
    std::filesystem::create_directories(folder(name));
    std::filesystem::create_directories(sys() / "block");
    std::filesystem::create_directory_symlink(folder(name), sys() / "block" / name);
  }
  // One with hardware behind it.
  void disk(const std::string& name) const {
    device(name);
    std::filesystem::create_directory_symlink("..", folder(name) / "device");
  }
  void partition(const std::string& disk, const std::string& name) const {
    root_.write("sys/devices/" + disk + "/" + name + "/partition", "1\n");
  }
  // `below` are names, or DISK/PARTITION.
  void put_on(const std::string& name, const std::vector<std::string>& below) const {
    std::filesystem::create_directories(folder(name) / "slaves");
    for (const auto& device : below) {
      const auto target = folder(device);
      std::filesystem::create_directory_symlink(target,
                                                folder(name) / "slaves" / target.filename());
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

  std::filesystem::path folder(const std::string& name) const { return sys() / "devices" / name; }
  std::filesystem::path sys() const { return root_.path() / "sys"; }
  const TemporaryDirectory& root() const { return root_; }

 private:
  TemporaryDirectory root_;
};
