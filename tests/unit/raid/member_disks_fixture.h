// A fake host with disks under array members, and the names of the members' series.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "support/temporary_directory.h"

// A host with disks and arrays on them. Every device is a directory in sys/devices.
class DiskHost {
 public:
  DiskHost() {
    root_.write("proc/mdstat", "Personalities : [raid1] \nunused devices: <none>\n");
    std::filesystem::create_directories(sys() / "block");
  }

  void add_sata_disk(const std::string& name, const std::string& serial) const {
    const std::string device = "sys/devices/scsi-" + name;
    root_.write(device + "/model", "Samsung SSD 870 \n");
    root_.write(device + "/wwid", "naa." + serial + "\n");
    root_.write(device + "/state", "running\n");
    root_.write(device + "/ioerr_cnt", "0x1f\n");
    root_.write(device + "/hwmon/hwmon-" + name + "/name", "drivetemp\n");
    root_.write(device + "/hwmon/hwmon-" + name + "/temp1_input", "34000\n");
    std::filesystem::create_directory_symlink("../../bus/scsi",
                                              root_.path() / device / "subsystem");
    add_disk(name);
    std::filesystem::create_directory_symlink(root_.path() / device, directory(name) / "device");
    root_.write("sys/devices/" + name + "/serial", serial + "\n");
  }
  void add_disk(const std::string& name) const {
    std::filesystem::create_directories(directory(name));
  }
  void add_partition(const std::string& disk, const std::string& name) {
    root_.write("sys/devices/" + disk + "/" + name + "/partition", "1\n");
    parents_[name] = disk;
  }
  void add_mapper(const std::string& name, const std::string& uuid,
                  const std::vector<std::string>& lower_devices) const {
    root_.write("sys/devices/" + name + "/dm/uuid", uuid + "\n");
    add_slaves(name, lower_devices);
  }
  void add_array(const std::string& name, const std::vector<std::string>& members) const {
    root_.write("sys/devices/" + name + "/md/array_state", "clean\n");
    root_.write("sys/devices/" + name + "/md/level", "raid1\n");
    add_slaves(name, members);
    for (const auto& member : members) {
      const std::string member_directory = "sys/devices/" + name + "/md/dev-" + member;
      root_.write(member_directory + "/state", "in_sync\n");
      root_.write(member_directory + "/slot", "0\n");
      std::filesystem::create_directory_symlink(directory(member),
                                                root_.path() / member_directory / "block");
    }
    if (!std::filesystem::is_symlink(sys() / "block" / name))
      std::filesystem::create_directory_symlink(directory(name), sys() / "block" / name);
  }
  void write(const std::string& file, const std::string& text) const {
    root_.write("sys/devices/" + file, text);
  }
  std::filesystem::path temperature_file(const std::string& disk) const {
    return std::filesystem::path("sys/devices/scsi-" + disk) / "hwmon" / ("hwmon-" + disk) /
           "temp1_input";
  }
  std::filesystem::path directory(const std::string& name) const {
    const auto parent = parents_.find(name);
    const std::filesystem::path devices = sys() / "devices";
    return parent == parents_.end() ? devices / name : devices / parent->second / name;
  }
  const TemporaryDirectory& root() const { return root_; }
  std::filesystem::path path() const { return root_.path(); }

 private:
  std::filesystem::path sys() const { return root_.path() / "sys"; }
  void add_slaves(const std::string& name, const std::vector<std::string>& lower_devices) const {
    std::filesystem::create_directories(directory(name) / "slaves");
    for (const auto& device : lower_devices)
      std::filesystem::create_directory_symlink(directory(device),
                                                directory(name) / "slaves" / device);
  }

  TemporaryDirectory root_;
  std::map<std::string, std::string> parents_;
};

inline std::string info_series(const std::string& member, const std::string& model,
                               const std::string& serial, const std::string& wwn,
                               const std::string& slot = "0") {
  return "rig_raid_member_info{array=md0,member=" + member + ",model=" + model +
         ",serial=" + serial + ",slot=" + slot + ",wwn=" + wwn + "}";
}

inline std::string member_series(const std::string& metric, const std::string& member,
                                 const std::string& array = "md0") {
  return "rig_raid_member_" + metric + "{array=" + array + ",member=" + member + "}";
}
