"""The dashboard Rig: one machine."""
from panels import Column, Query, Row, dashboard, graph, right_axis, stat, table, timeline
from storage import FULLNESS, arrays_usable, fullest_filesystem
from style import (ALERT_SEVERITIES, ARRAY_STATE, ARRAY_STATES, BLUE, CPU_BUSY, FULL, GPU_LEGEND, GPU_STATE, GPU_STATES,
                   GREEN, GREY, NAMED, ORANGE, RED, WHILE_UP, YELLOW, by_severity)
from variables import cluster, datasource, gpu, instance, job

THIS_MACHINE = "${datasource:queryparam}&${cluster:queryparam}&${job:queryparam}&${instance:queryparam}&${__url_time_range}"
TO_GPU = ("GPU", "/d/rig-gpu?" + THIS_MACHINE + "&var-gpu=${__data.fields.GPU}")
TO_RAID = ("RAID and disks", "/d/rig-raid?" + THIS_MACHINE)
HEAT = (GREEN, (ORANGE, 90), (RED, 105))
NO_GPU, NO_ARRAY = "No AMD GPU", "No md array"
# Machine, GPUs and arrays in one timeline: what is worse has the smaller number in all of them.
STATES = {0: ("Down", RED), 1: ("Degraded", ORANGE), 2: ("Rebuilding", YELLOW), 3: ("Syncing", BLUE), 4: ("Suspended", BLUE),
          5: ("OK", GREEN)}


def summary():
    of_alert = "alertname, gpu, array, member, device, collector"
    return Row(None, [
        stat("Machine", "Whether Prometheus can scrape the exporter on the machine. The other current values disappear while it "
             "cannot.", 'max(up{@})', "none", (4, 3), empty="Unknown", states={0: ("Down", RED), 1: ("Up", GREEN)}, fill="background"),
        stat("Firing alerts", "Alerts about this machine that are firing in this Prometheus; the table below lists them.",
             'count(ALERTS{@alerts, alertstate="firing"}) or 0 * max(up{@} == 1)', "none", (5, 3),
             states={0: ("None", GREEN)}, steps=(GREEN, (RED, 1))),
        arrays_usable((5, 3)),
        stat("GPUs", "GPUs that hang, reject all reads, or have disappeared since the exporter started (rig_gpu_up is 0).",
             "sum(1 - rig_gpu_up{@gpu}) or sum(rig_gpus{@} == 0) - 1", "suffix: down", (5, 3),
             states={-1: ("None", GREY), 0: ("All up", GREEN)}, steps=(GREEN, (RED, 1))),
        stat("Hottest GPU", "The hottest sensor of all GPUs, and which one it is.",
             "topk(1, max by (gpu, sensor) (rig_gpu_temperature_celsius{@gpu}))", "celsius", (5, 3), empty=NO_GPU,
             legend="#{{gpu}} {{sensor}}", text="value_and_name", steps=HEAT),
        stat("GPU power", "Power draw of the selected GPUs together.", "sum(rig_gpu_power_watts{@gpu})", "watt", (5, 3), empty=NO_GPU,
             steps=(BLUE,), decimals=0),
        stat("VRAM used", "Used part of the memory of the selected GPUs together.",
             'sum(rig_gpu_memory_used_bytes{@gpu, kind="vram"}) / sum(rig_gpu_memory_size_bytes{@gpu, kind="vram"})', "percentunit",
             (5, 3), empty=NO_GPU, steps=(BLUE, (ORANGE, 0.95)), decimals=0),
        stat("CPU busy", "Part of the CPU time that was not idle, mean of the last minutes; waiting for I/O counts as idle.", CPU_BUSY,
             "percentunit", (4, 3), steps=(BLUE, (ORANGE, 0.9)), decimals=0),
        stat("RAM used", "Memory that is not available to new programs.",
             "1 - sum(rig_memory_available_bytes{@}) / sum(rig_memory_total_bytes{@})", "percentunit", (4, 3),
             steps=(BLUE, (ORANGE, 0.85), (RED, 0.95)), decimals=0),
        fullest_filesystem((6, 3)),
        table("Firing alerts", "Alerts about this machine, critical ones first. ALERTS and ALERTS_FOR_STATE come from the alert rules in "
              "Prometheus.", [
                  Column("Severity", by_severity(f'max by ({of_alert}) (ALERTS{{@alerts, alertstate="firing", severity="SEVERITY"}})'),
                         states=ALERT_SEVERITIES, width=90),
                  Column("Alert", label="alertname", width=210), Column("GPU", label="gpu", width=50), Column("Array", label="array"),
                  Column("Member", label="member"), Column("Device", label="device"), Column("Collector", label="collector"),
                  Column("Since", f"max by ({of_alert}) (1000 * ALERTS_FOR_STATE{{@alerts}}"
                         ' and ignoring (alertstate) ALERTS{@alerts, alertstate="firing"})', unit="dateTimeFromNow", width=120)],
              (12, 7), empty="No alert is firing", sort="Severity"),
        timeline("States", "The machine (down while Prometheus cannot scrape it), its GPUs and its arrays.", [
            Query("max(up{@}) * 5", "Machine"),
            Query("max by (array) (rig_raid_array_usable{@} == 0)"
                  ' or 2 * max by (array) (rig_raid_sync_action{@, action="recover"} == 1)'
                  " or 1 + 0 * max by (array) (rig_raid_degraded_disks{@} > 0)"
                  ' or 3 * max by (array) (rig_raid_sync_action{@, action=~"resync|check|repair|reshape"} == 1)'
                  " or 5 * max by (array) (rig_raid_array_usable{@} == 1)", "{{array}}"),
            Query("max by (gpu) (rig_gpu_up{@gpu} == 0)"
                  ' or 4 * max by (gpu) (rig_gpu_runtime_state{@gpu, state="suspended"} == 1)'
                  " or 5 * max by (gpu) (rig_gpu_up{@gpu} == 1)", "GPU {{gpu}}")], STATES, (12, 7))])


def gpus():
    return Row("GPUs", [
        table("GPUs", "Current readings, problems first. The number links to the dashboard GPU. Busy is the mean of the last minutes "
              "without what is suspect; a suspect GPU has reported full utilization while its memory clock shows that it is idle.", [
                  Column("GPU", label="gpu", width=55, link=TO_GPU),
                  Column("State", GPU_STATE, states=GPU_STATES, width=110),
                  Column("Name", "max by (gpu, name) (rig_gpu_info{@gpu})", value=False, label="name", width=170),
                  Column("Busy", 'max by (gpu) (rate(rig_gpu_busy_seconds_total{@gpu, engine="gfx"}[$__rate_interval])' + WHILE_UP + ")",
                         unit="percentunit", bar=True, decimals=0, width=110),
                  Column("Power", "max by (gpu) (rig_gpu_power_watts{@gpu})", unit="watt", decimals=0),
                  Column("Cap", "max by (gpu) (rig_gpu_power_cap_watts{@gpu})", unit="watt", decimals=0),
                  Column("Hottest", "max by (gpu) (rig_gpu_temperature_celsius{@gpu})", unit="celsius", steps=HEAT, decimals=0),
                  Column("VRAM", 'max by (gpu) (rig_gpu_memory_used_bytes{@gpu, kind="vram"})'
                         ' / max by (gpu) (rig_gpu_memory_size_bytes{@gpu, kind="vram"})', unit="percentunit", bar=True, decimals=0, width=110),
                  Column("Core clock", 'max by (gpu) (rig_gpu_clock_hertz{@gpu, clock="sclk"})', unit="hertz"),
                  Column("Fan", "max by (gpu) (rig_gpu_fan_ratio{@gpu})", unit="percentunit", decimals=0)],
              (24, 6), empty=NO_GPU, sort="State"),
        graph("GPU busy", "Mean utilization of the graphics and compute engine between two points of the line, exact for any scrape "
              "interval; time in which the GPU's utilization is not believed does not count.",
              [Query('rate(rig_gpu_busy_seconds_total{@gpu, engine="gfx"}[$__rate_interval])' + NAMED, GPU_LEGEND)], "percentunit", (8, 9),
              gpus=True, maximum=1, empty=NO_GPU),
        graph("GPU power", "Power draw, averaged by the firmware if it reports an average. Dashed: the power cap.",
              [Query("rig_gpu_power_watts{@gpu}" + NAMED, GPU_LEGEND),
               Query("rig_gpu_power_cap_watts{@gpu}" + NAMED, GPU_LEGEND + " cap", dashed=True)], "watt", (8, 9), gpus=True, empty=NO_GPU),
        graph("GPU temperature", "The hottest sensor of each GPU. The dashboard GPU shows all sensors with their limits.",
              [Query("max by (cluster, job, instance, gpu, pci_address) (rig_gpu_temperature_celsius{@gpu})" + NAMED, GPU_LEGEND)],
              "celsius", (8, 9), gpus=True, empty=NO_GPU),
        graph("VRAM", "GPU memory in use. Dashed: its size.",
              [Query('rig_gpu_memory_used_bytes{@gpu, kind="vram"}' + NAMED, GPU_LEGEND),
               Query('rig_gpu_memory_size_bytes{@gpu, kind="vram"}' + NAMED, GPU_LEGEND + " size", dashed=True)], "bytes", (8, 9),
              gpus=True, empty=NO_GPU),
        graph("GPU core clock", "Clock of the graphics and compute engine.",
              [Query('rig_gpu_clock_hertz{@gpu, clock="sclk"}' + NAMED, GPU_LEGEND)], "hertz", (8, 9), gpus=True, empty=NO_GPU),
        graph("GPU throttling", "Part of the time in which the GPU was throttled, by its most frequent reason. The dashboard GPU shows "
              "all reasons.",
              [Query("max by (cluster, job, instance, gpu, pci_address) (rate(rig_gpu_throttle_seconds_total{@gpu}[$__rate_interval]))"
                     + NAMED, GPU_LEGEND)], "percentunit", (8, 9), gpus=True, maximum=1, empty="This GPU does not report throttling")])


def raid():
    return Row("RAID", [
        table("Arrays", "Current state of each md array, problems first. An array that is expected or existed before but does not now "
              "is not usable.", [
                  Column("Array", label="array", link=TO_RAID), Column("State", ARRAY_STATE, states=ARRAY_STATES, width=110),
                  Column("Level", "max by (array, level) (rig_raid_array_info{@})", value=False, label="level"),
                  Column("Tolerates", "max by (array) (rig_raid_failures_tolerated{@})", unit="suffix: failures"),
                  Column("Active", 'max by (array) (rig_raid_disks{@, state="active"})'),
                  Column("Required", "max by (array) (rig_raid_disks_required{@})"),
                  Column("Spare", 'max by (array) (rig_raid_disks{@, state="spare"})'),
                  Column("Size", "max by (array) (rig_raid_array_size_bytes{@})", unit="bytes"),
                  Column("Sync", "max by (array) (rig_raid_sync_progress_ratio{@})", unit="percentunit", decimals=1),
                  Column("Remaining", "max by (array) (rig_raid_sync_remaining_seconds{@})", unit="s")],
              (24, 6), empty=NO_ARRAY, sort="State"),
        table("Members that are missing or faulty", "Members whose block device has vanished, that md has marked as faulty, or that "
              "are offline. Model and serial number are on the dashboard RAID and disks.", [
                  Column("Array", label="array", link=TO_RAID), Column("Member", label="member"),
                  Column("Problem", 'max by (array, member) (rig_raid_member_present{@} == 0)'
                         ' or 1 + 0 * max by (array, member) (rig_raid_member_state{@, state="faulty"} == 1)'
                         " or 2 + max by (array, member) (rig_raid_member_device_online{@} == 0)",
                         states={0: ("Device has vanished", RED), 1: ("Faulty", RED), 2: ("Offline", ORANGE)})],
              (24, 5), empty="None", sort="Problem")])


def disks():
    return Row("Disks and filesystems", [
        table("Filesystems", "Space of each filesystem on a block device, the fullest first.", [
            Column("Mounted on", label="mountpoint"),
            Column("Used", f"max by (mountpoint) ({FULL})", unit="percentunit", bar=True, decimals=0, steps=FULLNESS),
            Column("Available", "max by (mountpoint) (rig_filesystem_available_bytes{@})", unit="bytes"),
            Column("Read-only", "max by (mountpoint) (rig_filesystem_readonly{@})",
                   states={0: ("no", GREEN), 1: ("yes", ORANGE)}, width=90)],
              (24, 7), empty="No filesystem on a block device", sort="Used", descending=True),
        graph("Disk throughput", "Bytes read and written per second by each disk, NVMe namespace and array.",
              [Query("rate(rig_disk_read_bytes_total{@}[$__rate_interval]) + rate(rig_disk_written_bytes_total{@}[$__rate_interval])",
                     "{{device}}")], "Bps", (12, 8)),
        graph("Disk utilization", "Part of the time with at least one request in progress.",
              [Query("rate(rig_disk_io_seconds_total{@}[$__rate_interval])", "{{device}}")], "percentunit", (12, 8), maximum=1)])


def cpu():
    modes = {"user": BLUE, "system": ORANGE, "iowait": RED, "nice": GREEN, "irq": YELLOW, "softirq": "#b08d6e", "steal": "#b877d9"}
    return Row("CPU, memory and pressure", [
        graph("CPU", "Part of the time of all CPUs by mode; user includes guests.",
              [Query('sum by (mode) (rate(rig_cpu_seconds_total{@, mode!~"idle|guest|guest_nice"}[$__rate_interval]))'
                     ' / scalar(sum(rate(rig_cpu_seconds_total{@, mode!~"guest|guest_nice"}[$__rate_interval])))', "{{mode}}")],
              "percentunit", (8, 9), stacked=True, maximum=1,
              overrides=[{"matcher": {"id": "byName", "options": mode},
                          "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": color}}]}
                         for mode, color in modes.items()]),
        graph("Memory", "Memory of the machine by use. Cache and reclaimable slab are available to programs.", [
            Query("sum(rig_memory_total_bytes{@}) - sum(rig_memory_free_bytes{@}) - sum(rig_memory_buffers_bytes{@})"
                  " - sum(rig_memory_cached_bytes{@}) - sum(rig_memory_slab_reclaimable_bytes{@})", "Programs and kernel"),
            Query("sum(rig_memory_shmem_bytes{@})", "Shared memory and tmpfs"),
            Query("sum(rig_memory_cached_bytes{@}) - sum(rig_memory_shmem_bytes{@}) + sum(rig_memory_buffers_bytes{@})", "Cache"),
            Query("sum(rig_memory_slab_reclaimable_bytes{@})", "Reclaimable slab"),
            Query("sum(rig_memory_total_bytes{@})", "Total", dashed=True)], "bytes", (8, 9), stacked=True),
        graph("Pressure", "Part of the time in which tasks were stalled waiting for a resource: some of them, or all (full).",
              [Query("rate(rig_pressure_seconds_total{@}[$__rate_interval])", "{{resource}} {{kind}}")], "percentunit", (8, 9),
              empty="This kernel has no pressure information", soft_max=0.1),
        graph("Load", "Mean number of tasks that run, can run or wait uninterruptibly. Dashed: the number of CPUs.",
              [Query("rig_load_average{@}", "{{window}}"), Query("count(count by (cpu) (rig_cpu_frequency_hertz{@}))", "CPUs", dashed=True)],
              "short", (12, 8)),
        graph("CPU temperature and throttling", "Temperature of the CPU's sensors. Right: thermal throttling events (Intel only).",
              [Query("rig_cpu_temperature_celsius{@}", "{{chip}} {{sensor}}"),
               Query("sum by (scope) (increase(rig_cpu_throttles_total{@}[$__rate_interval]))", "throttled {{scope}}")], "celsius", (12, 8),
              empty="No CPU temperature sensor",
              overrides=[right_axis("B", unit="short", custom__drawStyle="bars")]),
        graph("Swap and unwritten data", "Swap in use, and data that waits to be written to disk. Dashed: the size of the swap space.",
              [Query("sum(rig_memory_swap_total_bytes{@}) - sum(rig_memory_swap_free_bytes{@})", "Swap used"),
               Query("sum(rig_memory_dirty_bytes{@}) + sum(rig_memory_writeback_bytes{@})", "Unwritten"),
               Query("sum(rig_memory_swap_total_bytes{@}) > 0", "Swap size", dashed=True)], "bytes", (12, 8)),
        graph("Memory problems", "Processes killed because memory ran out, major page faults, and memory errors found by ECC.",
              [Query("increase(rig_memory_oom_kills_total{@}[$__rate_interval])", "OOM kills"),
               Query("rate(rig_memory_major_faults_total{@}[$__rate_interval])", "major faults/s"),
               Query("sum by (severity) (increase(rig_memory_errors_total{@}[$__rate_interval]))", "ECC {{severity}}")],
              "short", (12, 8), soft_max=1)])


def more():
    return Row("Kernel details", [
        graph("CPU frequency", "Lowest, mean and highest current frequency of all CPUs. Dashed: the supported range.",
              [Query("min(rig_cpu_frequency_hertz{@})", "lowest"), Query("avg(rig_cpu_frequency_hertz{@})", "mean"),
               Query("max(rig_cpu_frequency_hertz{@})", "highest"),
               Query("max(rig_cpu_frequency_max_hertz{@})", "highest supported", dashed=True),
               Query("min(rig_cpu_frequency_min_hertz{@})", "lowest supported", dashed=True)], "hertz", (8, 8)),
        graph("CPU power", "Power draw of each RAPL zone; readable by root only since Linux 5.10.",
              [Query("rate(rig_cpu_energy_joules_total{@}[$__rate_interval])", "{{zone}}")], "watt", (8, 8),
              empty="RAPL is not readable"),
        graph("Swapping", "Memory read back from swap (in) and written to swap (out).",
              [Query("rate(rig_memory_swapped_in_bytes_total{@}[$__rate_interval])", "in"),
               Query("rate(rig_memory_swapped_out_bytes_total{@}[$__rate_interval])", "out")], "Bps", (8, 8), soft_max=1),
        graph("Committed memory", "Memory that programs have allocated, used or not, and memory of programs and mapped files. Dashed: the "
              "limit, which is enforced only if vm.overcommit_memory is 2.",
              [Query("sum(rig_memory_committed_bytes{@})", "committed"), Query("sum(rig_memory_anonymous_bytes{@})", "anonymous"),
               Query("sum(rig_memory_mapped_bytes{@})", "mapped"), Query("sum(rig_memory_slab_unreclaimable_bytes{@})", "unreclaimable slab"),
               Query("sum(rig_memory_commit_limit_bytes{@})", "limit", dashed=True)], "bytes", (8, 8)),
        graph("Huge pages", "Used part of the pools of huge pages, and reserved pages. Dashed: the size of the pool.",
              [Query("rig_memory_hugepages_pool_bytes{@} - rig_memory_hugepages_pool_free_bytes{@}", "{{size}} used"),
               Query("rig_memory_hugepages_pool_reserved_bytes{@}", "{{size}} reserved"),
               Query("rig_memory_hugepages_pool_bytes{@}", "{{size}} pool", dashed=True)], "bytes", (8, 8), empty="No huge pages"),
        graph("NUMA nodes", "Used memory of each NUMA node, including caches. Dashed: its size.",
              [Query("rig_memory_node_used_bytes{@}", "node {{node}}"), Query("rig_memory_node_total_bytes{@}", "node {{node}} size", dashed=True)],
              "bytes", (8, 8), empty="A single node"),
        graph("Tasks", "Tasks that are running or runnable, and tasks blocked waiting for I/O.",
              [Query("rig_processes{@}", "{{state}}"), Query("rate(rig_processes_forked_total{@}[$__rate_interval])", "created/s")],
              "short", (8, 8)),
        graph("Context switches", "Context switches per second.", [Query("rate(rig_context_switches_total{@}[$__rate_interval])", "switches")],
              "ops", (8, 8)),
        table("System", "The machine, its kernel and its CPU.", [
            Column("Booted", "max by (instance) (rig_boot_time_seconds{@}) * 1000", unit="dateTimeFromNow"),
            Column("Kernel", "max by (instance, kernel, os, architecture) (rig_host_info{@})", value=False, label="kernel"),
            Column("System", label="os"), Column("Architecture", label="architecture"), Column("Machine", label="instance"),
            Column("CPU", "max by (instance, model, sockets, cores, threads, microcode) (rig_cpu_info{@})", value=False, label="model"),
            Column("Sockets", label="sockets"), Column("Cores", label="cores"), Column("Threads", label="threads"),
            Column("Microcode", label="microcode")], (24, 4))], collapsed=True)


def exporter():
    return Row("Exporter", [
        timeline("Collectors", "Whether each collector finished in time and without a problem; the exporter's log has the reason.",
                 [Query("max by (collector) (rig_collector_success{@})", "{{collector}}")],
                 {0: ("Problem", RED), 1: ("OK", GREEN)}, (8, 8)),
        graph("Time per collector", "How long each collector took, and 95 % of the scrapes.",
              [Query("rig_collector_duration_seconds{@}", "{{collector}}"),
               Query("histogram_quantile(0.95, sum by (le) (rate(rig_exporter_scrape_duration_seconds_bucket{@}[$__rate_interval])))",
                     "scrape, 95 %")], "s", (8, 8)),
        graph("Age of GPU readings", "Time since each GPU was last read. Dashed: the time between two readings.",
              [Query("rig_gpu_sample_age_seconds{@gpu}" + NAMED, GPU_LEGEND),
               Query("rig_gpu_sample_interval_seconds{@}", "interval", dashed=True)], "s", (8, 8), gpus=True, empty=NO_GPU),
        graph("Errors", "Reads of a GPU that returned no value, restarts of the process that reads the GPUs, dropped log lines, and requests "
              "with a wrong password.",
              [Query("sum by (reason) (increase(rig_gpu_read_errors_total{@gpu}[$__rate_interval]))", "GPU reads: {{reason}}"),
               Query("increase(rig_gpu_probe_restarts_total{@}[$__rate_interval])", "probe restarts"),
               Query("increase(rig_exporter_log_lines_dropped_total{@}[$__rate_interval])", "log lines dropped"),
               Query("increase(rig_exporter_http_authentication_failures_total{@}[$__rate_interval])", "wrong passwords")], "short", (8, 8),
              soft_max=1),
        graph("Requests", "HTTP requests per second by path and status code.",
              [Query("rate(rig_exporter_http_requests_total{@}[$__rate_interval])", "{{handler}} {{code}}")], "reqps", (8, 8)),
        graph("Exporter's resources", "CPU time per second (left), resident memory (right).",
              [Query("rate(process_cpu_seconds_total{@}[$__rate_interval])", "CPU"),
               Query("process_resident_memory_bytes{@}", "memory")], "percentunit", (8, 8),
              overrides=[right_axis("B", unit="bytes")]),
        table("Exporter", "Version and configuration of the exporter, and what reads the GPUs.", [
            Column("Version", "max by (instance, version, revision) (rig_exporter_build_info{@})", value=False, label="version"),
            Column("Revision", label="revision"), Column("Machine", label="instance"),
            Column("Configuration", "max by (instance) (rig_exporter_config_last_reload_successful{@})",
                   states={0: ("invalid", RED), 1: ("valid", GREEN)}),
            Column("Loaded", "max by (instance) (rig_exporter_config_last_reload_timestamp_seconds{@}) * 1000", unit="dateTimeFromNow"),
            Column("Started", "max by (instance) (process_start_time_seconds{@}) * 1000", unit="dateTimeFromNow"),
            Column("GPU source", "max by (instance, source, rocm_smi_version, reason) (rig_gpu_probe_info{@})", value=False,
                   label="source"),
            Column("rocm-smi", label="rocm_smi_version"), Column("Reason", label="reason")], (24, 4))], collapsed=True)


def build():
    return dashboard(
        "rig-overview", "Rig", "A machine-learning rig: AMD GPUs, md arrays, filesystems, CPU and memory, as exposed by rig_exporter.",
        ["gpu", "raid"], [datasource(), cluster(), job(), instance(), gpu()],
        [summary(), gpus(), raid(), disks(), cpu(), more(), exporter()], one_machine=True,
        annotations=[("Machine booted", "{{instance}} was booted", "orange", "rig_boot_time_seconds{@} * 1000")])
