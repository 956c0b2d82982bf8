// Which collectors failed, and why.
export function collectorModels({ families, problems }) {
  const names = families.all("rig_collector_success").map(({ labels }) => labels.collector);
  return names.map((name) => {
    const success = families.one("rig_collector_success", { collector: name });
    const reasons = problems.filter(({ collector }) => collector === name).map(({ text }) => text);
    if (success.value === 0 && reasons.length === 0) reasons.push("no reason was reported");
    return { key: name, name, reasons };
  });
}
