#include "rig/config/privacy.h"

#include <arpa/inet.h>

#include <algorithm>

#include "rig/config/listen_address.h"

namespace rig {
namespace {

bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  constexpr unsigned char kLoopbackNet = 127;
  if (in_addr v4{}; inet_pton(AF_INET, host.c_str(), &v4) == 1)
    return (ntohl(v4.s_addr) >> 24U) == kLoopbackNet;
  in6_addr v6{};
  if (inet_pton(AF_INET6, host.c_str(), &v6) != 1) return false;
  constexpr std::size_t kFirstByteOfV4 = 12;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) return v6.s6_addr[kFirstByteOfV4] == kLoopbackNet;
  return IN6_IS_ADDR_LOOPBACK(&v6);
}

bool is_local(const std::string& address) {
  // Also an abstract one, which cannot be configured, but passed by systemd.
  if (address.starts_with("unix:")) return true;
  return is_loopback(parse_listen_address(address).host);
}

}  // namespace

bool Privacy::shows_serial_numbers() const {
  if (serial_numbers != SerialNumbers::automatic) return serial_numbers == SerialNumbers::show;
  return !serves_strangers || !serves_strangers();
}

GpuProcessLabels Privacy::gpu_process_labels() const {
  if (gpu_processes != GpuProcessLabels::automatic) return gpu_processes;
  return serves_strangers && serves_strangers() ? GpuProcessLabels::pid : GpuProcessLabels::all;
}

bool reachable_from_elsewhere(std::span<const std::string> listen_addresses) {
  return !std::ranges::all_of(listen_addresses, is_local);
}

std::vector<std::string> omissions(const Privacy& privacy) {
  std::vector<std::string> omitted;
  const auto reason = [](bool automatic) {
    return automatic ? ", because anyone who reaches the port can read them" : "";
  };
  if (!privacy.shows_serial_numbers())
    omitted.push_back(std::string("serial numbers and unique ids of GPUs and disks are omitted") +
                      reason(privacy.serial_numbers == SerialNumbers::automatic) +
                      "; --privacy.serial-numbers=show shows them");
  const auto labels = privacy.gpu_process_labels();
  if (labels == GpuProcessLabels::none)
    omitted.emplace_back("processes on GPUs are omitted; --privacy.gpu-processes=all shows them");
  if (labels == GpuProcessLabels::pid)
    omitted.push_back(
        std::string("commands, units, containers, pods and jobs of GPU processes are omitted") +
        reason(privacy.gpu_processes == GpuProcessLabels::automatic) +
        "; --privacy.gpu-processes=all shows them");
  return omitted;
}

}  // namespace rig
