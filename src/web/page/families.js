// The samples of one collection. A reading is {metric, labels, value}; one that does not exist has
// the labels that were asked for and no value.
function numberOf(value) {
  if (value === "+Inf") return Infinity;
  if (value === "-Inf") return -Infinity;
  return Number(value); // "NaN" is NaN
}

export class Families {
  constructor(families = {}) {
    this.families = families;
    this.readings = new Map();
    this.indices = new Map();
  }

  all(metric) {
    let readings = this.readings.get(metric);
    if (!readings) {
      const samples = this.families[metric] ?? [];
      readings = samples.map(([labels, value]) => ({ metric, labels, value: numberOf(value) }));
      this.readings.set(metric, readings);
    }
    return readings;
  }

  // All with this value of a label; looked up in an index, as there may be thousands of samples.
  where(metric, label, value) {
    const name = `${metric} ${label}`;
    let index = this.indices.get(name);
    if (!index) {
      index = new Map();
      for (const reading of this.all(metric)) {
        const key = reading.labels[label];
        if (!index.has(key)) index.set(key, []);
        index.get(key).push(reading);
      }
      this.indices.set(name, index);
    }
    return index.get(value) ?? [];
  }

  one(metric, wanted = {}) {
    const [first, ...others] = Object.entries(wanted);
    const candidates = first ? this.where(metric, ...first) : this.all(metric);
    const found = candidates.find(({ labels }) =>
      others.every(([label, value]) => labels[label] === value),
    );
    return found ?? { metric, labels: wanted, value: undefined };
  }

  // The value of a label that is set in a state set: one series per state, of which one is 1.
  state(metric, label, wanted) {
    const [first] = Object.entries(wanted);
    const set = this.where(metric, ...first).find(({ value }) => value === 1);
    return set?.labels[label];
  }
}
