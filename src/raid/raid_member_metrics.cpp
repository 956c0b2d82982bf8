#include "raid/raid_member_metrics.h"

#include <array>

#include "rig/raid/raid_families.h"

namespace rig {
namespace {

constexpr auto kInfo = gauge(
    "rig_raid_member_info", Unit::none,
    "Slot of a member of the array (or none, or journal) and the disk it is on, which is kept "
    "after the disk has vanished.",
    "array", "member", "slot", "model", "serial", "wwn");
constexpr auto kState = gauge("rig_raid_member_state", Unit::none,
                              "Flags of a member of the array: 1 if set. Several can be set.",
                              "array", "member", "state");
constexpr auto kOnline =
    gauge("rig_raid_member_device_online", Unit::none,
          "1 if all disks under a member accept commands: a SCSI or SATA disk is running, an NVMe "
          "controller live. One path of a multipath disk is enough.",
          "array", "member");
constexpr auto kCorrectedReadErrors =
    counter("rig_raid_member_corrected_read_errors_total", Unit::none,
            "Read errors of a member that md corrected from the other members since the array was "
            "assembled.",
            "array", "member")
        .within(kPlausible32BitCount);
constexpr auto kIoErrors =
    counter("rig_raid_member_io_errors_total", Unit::none,
            "Failed commands of the SCSI or SATA disk under a member since it was attached; absent "
            "if there are several disks. Healthy disks have some, too.",
            "array", "member")
        .within(kPlausible32BitCount);
constexpr auto kBadBlocks =
    gauge("rig_raid_member_bad_blocks_bytes", Unit::bytes,
          "Size in bytes of the areas in md's bad block list of a member; md lists about 300 areas "
          "at most.",
          "array", "member");
constexpr auto kTemperature = gauge(
    "rig_raid_member_temperature_celsius", Unit::celsius,
    "Temperature of the hottest disk under a member in degrees Celsius; absent while it is in "
    "standby. SATA disks need the drivetemp module.",
    "array", "member");

constexpr auto kMemberMetrics = std::to_array<const MetricInfo*>(
    {&kInfo, &kState, &kRaidMemberPresent, &kOnline, &kCorrectedReadErrors, &kIoErrors, &kBadBlocks,
     &kTemperature});

void add_info(Samples& samples, const std::string& array, const RaidMember& member,
              const DiskIdentity& disk) {
  samples.add(kInfo, 1.0, array, member.name, member.slot, disk.model, disk.serial, disk.wwn);
}

void add_member(Samples& samples, const std::string& array, const RaidMember& member,
                const MemberDisk& disk) {
  const std::string& name = member.name;
  for (const auto& [state, is_set] : member.states)
    samples.add(kState, is_set ? 1.0 : 0.0, array, name, state);
  samples.add(kRaidMemberPresent, member.present, array, name);
  samples.add(kOnline, disk.online, array, name);
  samples.add(kCorrectedReadErrors, member.corrected_read_errors, array, name);
  samples.add(kIoErrors, disk.io_errors, array, name);
  samples.add(kBadBlocks, member.bad_blocks_bytes, array, name);
  samples.add(kTemperature, disk.temperature_celsius, array, name);
}

}  // namespace

std::span<const MetricInfo* const> raid_member_metrics() { return kMemberMetrics; }

void add_members(Samples& samples, const RaidArray& array,
                 const std::map<ArrayAndMember, MemberDisk>& disks, bool shows_serial_numbers) {
  for (const RaidMember& member : array.members) {
    const auto found = disks.find({array.name, member.name});
    MemberDisk disk = found == disks.end() ? MemberDisk() : found->second;
    if (!shows_serial_numbers) {
      disk.identity.serial.clear();
      disk.identity.wwn.clear();
    }
    if (array.labels_known) add_info(samples, array.name, member, disk.identity);
    add_member(samples, array.name, member, disk);
  }
}

}  // namespace rig
