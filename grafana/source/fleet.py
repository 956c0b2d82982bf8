"""The dashboard Fleet: many machines, from the series that deploy/prometheus/rig_exporter.recording.rules.yml records."""
from panels import Column, Query, Row, dashboard, graph, stat, table
from storage import FULLNESS
from style import ALERT_SEVERITIES, BLUE, GREEN, GREY, HEADROOM, ORANGE, PURPLE, RED, YELLOW, by_severity
from variables import ALL_MACHINES, cluster, datasource, instance, job, price

# The numbers of instance:rig_state:worst.
STATES = {0: ("Down", RED), 1: ("Array not usable", RED), 2: ("GPU down", RED), 3: ("Array degraded", ORANGE),
          4: ("Collector failing", ORANGE), 5: ("Busy is suspect", PURPLE), 6: ("GPU throttled", YELLOW), 9: ("OK", GREEN)}
MACHINE = "max by (cluster, instance) "
GPU = "max by (cluster, instance, gpu) "
NOT_RECORDED = "No machine, or no recording rules"
THESE = "${datasource:queryparam}&${job:queryparam}&var-instance=${__data.fields.Machine}&${__url_time_range}"
TO_RIG = ("Rig", "/d/rig-overview?" + THESE)
TO_GPU = ("GPU", "/d/rig-gpu?" + THESE + "&var-gpu=${__data.fields.GPU}")
# The recorded mean power of five minutes, at every fifth minute: the energy in kWh.
KWH = "sum_over_time(instance:rig_gpu_energy_joules:rate5m{@}[$__range:5m]) * 300 / 3.6e6"
MONTH = "720 / 1000 * $price"  # what a watt costs in 30 days
BUSY = "sum{by} (instance:rig_gpu_busy:rate5m{@} * instance:rig_gpus:count{@}) / sum{by} (instance:rig_gpus:count{@})"


def bad(title, description, expr, empty=NOT_RECORDED):
    return stat(title, description, expr, "none", (6, 3), empty=empty, states={0: ("None", GREEN)}, steps=(GREEN, (RED, 1)))


def summary():
    return Row(None, [
        bad("Machines down", "Machines with rig_exporter that Prometheus cannot scrape.", "count(instance:rig_up:bool{@}) - sum(instance:rig_up:bool{@})"),
        bad("Critical alerts", "Alerts of severity critical that are firing in this Prometheus.",
            'count(ALERTS{@alerts, alertstate="firing", severity="critical"}) or 0 * count(instance:rig_up:bool{@})'),
        bad("Arrays not usable", "md arrays that do not serve reads and writes.", "sum(instance:rig_raid_arrays_not_usable:count{@})",
            "No md array"),
        bad("GPUs down", "GPUs of machines that are up that hang, reject all reads, or have disappeared.", "sum(instance:rig_gpus_down:count{@})", "No AMD GPU"),
        bad("Degraded links", "GPUs whose link to the slot is narrower than possible, or with an XGMI link that is down.",
            "count(gpu:rig_gpu_pcie_narrow_link:lanes{@} or gpu:rig_gpu_xgmi_links_down:count{@}) or 0 * count(instance:rig_up:bool{@} == 1)"),
        stat("Unused GPUs", "GPUs that were busy for less than 1 % of the last hour.",
             "count(gpu:rig_gpu_unused_busy:rate1h{@}) or 0 * count(instance:rig_up:bool{@} == 1)", "none", (6, 3), empty=NOT_RECORDED,
             states={0: ("None", GREEN)}, steps=(GREEN, (ORANGE, 1))),
        stat("Machines", "Machines with rig_exporter that are up.", "sum(instance:rig_up:bool{@})", "none", (6, 3), empty=NOT_RECORDED, steps=(BLUE,)),
        stat("GPUs", "GPUs in the machines that are up.", "sum(instance:rig_gpus:count{@})", "none", (6, 3), empty="No AMD GPU", steps=(BLUE,)),
        stat("GPUs busy", "Mean utilization of all GPUs in the last five minutes.", BUSY.replace("{by}", ""), "percentunit", (6, 3),
             empty="No AMD GPU", steps=(BLUE,), decimals=0),
        stat("GPU power", "Power draw of all GPUs.", "sum(instance:rig_gpu_power_watts:sum{@})", "watt", (6, 3), empty="No AMD GPU", steps=(BLUE,)),
        stat("GPU energy", "Energy that the GPUs have used in the time range.", f"sum({KWH})", "kwatth", (6, 3), empty="No AMD GPU",
             steps=(BLUE,), decimals=1),
        stat("Cost", "Cost of that energy, in the currency of the price at the top of the page.", f"sum({KWH}) * $price", "none", (6, 3),
             empty="No AMD GPU", steps=(BLUE,), decimals=2)])


def worst():
    return Row("Machines, the worst first", [
        table("Machines", "One line for each machine, the most serious problem first. The name links to the dashboard Rig. Fullest: its fullest "
              "filesystem. Headroom: how far the hottest sensor of a GPU is below its critical limit.", [
                  Column("Machine", label="instance", width=180, link=TO_RIG), Column("Cluster", label="cluster", width=110),
                  Column("State", MACHINE + "(instance:rig_state:worst{@})", states=STATES, width=130),
                  Column("Alerts", 'count by (cluster, instance) (ALERTS{@alerts, alertstate="firing"})', steps=(GREY, (ORANGE, 1)), width=70),
                  Column("GPUs", MACHINE + "(instance:rig_gpus:count{@})", width=70),
                  Column("Busy", MACHINE + "(instance:rig_gpu_busy:rate5m{@})", unit="percentunit", bar=True, decimals=0, width=110),
                  Column("VRAM", MACHINE + "(instance:rig_gpu_memory_used:ratio{@})", unit="percentunit", decimals=0),
                  Column("Power", MACHINE + "(instance:rig_gpu_power_watts:sum{@})", unit="watt"),
                  Column("Hottest", MACHINE + "(instance:rig_gpu_temperature_celsius:max{@})", unit="celsius", decimals=0),
                  Column("Headroom", MACHINE + "(instance:rig_gpu_headroom_celsius:min{@})", unit="celsius", decimals=0,
                         steps=HEADROOM),
                  Column("CPU", MACHINE + "(instance:rig_cpu_busy:rate5m{@})", unit="percentunit", decimals=0),
                  Column("RAM", MACHINE + "(instance:rig_memory_used:ratio{@})", unit="percentunit", decimals=0),
                  Column("Fullest", MACHINE + "(instance:rig_filesystem_used_ratio:max{@})", unit="percentunit", decimals=0, steps=FULLNESS)],
              (24, 11), empty=NOT_RECORDED, sort="State", pages=True),
        table("Firing alerts", "Which alerts are firing, and on how many machines, critical ones first.", [
            Column("Severity", by_severity("count by (alertname) (count by (alertname, cluster, instance) "
                                           '(ALERTS{@alerts, alertstate="firing", severity="SEVERITY"}))'), states=ALERT_SEVERITIES, width=90),
            Column("Alert", label="alertname"),
            Column("Machines", 'count by (alertname) (count by (alertname, cluster, instance) (ALERTS{@alerts, alertstate="firing"}))', width=100)],
              (12, 8), empty="No alert is firing", sort="Severity"),
        graph("Machines by state", "Number of machines by their most serious problem.",
              [Query('count_values("state", instance:rig_state:worst{@})', "{{state}}")], "none", (12, 8),
              empty=NOT_RECORDED, stacked=True, decimals=0,
              overrides=[{"matcher": {"id": "byName", "options": str(number)},
                          "properties": [{"id": "displayName", "value": text},
                                         {"id": "color", "value": {"mode": "fixed", "fixedColor": color}}]}
                         for number, (text, color) in STATES.items()])])


def use():
    unused = "gpu:rig_gpu_unused_busy:rate1h{@}"
    return Row("Use of GPUs", [
        graph("GPUs busy", "Mean utilization of the GPUs of each cluster; without clusters, of all.",
              [Query(BUSY.replace("{by}", " by (cluster)"), "GPUs {{cluster}}")], "percentunit", (8, 8), empty="No AMD GPU", maximum=1),
        graph("Unused GPUs", "GPUs that were busy for less than 1 % of the hour before. Dashed: all GPUs.",
              [Query("count(gpu:rig_gpu_unused_busy:rate1h{@}) or 0 * count(instance:rig_up:bool{@} == 1)", "unused"),
               Query("sum(instance:rig_gpus:count{@})", "all", dashed=True)], "none", (8, 8), empty="No AMD GPU", decimals=0),
        graph("Throttled GPUs", "GPUs that are throttled for any reason, and GPUs whose utilization is suspect.",
              [Query("sum(instance:rig_gpus_throttled:count{@})", "throttled"), Query("sum(instance:rig_gpus_suspect:count{@})", "suspect")],
              "none", (8, 8), empty="No AMD GPU", soft_max=1),
        table("Unused GPUs", "GPUs that were busy for less than 1 % of the last hour, those that hold the most memory first: their memory is "
              "taken by a program that does not use them. Cost: of 30 days at the present power and the price at the top of the page.", [
                  Column("Machine", label="instance", width=180, link=TO_RIG), Column("Cluster", label="cluster", width=110),
                  Column("GPU", label="gpu", width=60, link=TO_GPU),
                  Column("Name", f"max by (cluster, instance, gpu, name) ({unused})", value=False, label="name"),
                  Column("Mean busy", f"{GPU}({unused})", unit="percentunit", decimals=2),
                  Column("VRAM used", f"{GPU}(gpu:rig_gpu_unused_memory_used_bytes:last{{@}})", unit="bytes"),
                  Column("Power", f"{GPU}(gpu:rig_gpu_unused_power_watts:last{{@}})", unit="watt"),
                  Column("Cost", f"{GPU}(gpu:rig_gpu_unused_power_watts:last{{@}}) * {MONTH}", decimals=2)],
              (24, 9), empty="None", sort="VRAM used", descending=True, pages=True)])


def power():
    return Row("Power and cost", [
        graph("GPU power", "Power draw of the GPUs of each cluster; without clusters, of all.",
              [Query("sum by (cluster) (instance:rig_gpu_power_watts:sum{@})", "GPUs {{cluster}}")], "watt", (12, 9), empty="No AMD GPU", stacked=True),
        table("Energy and cost", "Energy of the GPUs of each machine in the time range, and its cost at the price at the top of the page; the "
              "50 machines that used the most.", [
                  Column("Machine", label="instance", link=TO_RIG), Column("Cluster", label="cluster"),
                  Column("Energy", f"topk(50, sum by (cluster, instance) ({KWH}))", unit="kwatth", decimals=2),
                  Column("Cost", f"topk(50, sum by (cluster, instance) ({KWH}) * $price)", decimals=2)],
              (12, 9), empty="No AMD GPU", sort="Energy", descending=True)])


def hardware():
    def versions(title, description, label, what, metric, size):
        return table(title, description, [
            Column(what, label=label),
            Column("Machines", f"count by ({label}) (instance:{metric}{{@}})", width=90)], size, empty=NOT_RECORDED, sort="Machines")

    return Row("Links and versions", [
        table("Degraded links", "GPUs whose link to the slot has fewer lanes than both sides support: a card that is not fully seated, a riser, "
              "or a slot that shares its lanes. XGMI: links to other GPUs that are down.", [
                  Column("Machine", label="instance", link=TO_RIG, width=180), Column("Cluster", label="cluster", width=110),
                  Column("GPU", label="gpu", width=60, link=TO_GPU),
                  Column("Name", "max by (cluster, instance, gpu, name) (gpu:rig_gpu_pcie_narrow_link:lanes{@} or gpu:rig_gpu_xgmi_links_down:count{@})",
                         value=False, label="name"),
                  Column("Lanes", f"{GPU}(gpu:rig_gpu_pcie_narrow_link:lanes{{@}})"),
                  Column("Possible", f"{GPU}(gpu:rig_gpu_pcie_narrow_link:max_lanes{{@}})"),
                  Column("XGMI links down", f"{GPU}(gpu:rig_gpu_xgmi_links_down:count{{@}})")],
              (24, 7), empty="None", sort="Lanes", pages=True),
        versions("Exporter versions", "Versions of rig_exporter, the rarest first.", "version", "Version",
                 "rig_exporter_build_info:version", (5, 8)),
        versions("Kernels", "Kernel releases, the rarest first.", "kernel", "Kernel", "rig_host_info:kernel", (6, 8)),
        versions("GPU drivers", "Versions of the amdgpu driver, or of the kernel that contains it, the rarest first.", "version", "Version",
                 "rig_gpu_driver_info:version", (5, 8)),
        table("GPU models and VBIOS", "GPUs of each model and VBIOS version, the rarest first.", [
            Column("Model", label="name"), Column("VBIOS", label="vbios_version"),
            Column("GPUs", "sum by (name, vbios_version) (instance:rig_gpu_vbios:count{@})", width=70)], (8, 8), empty="No AMD GPU", sort="GPUs")])


def build():
    return dashboard(
        "rig-fleet", "Fleet", "All machines with rig_exporter: the worst first, unused GPUs, power and cost, degraded links, versions. Needs the "
        "recording rules rig_exporter.recording.rules.yml.", ["fleet"],
        [datasource(), cluster(), job(), instance(**ALL_MACHINES), price()], [summary(), worst(), use(), power(), hardware()],
        time="now-24h", refresh="1m")
