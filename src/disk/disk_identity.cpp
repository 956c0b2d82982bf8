#include "rig/disk/disk_identity.h"

#include <sys/stat.h>

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

// Makers fill up with blanks, some with NULs.
std::string clean(std::string_view text) {
  return std::string(trim(text.substr(0, text.find('\0'))));
}

// The first of `names` that says anything.
std::string first(const Texts& texts, std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    const auto text = texts.find(std::string(name));
    if (text == texts.end()) continue;
    if (auto value = clean(text->second); !value.empty()) return value;
  }
  return {};
}

// udev writes a byte that is not safe in a name as \x and two digits.
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

// ID_MODEL is the same with _ for every blank.
std::string udev_model(const Texts& udev) {
  auto model = decode_udev(first(udev, {"ID_MODEL_ENC"}));
  return model.empty() ? first(udev, {"ID_MODEL"}) : model;
}

// Page 0x80 of a SCSI disk's vital product data: four bytes ahead, the last two being the length.
std::string serial_of_page_80(std::string_view page) {
  constexpr std::size_t kHeader = 4;
  if (page.size() < kHeader || page[1] != '\x80') return {};
  const auto high = static_cast<unsigned char>(page[2]);
  const auto low = static_cast<unsigned char>(page[3]);
  return clean(page.substr(kHeader, static_cast<std::size_t>(high) << 8U | low));
}

std::string sysfs_serial(const Texts& sysfs) {
  auto serial = first(sysfs, {"device/serial", "serial"});
  const auto page = sysfs.find("device/vpd_pg80");
  if (serial.empty() && page != sysfs.end()) serial = serial_of_page_80(page->second);
  return serial;
}

// As udev writes it. A name that begins with t10 is made of model and serial, and no world wide
// one.
std::string sysfs_wwn(const Texts& sysfs) {
  constexpr std::string_view kNaa = "naa.";
  auto wwid = first(sysfs, {"wwid", "device/wwid"});
  if (wwid.starts_with("t10.")) return {};
  if (wwid.starts_with(kNaa)) return "0x" + wwid.substr(kNaa.size());
  return wwid;
}

}  // namespace

DiskIdentityText read_disk_identity(const RootPaths& host, const std::filesystem::path& disk) {
  DiskIdentityText text;
  if (host.is_live_sysfs()) {
    text.udev = udev_properties(disk);
    text.has_udev_database = has_udev_database();
  }
  for (const auto name : kFiles) {
    if (auto file = try_read_file(disk / name); file.text)
      text.sysfs.emplace(name, std::move(*file.text));
  }
  return text;
}

DiskIdentity parse_disk_identity(const DiskIdentityText& text) {
  DiskIdentity disk;
  disk.model = udev_model(text.udev);
  // What udev takes for the serial of a SAS disk is its WWN; the label has the first of these.
  disk.serial = first(text.udev, {"ID_SCSI_SERIAL", "ID_SERIAL_SHORT", "ID_SERIAL"});
  disk.wwn = first(text.udev, {"ID_WWN_WITH_EXTENSION", "ID_WWN"});
  if (disk.model.empty()) disk.model = first(text.sysfs, {"device/model"});
  if (disk.serial.empty()) disk.serial = sysfs_serial(text.sysfs);
  if (disk.wwn.empty()) disk.wwn = sysfs_wwn(text.sysfs);
  return disk;
}

bool is_final(const DiskIdentityText& text) {
  return !text.has_udev_database || text.udev.contains("USEC_INITIALIZED");
}

std::string disk_key(const std::filesystem::path& disk) {
  struct stat found {};
  stat(disk.c_str(), &found);
  return disk.string() + " " + std::to_string(found.st_ino);
}

}  // namespace rig
