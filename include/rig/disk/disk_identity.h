// Model, serial number and WWN of a disk, which identify the physical disk.
//
// Each field is taken from the udev database (see the rules 60-persistent-storage) or, if it is not
// there, from sysfs, which truncates the model of a SCSI or SATA disk to 16 characters. Only sysfs
// is available in a container without /run/udev and with a copy of another machine's sysfs.
#pragma once

#include <map>
#include <string>

#include "rig/kernel/root_paths.h"

namespace rig {

// Unknown fields are empty; loop, zram and similar devices have none.
struct DiskIdentity {
  std::string model;   // "Samsung SSD 870 EVO 1TB"
  std::string serial;  // assigned by the manufacturer
  std::string wwn;     // "0x5002538f00000001", "eui.0025385b21404321"

  bool operator==(const DiskIdentity&) const = default;
};

// The raw values, by udev property and by file (relative to the sysfs directory of the disk).
struct DiskIdentitySources {
  std::map<std::string, std::string> udev;
  std::map<std::string, std::string> sysfs;
  bool has_udev_database = false;  // of this machine
};

// `disk` is the sysfs directory of a whole disk, as returned by disks_under(). Files that cannot be
// read are ignored. Sends no command to the disk: the kernel and udev cache the values.
// Thread-safe.
DiskIdentitySources read_disk_identity(const RootPaths& roots, const std::string& disk);

DiskIdentity parse_disk_identity(const DiskIdentitySources& sources);

// True if the values will not change while the disk is present: udev has processed the disk, or
// there is no udev. udev handles a new disk a moment after the kernel has added it.
bool is_final(const DiskIdentitySources& sources);

// Identifies a disk until it is removed, even if the next disk gets the same name: the path of the
// sysfs directory and its inode number, which is never reused (fs/kernfs/dir.c).
std::string disk_key(const std::string& disk);

}  // namespace rig
