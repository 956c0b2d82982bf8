"""The dashboard RAID and disks: one machine."""
from panels import Column, Query, Row, dashboard, graph, right_axis, stat, table, timeline
from storage import FULLNESS, arrays_usable, fullest_filesystem
from style import (ARRAY_STATE, ARRAY_STATES, BLUE, FULL, GREEN, GREY, ORANGE, PURPLE, RED, WHILE_UP, YELLOW,
                   number_of_state)
from variables import array, cluster, count, datasource, disk, instance, job

RATE = "[$__rate_interval])"
NO_ARRAY, NO_MEMBER, NO_DISK = "No md array", "No members", "No disk"
HEAT = (GREEN, (ORANGE, 55), (RED, 65))
# Several flags of a member can be set; the first of these counts.
MEMBER_STATES = {0: ("Vanished", RED), 1: ("Faulty", RED), 2: ("Offline", RED), 3: ("Write error", ORANGE),
                 4: ("Blocked", ORANGE), 5: ("Rebuilding", YELLOW), 6: ("To be replaced", YELLOW), 7: ("Replacement", BLUE),
                 8: ("Journal", BLUE), 9: ("Spare", GREY), 10: ("In sync", GREEN)}
MEMBER_STATE = " or ".join([
    "max by (array, member) (rig_raid_member_present{@array} == 0)",
    '1 + 0 * max by (array, member) (rig_raid_member_state{@array, state="faulty"} == 1)',
    "2 + max by (array, member) (rig_raid_member_device_online{@array} == 0)",
    *(f'{number} + 0 * max by (array, member) (rig_raid_member_state{{@array, state="{flag}"}} == 1)'
      for number, flag in enumerate(("write_error", "blocked", "rebuilding", "want_replacement", "replacement", "journal",
                                     "spare", "in_sync"), start=3))])
SYNC_ACTIONS = {0: ("recover", YELLOW), 1: ("resync", BLUE), 2: ("check", BLUE), 3: ("repair", BLUE), 4: ("reshape", PURPLE),
                5: ("frozen", GREY), 6: ("other", GREY), 7: ("idle", GREEN)}
OF_SELECTED = ARRAY_STATE.replace("{@", "{@array")
# Seconds until a filesystem is full, if it goes on as in the time range; not if that takes more than a year.
FULL_IN = ("rig_filesystem_available_bytes{@} / - (deriv(rig_filesystem_available_bytes{@}[$__range]) < 0) < 31536000")
INODES = "1 - rig_filesystem_files_free{@} / (rig_filesystem_files{@} > 0)"


def summary():
    missing = ('(max by (array, member) (rig_raid_member_present{@array} == 0)'
               ' or max by (array, member) (rig_raid_member_state{@array, state="faulty"} == 1))')
    return Row(None, [
        arrays_usable((6, 3)),
        stat("Least tolerance", "How many more members can fail in the array that tolerates the fewest failures, before it is lost. Arrays "
             "without redundancy (RAID 0, linear) are left out.",
             "bottomk(1, max by (array) (rig_raid_failures_tolerated{@array}) and max by (array) (rig_raid_degraded_disks{@array}))",
             "suffix: failures", (6, 3), empty="No redundant array", legend="{{array}}", text="value_and_name",
             steps=(RED, (GREEN, 1))),
        stat("Missing or faulty", "Members whose block device has vanished, or that md has marked as faulty.",
             f"count({missing}) or 0 * count(rig_raid_member_present{{@array}})", "none", (6, 3), empty=NO_MEMBER,
             states={0: ("None", GREEN)}, steps=(GREEN, (RED, 1))),
        stat("Longest sync", "Estimated remaining time of the running syncs: of the one that takes longest.",
             "max(rig_raid_sync_remaining_seconds{@array})", "s", (6, 3), empty="No sync", steps=(BLUE,)),
        stat("Mismatches", "Sectors that differed between members at the last check or resync. A repair has made them equal, and does not "
             "count here. RAID 1 and 10 with swap or a running database may show some without an error.",
             'sum(rig_raid_mismatch_sectors{@array, after!="repair"})', "suffix: sectors", (6, 3), empty="Not counted",
             states={0: ("None", GREEN)}, steps=(GREEN, (ORANGE, 1))),
        stat("Hottest member", "The hottest disk under a member of the selected arrays.",
             "topk(1, max by (member) (rig_raid_member_temperature_celsius{@array}))", "celsius", (6, 3), empty="No sensor",
             legend="{{member}}", text="value_and_name", steps=HEAT),
        stat("Busiest disk", "The disk that had requests in progress for the largest part of the last minutes.",
             f"topk(1, max by (device) (rate(rig_disk_io_seconds_total{{@disk}}{RATE}{WHILE_UP}))", "percentunit", (6, 3), empty=NO_DISK,
             legend="{{device}}", text="value_and_name", steps=(BLUE, (ORANGE, 0.95)), decimals=0),
        fullest_filesystem((6, 3))])


def arrays():
    roles = {"Active": "active", "Missing": "missing", "Rebuilding": "rebuilding", "Spare": "spare", "Faulty": "faulty"}
    bad = {"Missing", "Faulty"}
    return Row("Arrays", [
        table("Arrays", "Current state of each array, problems first. Tolerates: how many more members can fail, whichever they are, before "
              "the array is lost. Required: its number of slots.", [
                  Column("Array", label="array", width=110), Column("State", OF_SELECTED, states=ARRAY_STATES, width=100),
                  Column("md state", 'max by (array, state) (rig_raid_array_state{@array} == 1)', value=False, label="state"),
                  Column("Level", "max by (array, level) (rig_raid_array_info{@array})", value=False, label="level"),
                  Column("Tolerates", "max by (array) (rig_raid_failures_tolerated{@array})", unit="suffix: failures"),
                  Column("Required", "max by (array) (rig_raid_disks_required{@array})"),
                  *(Column(title, f'max by (array) (rig_raid_disks{{@array, state="{state}"}})',
                           steps=(GREEN, (RED, 1)) if title in bad else None) for title, state in roles.items()),
                  Column("Size", "max by (array) (rig_raid_array_size_bytes{@array})", unit="bytes"),
                  Column("Sync", "max by (array) (rig_raid_sync_progress_ratio{@array})", unit="percentunit", decimals=1),
                  Column("Remaining", "max by (array) (rig_raid_sync_remaining_seconds{@array})", unit="s")],
              (24, 7), empty=NO_ARRAY, sort="State"),
        timeline("Array states", "Absent: the array is expected or existed since the exporter started. Not usable: it does not serve reads "
                 "and writes.", [Query(OF_SELECTED, "{{array}}")], ARRAY_STATES, (12, 8), empty=NO_ARRAY),
        graph("Tolerated failures", "How many more members can fail, whichever they are, before the array is lost.",
              [Query("max by (array) (rig_raid_failures_tolerated{@array})", "{{array}}")], "none", (6, 8), empty=NO_ARRAY, decimals=0,
              soft_max=2),
        graph("Changes", "Changes of members, slots, read-only state and sync action that md reported, also between scrapes.",
              [Query(f"increase(rig_raid_changes_total{{@array}}{RATE}", "{{array}}")], "short", (6, 8), empty="Not counted", soft_max=1)])


def members():
    return Row("Members", [
        table("Members", "Members of the selected arrays, problems first. Model and serial number are kept after the disk has vanished, "
              "so that the right one can be pulled. Errors: read errors that md corrected, and failed commands, of which healthy disks "
              "have some, too. Removals: times that the device has vanished since the exporter first saw it.", [
                  Column("Array", label="array", width=110), Column("Slot", "max by (array, member, slot, model, serial) "
                                                         "(rig_raid_member_info{@array})", value=False, label="slot", width=60),
                  Column("Member", label="member", width=100), Column("State", MEMBER_STATE, states=MEMBER_STATES, width=110),
                  Column("Model", label="model"), Column("Serial", label="serial"),
                  Column("Temperature", "max by (array, member) (rig_raid_member_temperature_celsius{@array})", unit="celsius", steps=HEAT,
                         decimals=0),
                  Column("Read errors", "max by (array, member) (rig_raid_member_corrected_read_errors_total{@array})",
                         steps=(GREEN, (ORANGE, 1))),
                  Column("Failed commands", "max by (array, member) (rig_raid_member_io_errors_total{@array})"),
                  Column("Bad blocks", "max by (array, member) (rig_raid_member_bad_blocks_bytes{@array})", unit="bytes",
                         steps=(GREEN, (RED, 1))),
                  Column("Removals", "max by (array, member) (rig_raid_member_removals_total{@array})", steps=(GREEN, (RED, 1)))],
              (24, 8), empty=NO_MEMBER, sort="State"),
        timeline("Member states", "The most serious state of each member.", [Query(MEMBER_STATE, "{{array}} {{member}}")], MEMBER_STATES,
                 (24, 6), empty=NO_MEMBER),
        graph("Member temperatures", "Temperature of the hottest disk under each member; absent while it is in standby. SATA disks need the "
              "kernel module drivetemp.",
              [Query("max by (array, member) (rig_raid_member_temperature_celsius{@array})", "{{array}} {{member}}")], "celsius", (8, 8),
              empty="No temperature sensor"),
        graph("Member errors", "New read errors that md corrected, and new failed commands.",
              [Query(f"increase(rig_raid_member_corrected_read_errors_total{{@array}}{RATE}", "{{member}} corrected reads"),
               Query(f"increase(rig_raid_member_io_errors_total{{@array}}{RATE}", "{{member}} failed commands")], "short", (8, 8),
              empty="Not counted", soft_max=1),
        graph("Removals", "Times that the block device of a member was removed, also between scrapes.",
              [Query(f"increase(rig_raid_member_removals_total{{@array}}{RATE}", "{{array}} {{member}}")], "short", (8, 8),
              empty="Not counted", soft_max=1)])


def sync():
    return Row("Sync, bitmap and stripe cache ($redundant arrays with redundancy)", [
        timeline("Sync actions", "What md does with each array: recover rebuilds a member, resync makes members equal after a crash.",
                 [Query(number_of_state("rig_raid_sync_action{@array", "action", SYNC_ACTIONS, "array"), "{{array}}")], SYNC_ACTIONS,
                 (12, 7), empty="No array with redundancy"),
        table("Running and waiting syncs", "Delayed: for another array on the same disks. Pending: for the first write. Remote: for another "
              "node of the cluster.", [
                  Column("Array", label="array", width=110),
                  Column("Action", 'max by (array, action) (rig_raid_sync_action{@array, action!~"idle|frozen"} == 1)', value=False,
                         label="action"),
                  Column("Progress", "max by (array) (rig_raid_sync_progress_ratio{@array})", unit="percentunit", bar=True, decimals=1,
                         width=130),
                  Column("Speed", "max by (array) (rig_raid_sync_speed_bytes_per_second{@array})", unit="Bps"),
                  Column("Remaining", "max by (array) (rig_raid_sync_remaining_seconds{@array})", unit="s"),
                  Column("Waits", "max by (array, reason) (rig_raid_sync_waiting{@array} == 1)", value=False, label="reason")],
              (12, 7), empty="No sync", sort="Remaining", descending=True),
        graph("Sync progress", "Completed part of the running sync.", [Query("rig_raid_sync_progress_ratio{@array}", "{{array}}")],
              "percentunit", (8, 8), empty="No sync in this time range", maximum=1),
        graph("Sync speed", "Speed of the running sync, for each member.",
              [Query("rig_raid_sync_speed_bytes_per_second{@array}", "{{array}}")], "Bps", (8, 8), empty="No sync in this time range"),
        graph("Remaining time", "Estimated time until the running sync is complete.",
              [Query("rig_raid_sync_remaining_seconds{@array}", "{{array}}")], "s", (8, 8), empty="No sync in this time range"),
        graph("Mismatches", "Sectors that differed between members, by the sync that counted them. A repair has made them equal.",
              [Query("rig_raid_mismatch_sectors{@array}", "{{array}} {{after}}")], "short", (8, 8), empty="Not counted", soft_max=1),
        graph("Write-intent bitmap", "Pages of the bitmap with regions that may be out of sync. Dashed: all its pages. On the right: chunks "
              "of a lockless bitmap (Linux 6.18) by state.",
              [Query("rig_raid_bitmap_dirty_pages{@array}", "{{array}} dirty"),
               Query("rig_raid_bitmap_pages{@array}", "{{array}} pages", dashed=True),
               Query("rig_raid_bitmap_chunks{@array}", "{{array}} chunks {{state}}")], "short", (8, 8), empty="No bitmap",
              overrides=[right_axis("C")]),
        graph("Stripe cache", "Stripes of the cache of RAID 4, 5 and 6 that are in use. Dashed: its size.",
              [Query("rig_raid_stripe_cache_active{@array}", "{{array}}"),
               Query("rig_raid_stripe_cache_size{@array}", "{{array}} size", dashed=True)], "short", (8, 8), empty="No RAID 4, 5 or 6")], collapsed=True)


def disks():
    def rate(what):
        return f"rate(rig_disk_{what}_total{{@disk}}{RATE}"

    def disk_graph(title, description, expr, unit, **more):
        return graph(title, description, [Query(expr, "{{device}}")], unit, (8, 8), empty=NO_DISK, **more)

    return Row("Disks and arrays as block devices", [
        disk_graph("Reads", "Completed reads per second.", rate("reads"), "iops"),
        disk_graph("Writes", "Completed writes per second.", rate("writes"), "iops"),
        disk_graph("Utilization", "Part of the time with at least one request in progress. SSDs and arrays may take more work at 100 %.",
                   rate("io_seconds"), "percentunit", maximum=1),
        disk_graph("Read throughput", "Bytes read per second.", rate("read_bytes"), "Bps"),
        disk_graph("Write throughput", "Bytes written per second.", rate("written_bytes"), "Bps"),
        graph("Queue", "Mean number of requests that were waiting or in progress. Dotted: how many are in progress at the moment of the scrape.",
              [Query(f"{rate('read_seconds')} + {rate('write_seconds')}", "{{device}}"),
               Query("rig_disk_io_in_progress{@disk}", "{{device}} at the moment")], "short", (8, 8), empty=NO_DISK, soft_max=1,
              overrides=[{"matcher": {"id": "byFrameRefID", "options": "B"},
                          "properties": [{"id": "custom.lineStyle", "value": {"fill": "dot", "dash": [1, 5]}}]}]),
        disk_graph("Read latency", "Mean time of a read, with waiting; no value while nothing is read.",
                   f"{rate('read_seconds')} / ({rate('reads')} > 0)", "s"),
        disk_graph("Write latency", "Mean time of a write, with waiting; no value while nothing is written.",
                   f"{rate('write_seconds')} / ({rate('writes')} > 0)", "s"),
        disk_graph("Size of requests", "Mean size of reads and writes together.",
                   f"({rate('read_bytes')} + {rate('written_bytes')}) / ({rate('reads')} + {rate('writes')} > 0)", "bytes")])


def filesystems():
    key = "mountpoint, device, fstype"
    return Row("Filesystems", [
        table("Filesystems", "Space and inodes of each filesystem on a block device, the fullest first. Full in: if the use goes on as in the "
              "time range; empty if it does not grow, or would take more than a year. Reserved: for root.", [
                  Column("Mounted on", label="mountpoint", width=140), Column("Device", label="device", width=130), Column("Type", label="fstype", width=70),
                  Column("Used", f"max by ({key}) ({FULL})", unit="percentunit", bar=True, decimals=0, steps=FULLNESS, width=130),
                  Column("Full in", f"max by ({key}) ({FULL_IN})", unit="s", steps=(GREY, (RED, 0), (ORANGE, 86400), (GREEN, 604800)), decimals=1),
                  Column("Available", f"max by ({key}) (rig_filesystem_available_bytes{{@}})", unit="bytes"),
                  Column("Reserved", f"max by ({key}) (rig_filesystem_free_bytes{{@}} - rig_filesystem_available_bytes{{@}})", unit="bytes"),
                  Column("Size", f"max by ({key}) (rig_filesystem_size_bytes{{@}})", unit="bytes"),
                  Column("Inodes used", f"max by ({key}) ({INODES})", unit="percentunit", steps=FULLNESS, decimals=0),
                  Column("Read-only", f"max by ({key}) (rig_filesystem_readonly{{@}})",
                         states={0: ("no", GREEN), 1: ("yes", ORANGE)}, width=80)],
              (24, 8), empty="No filesystem on a block device", sort="Used", descending=True),
        graph("Used space", "Part of the space that is not available to unprivileged users.", [Query(FULL, "{{mountpoint}}")], "percentunit",
              (8, 8), maximum=1),
        graph("Predicted use", "Used space in one day, if it goes on as in a time range before each point. Choose a time range that is long "
              "enough to contain usual ups and downs.",
              [Query("clamp_max(1 - predict_linear(rig_filesystem_available_bytes{@}[$__range], 86400) / rig_filesystem_size_bytes{@}, 1)",
                     "{{mountpoint}}")], "percentunit", (8, 8), maximum=1),
        graph("Filesystem errors", "New errors that ext4 has detected and new warnings it has logged, and filesystems that have no series "
              "because there are too many of them.",
              [Query(f"increase(rig_filesystem_errors_total{{@}}{RATE}", "{{device}} errors"),
               Query(f"increase(rig_filesystem_warnings_total{{@}}{RATE}", "{{device}} warnings"),
               Query("rig_filesystems_omitted{@}", "filesystems without series")], "short", (8, 8), empty="No ext4 filesystem", soft_max=1)])


def details():
    return Row("Details of arrays", [
        table("Details of arrays", "What mdadm was told when it created each array.", [
            Column("Array", label="array", width=110),
            Column("Level", "max by (array, level, layout, metadata, name, uuid, consistency_policy) (rig_raid_array_info{@array})",
                   value=False, label="level"),
            Column("Layout", label="layout"), Column("Metadata", label="metadata"), Column("Name", label="name"),
            Column("UUID", label="uuid", width=280), Column("Consistency", label="consistency_policy"),
            Column("Chunk", "max by (array) (rig_raid_chunk_bytes{@array})", unit="bytes"),
            Column("Used of each member", "max by (array) (rig_raid_component_size_bytes{@array})", unit="bytes"),
            Column("Bitmap chunk", "max by (array) (rig_raid_bitmap_chunk_bytes{@array})", unit="bytes")], (18, 7), empty=NO_ARRAY),
        table("Events between scrapes", "Whether changes and removals between scrapes are counted; in a container without the host's network, "
              "removals are not reported to the exporter.", [
                  Column("Event", label="event"),
                  Column("Counted", "max by (event) (rig_raid_events_monitored{@})", states={0: ("no", ORANGE), 1: ("yes", GREEN)})],
              (6, 7), empty=NO_ARRAY)], collapsed=True)


def build():
    return dashboard(
        "rig-raid", "RAID and disks", "md arrays, their members and syncs, disks and filesystems of a machine.", ["raid"],
        [datasource(), cluster(), job(), instance(), array(), disk(), count("redundant", "count(rig_raid_degraded_disks{@array})")],
        [summary(), arrays(), members(), sync(), disks(), filesystems(), details()], one_machine=True, time="now-6h")
