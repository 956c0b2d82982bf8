"""Parses an exposition in the Prometheus text format."""
import re


class Metrics:
    def __init__(self, text):
        self._families = {}  # name -> [(labels, value)]
        for line in text.splitlines():
            if not line or line.startswith("#"):
                continue
            series, value = line.rsplit(" ", 1)
            name, _, labels = series.partition("{")
            pairs = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels))
            self._families.setdefault(name, []).append((pairs, float(value)))

    def series(self, family, **labels):
        """All series with these labels: [(labels, value)]."""
        return [(own, value) for own, value in self._families.get(family, [])
                if all(own.get(label) == text for label, text in labels.items())]

    def value(self, family, **labels):
        """The value of the only series with these labels, or None."""
        found = self.series(family, **labels)
        assert len(found) < 2, f"{family} {labels} matches {len(found)} series"
        return found[0][1] if found else None

    def by(self, label, family, **labels):
        """The values of the series by the value of a label."""
        return {own[label]: value for own, value in self.series(family, **labels)}

    def states(self, label, family, **labels):
        """The states of a state set whose value is 1."""
        return sorted(word for word, value in self.by(label, family, **labels).items() if value == 1)
