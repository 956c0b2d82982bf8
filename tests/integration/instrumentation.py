"""What the exporter exposes about itself, in contrast to what its collectors read."""
import re

OWN_METRICS = re.compile(r"(?:process_\w+|rig_exporter_\w+|rig_collector_(?:success|duration_seconds)|rig_gpu_probe_restarts_total)$")


def family_of(line):
    """The metric that a line of an exposition is about; of a histogram's sample the name with its suffix."""
    return re.match(r"(?:# (?:HELP|TYPE) )?(\w+)", line).group(1)


def is_own(line):
    """Whether a line of an exposition is about the exporter itself."""
    return bool(OWN_METRICS.match(family_of(line)))
