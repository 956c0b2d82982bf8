// Which disk it is: what stands on its label, to find it in the machine.
//
// From udev's database where udev runs (see the rules 60-persistent-storage), else from sysfs, each
// field for itself. udev knows more: sysfs cuts the model of a SCSI or SATA disk after 16 letters.
// A container that has no /run/udev, and a machine that is played back, have sysfs alone.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "rig/kernel/root_paths.h"

namespace rig {

// A field is empty when it is not known; loop, zram and the like have none.
struct DiskIdentity {
  std::string model;   // "Samsung SSD 870 EVO 1TB"
  std::string serial;  // the maker's
  std::string wwn;     // "0x5002538f00000001", "eui.0025385b21404321"

  bool operator==(const DiskIdentity&) const = default;
};

// The texts as read, by property and by file (below the disk's folder).
struct DiskIdentityText {
  std::map<std::string, std::string> udev;
  std::map<std::string, std::string> sysfs;
  bool has_udev_database = false;  // one that tells of this machine's disks
};

// `disk` is the folder of a whole disk in sysfs, as disks_under() gives it. What refuses to be read
// is as if it were not there. Nothing here asks the disk: the kernel and udev remember it. Any
// thread.
DiskIdentityText read_disk_identity(const RootPaths& host, const std::filesystem::path& disk);

DiskIdentity parse_disk_identity(const DiskIdentityText& text);

// Whether udev has had its say, or has none here: what was read stays true as long as the disk is
// the same. udev hears of a new disk a moment after the kernel.
bool is_final(const DiskIdentityText& text);

// Tells one disk from another that took its place: the folder and its inode. sysfs makes a folder
// for every disk that comes, and numbers it anew (fs/kernfs/dir.c).
std::string disk_key(const std::filesystem::path& disk);

}  // namespace rig
