#include "rig/disk/disk_identity.h"

#include <array>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "rig/disk/udev_properties.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

using Texts = std::map<std::string, std::string>;

constexpr auto kFiles = std::to_array<std::string_view>(
    {"device/model", "device/serial", "serial", "device/vpd_pg80", "wwid", "device/wwid"});

// Values are padded with spaces, some with NULs.
std::string clean(std::string_view text) {
  return std::string(trim(text.substr(0, text.find('\0'))));
}

// The first value of `names` that is not empty.
std::string first_value(const Texts& texts, std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    const auto text = texts.find(std::string(name));
    if (text == texts.end()) continue;
    if (auto value = clean(text->second); !value.empty()) return value;
  }
  return {};
}

// udev encodes unsafe characters as "\x" and two hexadecimal digits.
std::string decode_udev(std::string_view text) {
  constexpr std::size_t kCodeLength = 4;
  std::string decoded;
  while (!text.empty()) {
    const bool coded = text.size() >= kCodeLength && text.starts_with("\\x");
    const auto code =
        coded ? parse_number<unsigned>(text.substr(2, kCodeLength - 2), 16) : std::nullopt;
    decoded += code ? static_cast<char>(*code) : text.front();
    text.remove_prefix(code ? kCodeLength : 1);
  }
  return clean(decoded);
}

// In ID_MODEL, unlike in ID_MODEL_ENC, every space is replaced with an underscore.
std::string udev_model(const Texts& udev) {
  auto model = decode_udev(first_value(udev, {"ID_MODEL_ENC"}));
  return model.empty() ? first_value(udev, {"ID_MODEL"}) : model;
}

// Page 0x80 of the vital product data of a SCSI disk: a header of four bytes, of which the last two
// are the length, and the serial number.
std::string serial_of_page_80(std::string_view page) {
  constexpr std::size_t kHeader = 4;
  if (page.size() < kHeader || page[1] != '\x80') return {};
  const auto high = static_cast<unsigned char>(page[2]);
  const auto low = static_cast<unsigned char>(page[3]);
  return clean(page.substr(kHeader, static_cast<std::size_t>(high) << 8U | low));
}

std::string sysfs_serial(const Texts& sysfs) {
  auto serial = first_value(sysfs, {"device/serial", "serial"});
  const auto page = sysfs.find("device/vpd_pg80");
  if (serial.empty() && page != sysfs.end()) serial = serial_of_page_80(page->second);
  return serial;
}

// In the format of udev. A wwid that begins with "t10." consists of model and serial number, and is
// not a WWN.
std::string sysfs_wwn(const Texts& sysfs) {
  constexpr std::string_view kNaa = "naa.";
  auto wwid = first_value(sysfs, {"wwid", "device/wwid"});
  if (wwid.starts_with("t10.")) return {};
  if (wwid.starts_with(kNaa)) return "0x" + wwid.substr(kNaa.size());
  return wwid;
}

}  // namespace

DiskIdentitySources read_disk_identity(const RootPaths& roots, const std::string& disk) {
  DiskIdentitySources sources;
  if (roots.is_live_sysfs()) {
    sources.udev = udev_properties(disk);
    sources.has_udev_database = has_udev_database();
  }
  for (const auto name : kFiles) {
    if (const auto text = read_text(disk + "/" + std::string(name)))
      sources.sysfs.emplace(name, *text);
  }
  return sources;
}

DiskIdentity parse_disk_identity(const DiskIdentitySources& sources) {
  DiskIdentity disk;
  disk.model = udev_model(sources.udev);
  // For a SAS disk ID_SERIAL and ID_SERIAL_SHORT are its WWN; ID_SCSI_SERIAL is the one on the
  // label.
  disk.serial = first_value(sources.udev, {"ID_SCSI_SERIAL", "ID_SERIAL_SHORT", "ID_SERIAL"});
  disk.wwn = first_value(sources.udev, {"ID_WWN_WITH_EXTENSION", "ID_WWN"});
  if (disk.model.empty()) disk.model = first_value(sources.sysfs, {"device/model"});
  if (disk.serial.empty()) disk.serial = sysfs_serial(sources.sysfs);
  if (disk.wwn.empty()) disk.wwn = sysfs_wwn(sources.sysfs);
  return disk;
}

bool is_final(const DiskIdentitySources& sources) {
  return !sources.has_udev_database || sources.udev.contains("USEC_INITIALIZED");
}

std::string disk_key(const std::string& disk) {
  return disk + " " + std::to_string(inode_number(disk).value_or(0));
}

}  // namespace rig
