// Whether everything is healthy; if not, what is wrong and what to do.
import { counted } from "../format.js";
import { fillLevel } from "./storage.js";

// [{level, subject, tokens, what, advice}] that the values themselves show. `tokens` are the names
// under which the doctor may have reported the same already.
function fromGpus(gpus) {
  return gpus
    .filter(({ level }) => level === "problem" || level === "warning")
    .map((gpu) => ({
      level: gpu.level,
      subject: `GPU ${gpu.index}`,
      tokens: [`GPU ${gpu.index}`, gpu.address],
      what: [`${gpu.name}: ${gpu.text.toLowerCase()}.`, gpu.note].filter(Boolean).join(" "),
      advice: gpu.state === "hung" ? "See dmesg; a hung driver often needs a reboot." : "",
    }));
}

function fromArrays(arrays) {
  return arrays
    .filter(({ level }) => level === "problem" || level === "warning")
    .map((array) => ({
      level: array.level,
      subject: "RAID",
      tokens: [array.name],
      what: `${array.name} (${array.levelText}) is ${array.text.toLowerCase()}. ${array.note}`,
      advice: array.level === "problem" ? `See "mdadm --detail /dev/${array.name}" and dmesg.` : "",
    }));
}

// The filesystem of a dead array has errors because the array is dead.
function isOnDeadArray({ mountpoint }, arrays) {
  return arrays.some(
    ({ level, filesystem }) => level === "problem" && filesystem?.mountpoint === mountpoint,
  );
}

function fromFilesystems(filesystems, arrays) {
  const findings = [];
  for (const filesystem of filesystems) {
    if (isOnDeadArray(filesystem, arrays)) continue;
    const { mountpoint, used, readonly, errors, device } = filesystem;
    const level = fillLevel(used);
    const add = (found, what, advice) =>
      findings.push({ level: found, subject: "Filesystem", tokens: [mountpoint], what, advice });
    if (level !== "ok") {
      add(level, `${mountpoint} is ${Math.floor(used * 100)} % full.`, "Delete or move files.");
    }
    if (errors > 0) {
      const mounted = readonly ? "The kernel has made it read-only. " : "";
      add(
        "problem",
        `${mountpoint} has ${counted(errors, "recorded error")}.`,
        `${mounted}Save what is needed, then check ${device} with e2fsck.`,
      );
    }
  }
  return findings;
}

function fromCollectors(collectors) {
  return collectors
    .filter(({ reasons }) => reasons.length > 0)
    .map(({ name, reasons }) => ({
      level: "warning",
      subject: "Collector",
      tokens: [],
      what: `${name} could not read everything: ${reasons[0]}.`,
      advice: reasons.length > 1 ? `${counted(reasons.length - 1, "more reason")} below.` : "",
    }));
}

// A whole word: md1 is not md12.
function mentions(text, token) {
  const at = text.indexOf(token);
  if (at < 0) return false;
  const after = text[at + token.length] ?? " ";
  const before = text[at - 1] ?? " ";
  return !/[\w/]/.test(after) && !/[\w/]/.test(before);
}

function isReported(finding, reported) {
  return reported.some(
    ({ level, what }) =>
      level === "problem" && finding.tokens.some((token) => mentions(what, token)),
  );
}

function headlineText(problems, warnings, determined) {
  if (problems.length === 1) return problems[0].what;
  if (problems.length > 1) return counted(problems.length, "problem");
  if (warnings.length > 0) return `Working, with ${counted(warnings.length, "warning")}`;
  return determined ? "Everything is healthy" : "No problem seen so far";
}

export function headlineModel({ live, gpus, arrays, filesystems, collectors }) {
  const reported = live.findings ?? [];
  const seen = [
    ...fromArrays(arrays),
    ...fromGpus(gpus),
    ...fromFilesystems(filesystems, arrays),
    ...fromCollectors(collectors),
  ].filter((finding) => !isReported(finding, reported));
  const findings = [...reported.filter(({ level }) => level === "problem"), ...seen];
  const problems = findings.filter(({ level }) => level === "problem");
  const warnings = findings.filter(({ level }) => level === "warning");
  return {
    level: problems.length > 0 ? "problem" : warnings.length > 0 ? "warning" : "ok",
    text: headlineText(problems, warnings, live.findings_time !== undefined),
    short:
      problems.length > 0
        ? counted(problems.length, "problem")
        : warnings.length > 0
          ? counted(warnings.length, "warning")
          : "OK",
    findings: [...problems, ...warnings],
    notes: reported.filter(({ level }) => level !== "problem"),
  };
}
