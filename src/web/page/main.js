// Polls the exporter while somebody can see the page.
import { fetchHistory, fetchLive } from "./api.js";
import {
  failureAdvice,
  failureText,
  NOT_UNDERSTOOD,
  POLL_SECONDS,
  waitSeconds,
} from "./connection.js";
import { setAttribute, setHidden, setText } from "./dom.js";
import { clockText, durationText, isNumber } from "./format.js";
import { History, HISTORY_SECONDS } from "./history.js";
import { recordedCpuPoints } from "./model/host.js";
import { newMemory, viewModel } from "./model/view.js";
import { sectionViews } from "./sections.js";
import { headlineView } from "./tiles/headline.js";

const FIRST_WAIT_SECONDS = 1; // rates need two samples
const LONGEST_PAUSE_SECONDS = 6;

const find = (id) => document.getElementById(id);
let memory = newMemory(new History());
let clock; // of the recorded times; changes when the exporter's clock is set
const headline = headlineView(find);
const updateSections = sectionViews(find);
let program; // the version of the exporter that this page is from
let latest; // the last collection that was received
let failures = 0;
let lostSince = 0;
let timer;
let polling = false;

function showMachine({ exporter, time }, { host, bootTime }) {
  const up = isNumber(bootTime) ? `up ${durationText(time - bootTime)}` : "";
  const facts = [host.os, host.kernel && `Linux ${host.kernel}`, up].filter(Boolean);
  setText(find("hostname"), exporter.hostname ?? "");
  setText(find("machine"), facts.join(" · "));
  setText(find("version"), `rig_exporter ${exporter.version} (${exporter.revision})`);
  if (/^\/(?!\/)/.test(exporter.telemetry_path)) {
    setAttribute(find("metrics"), "href", exporter.telemetry_path.slice(1));
  }
}

function show(live) {
  const view = viewModel(live, memory);
  const context = { history: memory.history, cpuPoints: memory.cpuPoints, now: live.time };
  showMachine(live, view);
  updateSections(view, context);
  headline.update(view.headline, live.exporter.hostname);
  setText(find("updated"), clockText(live.time));
  setHidden(find("values"), false);
  setHidden(find("about"), false);
}

function forgetOld(now) {
  const oldest = now - HISTORY_SECONDS;
  memory.history.forgetBefore(oldest);
  memory.cpuPoints = memory.cpuPoints.filter(([time]) => time >= oldest);
}

// What was recorded while the page did not look: at first, and after it was hidden or cut off.
async function loadHistory() {
  try {
    let recorded = await fetchHistory(memory.history.latest);
    if (clock !== undefined && recorded.clock !== clock) {
      memory = newMemory(new History());
      recorded = await fetchHistory(0);
    }
    clock = recorded.clock;
    memory.history.merge(recorded);
    memory.cpuPoints.push(...recordedCpuPoints(recorded));
    memory.cpuPoints.sort((one, other) => one[0] - other[0]);
  } catch {
    // The values themselves are worth more than their history.
  }
}

function showFailure({ status, retryAfter }) {
  failures += 1;
  if (failures === 1) lostSince = Date.now() / 1000;
  const wait = waitSeconds(failures, retryAfter);
  const old = latest ? "The values below are the last ones that were received." : "";
  const advice = [failureAdvice(status), old, `Trying again every ${wait} s.`]
    .filter(Boolean)
    .join(" ");
  headline.setLost({ text: failureText(status, clockText(lostSince)), advice });
  return wait;
}

// Whether values are missing between the last collection and this one, or its clock was set.
function isContinued(live) {
  if (!latest) return false;
  const waited = performance.now() / 1000 - latest.receivedAt;
  const passed = live.time - latest.time;
  return waited < LONGEST_PAUSE_SECONDS && Math.abs(passed - waited) < LONGEST_PAUSE_SECONDS;
}

// A wall screen is not reloaded by anybody.
function isUpdated({ exporter }) {
  const current = `${exporter.version} ${exporter.revision}`;
  program ??= current;
  return program !== current;
}

async function poll() {
  if (polling) return;
  polling = true;
  clearTimeout(timer);
  let wait = POLL_SECONDS;
  try {
    const live = await fetchLive();
    if (isUpdated(live)) {
      window.location.reload();
      return;
    }
    const continued = isContinued(live);
    if (latest && live.time < latest.time - 1) memory = newMemory(new History());
    if (!continued) await loadHistory();
    if (!latest) wait = FIRST_WAIT_SECONDS;
    failures = 0;
    headline.setLost(undefined);
    show(live);
    forgetOld(live.time);
    latest = { time: live.time, receivedAt: performance.now() / 1000 };
  } catch (error) {
    if (error.status === undefined) console.error(error);
    wait = showFailure({ status: NOT_UNDERSTOOD, ...error });
  } finally {
    polling = false;
    if (!document.hidden) timer = setTimeout(poll, wait * 1000);
  }
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (!document.hidden) poll();
});
window.addEventListener("online", poll);
poll();
