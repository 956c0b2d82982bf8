"""Colors, states and parts of queries that the dashboards have in common."""

GREEN, YELLOW, ORANGE, RED, BLUE, PURPLE, GREY = "green", "yellow", "orange", "red", "blue", "purple", "#8e8e8e"

# The color of GPU 0, 1, ... in every panel. No red and no plain green, which mean bad and good.
GPU_COLORS = ("#5794f2", "#ff9830", "#b877d9", "#33c2c2", "#f2cc0c", "#e685b5", "#a0c15a", "#b08d6e",
              "#1f60c4", "#c15c17", "#7c2ea3", "#0a7a7a", "#c69b00", "#a8326e", "#5c7f1f", "#7a5536")
# The color of a temperature sensor; its limits have it too, dashed.
SENSOR_COLORS = {"edge": "#5794f2", "junction": "#ff9830", "memory": "#b877d9", "hbm0": "#e685b5", "hbm1": "#c69b00",
                 "hbm2": "#7c2ea3", "hbm3": "#1f60c4", "vr_gfx": "#33c2c2",
                 "vr_soc": "#a0c15a", "vr_memory": "#b08d6e"}

# Degrees below a limit; the first color is that of no value.
HEADROOM = (GREY, (RED, -1000), (ORANGE, 5), (GREEN, 15))

# What is worse has a smaller number, so that tables sorted by state have problems at the top.
GPU_STATES = {0: ("Down", RED), 1: ("Busy is suspect", PURPLE), 2: ("Throttled", ORANGE), 4: ("Suspended", BLUE),
              5: ("Up", GREEN)}
ARRAY_STATES = {0: ("Absent", RED), 1: ("Not usable", RED), 2: ("Degraded", ORANGE), 3: ("Rebuilding", YELLOW),
                4: ("Syncing", BLUE), 5: ("Usable", GREEN)}

# In queries, {@} selects the machine, {@gpu}, {@array} and {@disk} what is selected of it, and {@alerts} its alerts (some
# have no job).
GPU_STATE = ('max by (gpu) (rig_gpu_up{@gpu} == 0)'
             ' or max by (gpu) (rig_gpu_busy_suspect{@gpu} == 1)'
             ' or 2 * max by (gpu) (rig_gpu_throttled{@gpu} == 1)'
             ' or 4 * max by (gpu) (rig_gpu_runtime_state{@gpu, state="suspended"} == 1)'
             ' or 5 * max by (gpu) (rig_gpu_up{@gpu} == 1)')
ARRAY_STATE = ('max by (array) (rig_raid_array_present{@} == 0)'
               ' or 1 + max by (array) (rig_raid_array_usable{@} == 0)'
               ' or 3 * max by (array) (rig_raid_sync_action{@, action="recover"} == 1)'
               ' or 2 + 0 * max by (array) (rig_raid_degraded_disks{@} > 0)'
               ' or 4 * max by (array) (rig_raid_sync_action{@, action=~"resync|check|repair|reshape"} == 1)'
               ' or 5 * max by (array) (rig_raid_array_usable{@} == 1)')
ALERT_SEVERITIES = {0: ("critical", RED), 1: ("warning", ORANGE), 2: ("info", BLUE)}
# Appended to a query per GPU, adds the label name for the legend.
NAMED = " * on (cluster, job, instance, gpu, pci_address) group_left (name) rig_gpu_info{@}"
GPU_LEGEND = "#{{gpu}} {{name}}"
CPU_BUSY = ('sum(rate(rig_cpu_seconds_total{@, mode!~"idle|iowait|guest|guest_nice"}[$__rate_interval]))'
            ' / sum(rate(rig_cpu_seconds_total{@, mode!~"guest|guest_nice"}[$__rate_interval]))'
            ' and on () max(up{@}) == 1')
# A rate has a value for some minutes after the machine has gone down; this removes it.
WHILE_UP = " and on (cluster, job, instance) up{@} == 1"
FULL = "1 - rig_filesystem_available_bytes{@} / rig_filesystem_size_bytes{@}"


def number_of_state(metric, label, states, by):
    """A number instead of the label of a state set, for a timeline: the one that has this text in states."""
    return " or ".join(f'{number} + 0 * max by ({by}) ({metric}, {label}="{text}"}} == 1)' for number, (text, _) in states.items())


def by_severity(alerts):
    """A number that sorts critical alerts first, for a query about the alerts of one SEVERITY."""
    return " or ".join(f"{number} + 0 * {alerts.replace('SEVERITY', text)}" for number, (text, _) in ALERT_SEVERITIES.items())


def selected(expression, one_machine):
    """Replaces {@...} by the label matchers of the dashboard's variables."""
    instance = 'instance="$instance"' if one_machine else 'instance=~"$instance"'
    machine = f'cluster=~"$cluster", job=~"$job", {instance}'
    for name, label in (("gpu", "gpu"), ("array", "array"), ("disk", "device")):
        expression = expression.replace("{@" + name, f'{{{machine}, {label}=~"${name}"')
    return (expression.replace("{@alerts", f'{{cluster=~"$cluster", {instance}').replace("{@", f"{{{machine}"))
