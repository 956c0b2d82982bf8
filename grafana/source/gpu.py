"""The dashboard GPU: everything about the GPUs of one machine, or of several, one below the other."""
from panels import Column, Query, Row, colors, dashboard, graph, right_axis, stat, table, timeline
from style import (BLUE, GPU_LEGEND, GPU_STATE, GPU_STATES, GREEN, GREY, HEADROOM, NAMED, ORANGE, RED, SENSOR_COLORS, WHILE_UP,
                   YELLOW, number_of_state)
from variables import cluster, count, datasource, gpu, instance, job, price

NO_GPU = "No AMD GPU"
NOT_REPORTED = "Not reported by this GPU"
RUNTIME_STATES = {0: ("error", RED), 1: ("suspended", BLUE), 2: ("suspending", BLUE), 3: ("resuming", YELLOW), 4: ("other", GREY),
                  5: ("unsupported", GREY), 6: ("active", GREEN)}
KWH = "increase(rig_gpu_energy_joules_total{@gpu}[$__range]) / 3.6e6"
RATE = "[$__rate_interval])"


def per_gpu(expr, legend="", **more):
    """A query whose legend is the name of the GPU, and before it, where space ends last, what else it is about."""
    return Query(expr + NAMED, GPU_LEGEND.replace(" ", legend + " ", 1), **more)


def gpu_graph(title, description, queries, unit, size=(8, 9), **more):
    return graph(title, description, queries, unit, size, gpus=True, **{"empty": NOT_REPORTED, **more})


def row(title, panels, **more):
    """One for each selected machine."""
    return Row(title, panels, repeat="instance", **more)


def summary():
    return row("$instance", [
        stat("GPUs", "GPUs that hang, reject all reads, or have disappeared since the exporter started.",
             "sum(1 - rig_gpu_up{@gpu}) or sum(rig_gpus{@} == 0) - 1", "suffix: down", (6, 3),
             states={-1: ("None", GREY), 0: ("All up", GREEN)}, steps=(GREEN, (RED, 1)), empty="Down"),
        stat("Busy", "Mean utilization of the selected GPUs in the last minutes.",
             'avg(rate(rig_gpu_busy_seconds_total{@gpu, engine="gfx"}' + RATE + WHILE_UP + ")", "percentunit", (6, 3), empty=NO_GPU,
             steps=(BLUE,), decimals=0),
        stat("Throttled", "GPUs that are throttled for any reason.",
             "count(max by (gpu) (rig_gpu_throttled{@gpu}) == 1) or 0 * max(rig_gpu_throttled{@gpu})", "none", (6, 3), empty=NOT_REPORTED,
             states={0: ("None", GREEN)}, steps=(GREEN, (ORANGE, 1))),
        stat("Headroom", "How far the hottest sensor, in relation to its own critical limit, is below that limit.",
             'min(rig_gpu_temperature_limit_celsius{@gpu, limit="critical"} - ignoring (limit) rig_gpu_temperature_celsius{@gpu})',
             "celsius", (6, 3), empty="No limit", steps=HEADROOM, decimals=0),
        stat("VRAM used", "Used part of the memory of the selected GPUs together.",
             'sum(rig_gpu_memory_used_bytes{@gpu, kind="vram"}) / sum(rig_gpu_memory_size_bytes{@gpu, kind="vram"})', "percentunit",
             (6, 3), empty=NO_GPU, steps=(BLUE, (ORANGE, 0.95)), decimals=0),
        stat("Power", "Power draw of the selected GPUs together.", "sum(rig_gpu_power_watts{@gpu})", "watt", (6, 3), empty=NO_GPU,
             steps=(BLUE,), decimals=0),
        stat("Energy", "Energy that the selected GPUs have used in the time range.", f"sum({KWH})", "kwatth", (6, 3), empty=NO_GPU,
             steps=(BLUE,), decimals=2),
        stat("Cost", "Cost of that energy, in the currency of the price at the top of the page.", f"sum({KWH}) * $price", "none", (6, 3),
             empty=NO_GPU, steps=(BLUE,), decimals=2),
        table("GPUs", "Current readings, problems first.", [
            Column("GPU", label="gpu", width=50), Column("State", GPU_STATE, states=GPU_STATES, width=120),
            Column("Name", "max by (gpu, name) (rig_gpu_info{@gpu})", value=False, label="name", width=170),
            Column("Busy", 'max by (gpu) (rate(rig_gpu_busy_seconds_total{@gpu, engine="gfx"}' + RATE + WHILE_UP + ")",
                   unit="percentunit", bar=True, decimals=0, width=110),
            Column("Power", "max by (gpu) (rig_gpu_power_watts{@gpu})", unit="watt", decimals=0),
            Column("VRAM", 'max by (gpu) (rig_gpu_memory_used_bytes{@gpu, kind="vram"})', unit="bytes"),
            Column("Headroom", 'min by (gpu) (rig_gpu_temperature_limit_celsius{@gpu, limit="critical"}'
                   " - ignoring (limit) rig_gpu_temperature_celsius{@gpu})", unit="celsius", decimals=0,
                   steps=HEADROOM),
            Column("Fan", "max by (gpu) (rig_gpu_fan_ratio{@gpu})", unit="percentunit", decimals=0),
            Column("Processes", "max by (gpu) (rig_gpu_processes{@gpu})", decimals=0),
            Column("Address", "max by (gpu, pci_address) (rig_gpu_up{@gpu})", value=False, label="pci_address", width=110)],
              (24, 6), empty=NO_GPU, sort="State"),
        timeline("GPU states", "Down: it hangs, rejects all reads or has disappeared. Busy is suspect: it has reported full utilization for "
                 "a minute while its memory clock shows that it is idle, so that its utilization is not counted.",
                 [Query(GPU_STATE, "GPU {{gpu}}")], GPU_STATES, (24, 5), empty=NO_GPU)])


def utilization():
    engine = 'rig_gpu_busy_seconds_total{@gpu, engine="%s"}'
    return row("$instance: utilization and throttling", [
        gpu_graph("Mean busy", "Mean utilization of the graphics and compute engine between two points of the line, exact for any scrape "
                  "interval. Suspect utilization is not counted.", [per_gpu(f"rate({engine % 'gfx'}{RATE}")], "percentunit", maximum=1),
        gpu_graph("Peak busy", "Highest utilization of the graphics and compute engine that was sampled in the last minute (peak window), "
                  "without suspect samples.", [per_gpu('rig_gpu_busy_peak_ratio{@gpu, engine="gfx"}')], "percentunit", maximum=1),
        gpu_graph("Reported and believed", "What the GPU reports at the moment of the scrape. Dotted: what of it is believed; the two differ "
                  "while a GPU is suspect, and for 15 s after it wakes up.",
                  [per_gpu('rig_gpu_busy_ratio{@gpu, engine="gfx"}', " reported"),
                   per_gpu('rig_gpu_busy_believed_ratio{@gpu, engine="gfx"}', " believed")], "percentunit", maximum=1,
                  overrides=[{"matcher": {"id": "byFrameRefID", "options": "B"},
                              "properties": [{"id": "custom.lineStyle", "value": {"fill": "dot", "dash": [1, 5]}},
                                             {"id": "custom.lineWidth", "value": 2}]}]),
        gpu_graph("Memory busy", "Mean utilization of the memory controller.", [per_gpu(f"rate({engine % 'memory'}{RATE}")], "percentunit",
                  maximum=1),
        gpu_graph("Media busy", "Mean utilization of the video engine.", [per_gpu(f"rate({engine % 'media'}{RATE}")], "percentunit",
                  maximum=1),
        graph("Throttled time", "Part of the time in which GPUs were throttled, by reason, added up over the selected GPUs.",
              [Query(f"sum by (reason) (rate(rig_gpu_throttle_seconds_total{{@gpu}}{RATE})", "{{reason}}")], "percentunit", (8, 9),
              empty=NOT_REPORTED, soft_max=0.1),
        timeline("Throttle reasons", "When each GPU was throttled, and why. Reasons that did not occur in the time range are left out.",
                 [Query("max by (gpu, reason) (rig_gpu_throttled{@gpu} and (max_over_time(rig_gpu_throttled{@gpu}[$__range]) == 1))",
                        "GPU {{gpu}} {{reason}}")], {0: ("no", GREEN), 1: ("throttled", ORANGE)}, (24, 5),
                 empty="Not throttled in this time range")])


def power():
    return row("$instance: power, energy and cost", [
        gpu_graph("Power and cap", "Power draw, averaged by the firmware if it reports an average. Dashed: the power cap.",
                  [per_gpu("rig_gpu_power_watts{@gpu}"), per_gpu("rig_gpu_power_cap_watts{@gpu}", " cap", dashed=True)], "watt"),
        gpu_graph("Peak power", "Highest power draw that was sampled in the last minute (peak window). Dashed: the power cap.",
                  [per_gpu("rig_gpu_power_peak_watts{@gpu}"), per_gpu("rig_gpu_power_cap_watts{@gpu}", " cap", dashed=True)], "watt"),
        gpu_graph("Mean power", "Mean power draw between two points of the line, from the energy count: exact for any scrape interval.",
                  [per_gpu(f"rate(rig_gpu_energy_joules_total{{@gpu}}{RATE}")], "watt"),
        table("Energy and cost", "Energy of each GPU in the time range, what it costs at the price at the top of the page, and what a month of "
              "30 days with this mean power would cost. The energy is the GPU's own count, or integrated from its power draw.", [
                  Column("GPU", label="gpu", width=50), Column("Energy", f"max by (gpu) ({KWH})", unit="kwatth", decimals=3),
                  Column("Cost", f"max by (gpu) ({KWH}) * $price", decimals=3),
                  Column("Per month", f"max by (gpu) ({KWH}) * $price * 2592000 / $__range_s", decimals=2),
                  Column("Counted by", "max by (gpu, source) (rig_gpu_energy_source{@gpu} == 1)", value=False, label="source")],
              (12, 6), empty=NO_GPU, sort="Energy", descending=True),
        table("Power limits", "The current power cap, the default one, and the range in which it can be set.", [
            Column("GPU", label="gpu", width=50), Column("Cap", "max by (gpu) (rig_gpu_power_cap_watts{@gpu})", unit="watt"),
            Column("Default", "max by (gpu) (rig_gpu_power_cap_default_watts{@gpu})", unit="watt"),
            Column("Lowest", "max by (gpu) (rig_gpu_power_cap_min_watts{@gpu})", unit="watt"),
            Column("Highest", "max by (gpu) (rig_gpu_power_cap_max_watts{@gpu})", unit="watt")], (12, 6), empty=NOT_REPORTED)])


def sensors():
    limit = 'rig_gpu_temperature_limit_celsius{@gpu, limit="%s"}'
    per_sensor = graph(
        "Sensors of GPU $gpu", "Temperature of each sensor. Dashed, in the color of the sensor: its critical limit.",
        [Query("max by (sensor) (rig_gpu_temperature_celsius{@gpu})", "{{sensor}}"),
         Query(f"min by (sensor) ({limit % 'critical'})", "{{sensor}} critical", dashed=True)], "celsius", (24, 9), empty=NO_GPU,
        overrides=colors(SENSOR_COLORS), repeat="gpu")
    return row("$instance: temperature, fans, clocks and voltages", [
        per_sensor,
        gpu_graph("Peak temperature", "Highest temperature of any sensor that was sampled in the last minute (peak window).",
                  [per_gpu("max by (cluster, job, instance, gpu, pci_address) (rig_gpu_temperature_peak_celsius{@gpu})")], "celsius"),
        gpu_graph("Fan and temperature", "Duty cycle of the fan (left), and dotted the hottest sensor (right). A hot GPU with a fan that stands "
                  "still is a problem.",
                  [per_gpu("rig_gpu_fan_ratio{@gpu}", " fan"),
                   per_gpu("max by (cluster, job, instance, gpu, pci_address) (rig_gpu_temperature_celsius{@gpu})", " temperature")],
                  "percentunit", maximum=1,
                  overrides=[right_axis("B", unit="celsius", max=120, custom__lineStyle={"fill": "dot", "dash": [1, 5]},
                                        custom__lineWidth=2)]),
        gpu_graph("Fan speed", "Revolutions per minute; 0 while the fan is stopped. Dashed: the highest speed.",
                  [per_gpu("rig_gpu_fan_rpm{@gpu}"), per_gpu("rig_gpu_fan_max_rpm{@gpu}", " highest", dashed=True)], "rotrpm"),
        gpu_graph("Core clock", "Clock of the graphics and compute engine. Dashed: its highest level.",
                  [per_gpu('rig_gpu_clock_hertz{@gpu, clock="sclk"}'),
                   per_gpu('rig_gpu_clock_max_hertz{@gpu, clock="sclk"}', " highest", dashed=True)], "hertz", (12, 8)),
        gpu_graph("Memory clock", "Clock of the memory. Dashed: its highest level.",
                  [per_gpu('rig_gpu_clock_hertz{@gpu, clock="mclk"}'),
                   per_gpu('rig_gpu_clock_max_hertz{@gpu, clock="mclk"}', " highest", dashed=True)], "hertz", (12, 8)),
        gpu_graph("Other clocks", "Clocks of the fabric, the SoC, the display and the video engine.",
                  [per_gpu('rig_gpu_clock_hertz{@gpu, clock!~"sclk|mclk"}', " {{clock}}")], "hertz", (12, 8)),
        gpu_graph("Voltages", "Voltage of each rail.", [per_gpu("rig_gpu_voltage_volts{@gpu}", " {{rail}}")], "volt", (12, 8))])


def short_container(expr):
    """Only the first 12 digits of a container's id, as docker ps and crictl ps show it."""
    return f'label_replace({expr}, "container", "$1", "container", "(.{{12}}).*")'


def memory():
    owner = "gpu, command, pid, unit, container, pod, slurm_job"
    return row("$instance: memory and processes", [
        gpu_graph("VRAM", "GPU memory in use. Dashed: its size.",
                  [per_gpu('rig_gpu_memory_used_bytes{@gpu, kind="vram"}'),
                   per_gpu('rig_gpu_memory_size_bytes{@gpu, kind="vram"}', " size", dashed=True)], "bytes"),
        gpu_graph("GTT", "System memory that the GPU uses. It grows when the VRAM is full and work spills over. Dashed: the limit.",
                  [per_gpu('rig_gpu_memory_used_bytes{@gpu, kind="gtt"}'),
                   per_gpu('rig_gpu_memory_size_bytes{@gpu, kind="gtt"}', " limit", dashed=True)], "bytes"),
        gpu_graph("VRAM visible to the CPU", "The part of the VRAM that the CPU can address: all of it with resizable BAR. Dashed: its size.",
                  [per_gpu('rig_gpu_memory_used_bytes{@gpu, kind="visible_vram"}'),
                   per_gpu('rig_gpu_memory_size_bytes{@gpu, kind="visible_vram"}', " size", dashed=True)], "bytes"),
        graph("GPU memory by unit and container", "Memory of compute processes by the systemd unit, container or Slurm job they belong to.",
              [Query(f"sum by (unit, container, slurm_job) ({short_container('rig_gpu_process_memory_bytes{@gpu}')})",
                     "{{unit}} {{container}} {{slurm_job}}")],
              "bytes", (12, 9), stacked=True, empty="No compute process"),
        graph("Evictions, migrations and page faults", "Part of the time in which processes stood still because memory was moved (left); "
              "memory that was migrated and page faults (right).",
              [Query(f"sum by (command, pid) (rate(rig_gpu_process_evicted_seconds_total{{@gpu}}{RATE})", "{{command}} {{pid}} evicted"),
               Query(f"sum by (direction) (rate(rig_gpu_process_migrated_bytes_total{{@gpu}}{RATE})", "migrated {{direction}}"),
               Query(f"sum(rate(rig_gpu_process_page_faults_total{{@gpu}}{RATE})", "page faults/s")], "percentunit", (12, 9),
              empty="No compute process", overrides=[right_axis("B", unit="Bps"), right_axis("C", unit="short")]),
        table("Processes", "Processes with compute memory on a GPU, the largest first, with their systemd unit, container, pod and Slurm job. "
              "Processes that only use Vulkan or OpenGL are not known to the driver's compute interface.", [
                  Column("GPU", label="gpu", width=50),
                  Column("Memory", f"max by ({owner}) ({short_container('rig_gpu_process_memory_bytes{@gpu}')})", unit="bytes", width=100),
                  Column("Command", label="command"), Column("PID", label="pid", width=80), Column("Unit", label="unit"),
                  Column("Container", label="container"), Column("Pod", label="pod"), Column("Slurm job", label="slurm_job"),
                  Column("CUs", f"max by ({owner}) ({short_container('rig_gpu_process_compute_units{@gpu}')})", width=70),
                  Column("Copying", f"max by ({owner}) ({short_container('rate(rig_gpu_process_sdma_seconds_total{@gpu}' + RATE + WHILE_UP)})", unit="percentunit",
                         width=80)], (24, 7), empty="No compute process", sort="Memory", descending=True)])


def pcie():
    return row("$instance: PCIe and runtime power management", [
        table("PCIe links", "Current and highest width and speed that both the GPU and its slot support. An idle GPU lowers the speed. NAKs and "
              "replays are packets that were damaged on the way.", [
                  Column("GPU", label="gpu", width=50),
                  Column("Link", "max by (gpu) (rig_gpu_pcie_link_lanes{@gpu} < bool rig_gpu_pcie_link_max_lanes{@gpu})",
                         states={0: ("full width", GREEN), 1: ("narrow", ORANGE)}),
                  Column("Lanes", "max by (gpu) (rig_gpu_pcie_link_lanes{@gpu})"),
                  Column("Highest", "max by (gpu) (rig_gpu_pcie_link_max_lanes{@gpu})"),
                  Column("Speed", "max by (gpu) (rig_gpu_pcie_link_transfers_per_second{@gpu}) / 1e9", unit="suffix: GT/s"),
                  Column("Highest speed", "max by (gpu) (rig_gpu_pcie_link_max_transfers_per_second{@gpu}) / 1e9", unit="suffix: GT/s"),
                  Column("Replays", "max by (gpu) (rig_gpu_pcie_replays_total{@gpu})"),
                  Column("NUMA node", "max by (gpu) (rig_gpu_numa_node{@gpu})")], (12, 7), empty=NOT_REPORTED, sort="Link", descending=True),
        timeline("Runtime power management", "Whether each GPU is suspended; reading a suspended GPU does not wake it.",
                 [Query(number_of_state("rig_gpu_runtime_state{@gpu", "state", RUNTIME_STATES, "gpu"), "GPU {{gpu}}")],
                 RUNTIME_STATES, (12, 7), empty=NOT_REPORTED),
        gpu_graph("PCIe replays and NAKs", "Packets that had to be sent again, refused packets, and retrainings of the link.",
                  [per_gpu(f"increase(rig_gpu_pcie_replays_total{{@gpu}}{RATE}", " replays"),
                   per_gpu(f"increase(rig_gpu_pcie_naks_total{{@gpu}}{RATE}", " NAKs {{direction}}"),
                   per_gpu(f"increase(rig_gpu_pcie_recoveries_total{{@gpu}}{RATE}", " recoveries"),
                   per_gpu(f"increase(rig_gpu_pcie_replay_rollovers_total{{@gpu}}{RATE}", " retrainings")], "short", (12, 8), soft_max=1),
        gpu_graph("PCIe errors", "Errors that PCI Advanced Error Reporting has counted, by the GPU or the port above it.",
                  [per_gpu(f"increase(rig_gpu_pcie_aer_errors_total{{@gpu}}{RATE}", " {{port}} {{severity}}")], "short", (12, 8), soft_max=1),
        gpu_graph("PCIe data rate", "Data transferred over the link to the slot in both directions.",
                  [per_gpu("rig_gpu_pcie_transferred_bytes_per_second{@gpu}")], "Bps", (12, 8)),
        gpu_graph("Suspended time", "Part of the time in which the GPU was suspended.",
                  [per_gpu(f"rate(rig_gpu_suspended_seconds_total{{@gpu}}{RATE}")], "percentunit", (12, 8), maximum=1)])


def accelerator():
    return [
        row("$instance: ECC and RAS ($ecc counters on the selected machines)", [
            graph("ECC errors", "Memory and logic errors that were found: correctable, uncorrectable, deferred.",
                  [Query(f"sum by (gpu, severity) (increase(rig_gpu_ecc_errors_total{{@gpu}}{RATE})", "#{{gpu}} {{severity}}")], "short",
                  (8, 8), empty=NOT_REPORTED, soft_max=1),
            table("ECC errors by block", "Errors since the driver was loaded, the blocks with the most errors first.", [
                Column("GPU", label="gpu", width=50), Column("Block", label="block"), Column("Severity", label="severity"),
                Column("Errors", "topk(50, max by (gpu, block, severity) (rig_gpu_ecc_errors_total{@gpu}))", steps=(GREEN, (ORANGE, 1)))],
                  (8, 8), empty=NOT_REPORTED, sort="Errors", descending=True),
            gpu_graph("Bad pages", "Pages of GPU memory that are retired, or will be at the next start; RAS events that the driver has handled.",
                      [per_gpu("rig_gpu_bad_pages{@gpu}", " {{state}}"),
                       per_gpu(f"increase(rig_gpu_ras_events_total{{@gpu}}{RATE}", " {{event}}")], "short", (8, 8), soft_max=1)],
            collapsed=True),
        row("$instance: XGMI and XCC ($xgmi links and dies on the selected machines)", [
            gpu_graph("XGMI data rate", "Data transferred over each link to another GPU.",
                      [per_gpu(f"rate(rig_gpu_xgmi_bytes_total{{@gpu}}{RATE}", " {{link}} {{direction}}")], "Bps"),
            timeline("XGMI links", "Whether each link to another GPU is up.",
                     [Query("max by (gpu, link) (rig_gpu_xgmi_link_up{@gpu})", "#{{gpu}} {{link}}")], {0: ("down", RED), 1: ("up", GREEN)},
                     (8, 9), empty=NOT_REPORTED),
            table("Width and speed of XGMI links", "Number of lanes, and speed of each lane.", [
                Column("GPU", label="gpu", width=50), Column("Link", label="link"),
                Column("Lanes", "max by (gpu, link) (rig_gpu_xgmi_link_lanes{@gpu})"),
                Column("Speed", "max by (gpu, link) (rig_gpu_xgmi_link_transfers_per_second{@gpu}) / 1e9", unit="suffix: GT/s")],
                  (8, 9), empty=NOT_REPORTED),
            gpu_graph("XCC busy", "Utilization of each accelerator complex die.", [per_gpu("rig_gpu_xcc_busy_ratio{@gpu}", " {{xcc}}")],
                      "percentunit", maximum=1),
            gpu_graph("Clock below what the host allows", "Part of the time in which the graphics clock was lower than the host allowed, "
                      "by reason.", [per_gpu(f"rate(rig_gpu_host_limited_seconds_total{{@gpu}}{RATE}", " {{reason}}")], "percentunit",
                      maximum=1),
            gpu_graph("Power of package, board and node", "Power of parts of the package, or of what contains the GPU. Dashed: the limit.",
                      [per_gpu("rig_gpu_domain_power_watts{@gpu}", " {{domain}}"),
                       per_gpu("rig_gpu_domain_power_limit_watts{@gpu}", " {{domain}} limit", dashed=True)], "watt")], collapsed=True)]


def identity():
    return row("$instance: identity, firmware and settings", [
        table("Identity", "What each GPU is, and the driver's names for it.", [
            Column("GPU", label="gpu", width=50),
            Column("Name", "max by (gpu, name, pci_address, card, render, device_id, revision, subsystem_id, vbios_version, memory_vendor,"
                   " serial, unique_id) (rig_gpu_info{@gpu})", value=False, label="name", width=170),
            Column("Address", label="pci_address", width=110), Column("Card", label="card"), Column("Render node", label="render"),
            Column("Device", label="device_id"), Column("Revision", label="revision"), Column("Subsystem", label="subsystem_id"),
            Column("VBIOS", label="vbios_version", width=150), Column("Memory", label="memory_vendor"), Column("Serial", label="serial"),
            Column("Unique id", label="unique_id", width=150)], (24, 6), empty=NO_GPU, sort="GPU"),
        table("Settings", "Performance level, power profile, fan mode, overdrive and partitioning. A setting that is not the default explains "
              "readings that are unusual.", [
                  Column("GPU", label="gpu", width=50),
                  Column("Level", "max by (gpu, level) (rig_gpu_performance_level{@gpu} == 1)", value=False, label="level"),
                  Column("Profile", "max by (gpu, profile) (rig_gpu_power_profile{@gpu} == 1)", value=False, label="profile", width=150),
                  Column("Fan", "max by (gpu, mode) (rig_gpu_fan_mode{@gpu} == 1)", value=False, label="mode"),
                  Column("Overdrive", "max by (gpu) (rig_gpu_overdrive_ratio{@gpu})", unit="percentunit"),
                  Column("Lowest clock", 'max by (gpu) (rig_gpu_clock_min_hertz{@gpu, clock="sclk"})', unit="hertz"),
                  Column("Compute", "max by (gpu, compute, memory) (rig_gpu_partition_info{@gpu})", value=False, label="compute"),
                  Column("Memory", label="memory"),
                  Column("Bandwidth", "max by (gpu) (rig_gpu_memory_bandwidth_max_bytes_per_second{@gpu})", unit="Bps")],
              (12, 8), empty=NO_GPU),
        table("Firmware", "Version of each firmware block.", [
            Column("GPU", "max by (gpu, firmware, version) (rig_gpu_firmware_info{@gpu})", value=False, label="gpu", width=50),
            Column("Firmware", label="firmware"), Column("Version", label="version")], (6, 8), empty=NOT_REPORTED, sort="Firmware"),
        table("Driver", "Version of the amdgpu driver, or of the kernel that contains it, and what reads the GPUs.", [
            Column("Driver", "max by (instance, version) (rig_gpu_driver_info{@})", value=False, label="version"),
            Column("Read by", "max by (instance, source) (rig_gpu_probe_info{@})", value=False, label="source"),
            Column("Machine", label="instance")], (6, 8), empty=NO_GPU)], collapsed=True)


def build():
    counts = [count("ecc", "count(rig_gpu_ecc_errors_total{@})"),
              count("xgmi", 'count({@, __name__=~"rig_gpu_xgmi_link_up|rig_gpu_xcc_busy_ratio"})')]
    return dashboard(
        "rig-gpu", "GPU", "AMD GPUs of a machine: utilization, throttling, power, energy and cost, temperatures, memory, processes, PCIe, ECC.",
        ["gpu"], [datasource(), cluster(), job(), instance(several=True), gpu(), price(), *counts],
        [summary(), utilization(), power(), sensors(), memory(), pcie(), *accelerator(), identity()])
