// A machine with one CPU for tests of the CPU collector.
#pragma once

#include "support/temporary_directory.h"

inline constexpr auto kFrequency0 = "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq";

inline void write_cpu_machine(const TemporaryDirectory& machine) {
  machine.write("proc/stat",
                "cpu  150 0 0 0\ncpu0 150 0 25 9000 1\nctxt 7\nbtime 1764019200\nprocesses 8\n"
                "procs_running 2\nprocs_blocked 0\n");
  machine.write("proc/loadavg", "0.50 0.25 0.10 1/200 999\n");
  machine.write("proc/cpuinfo", "vendor_id : V\nmodel name : M\nmicrocode : 0x1\n");
  machine.write("sys/devices/system/cpu/online", "0\n");
  machine.write("sys/devices/system/cpu/cpu0/topology/thread_siblings_list", "0\n");
  machine.write("sys/devices/system/cpu/cpu0/topology/core_siblings_list", "0\n");
  machine.write(kFrequency0, "2000000\n");
}

inline constexpr auto kUserTime = "rig_cpu_seconds_total{cpu=\"0\",mode=\"user\"}";
inline constexpr auto kFrequency = "rig_cpu_frequency_hertz{cpu=\"0\"}";
inline constexpr auto kInfo =
    "rig_cpu_info{cores=\"1\",microcode=\"0x1\",model=\"M\",sockets=\"1\",threads=\"1\","
    "vendor=\"V\"}";
