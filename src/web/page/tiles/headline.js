// The top of the page: the verdict, what is wrong, and how current it is.
import { element, keyedList, setAttribute, setHidden, setText } from "../dom.js";

const COLORS = { ok: "1f9d61", problem: "d5352f", warning: "c77700", lost: "6b7480" };
const MOST_FINDINGS = 5;

function findingPart() {
  const subject = element("span", { class: "subject" });
  const what = element("span", { class: "finding" });
  const advice = element("span");
  const todo = element("p", {}, element("span", { class: "subject" }, "What to do:"), " ", advice);
  const node = element("li", {}, element("p", {}, subject, " ", what), todo);
  return {
    node,
    update(finding) {
      setText(subject, finding.subject);
      setText(what, finding.what);
      setText(advice, finding.advice ?? "");
      setHidden(todo, !finding.advice);
      setAttribute(node, "data-level", finding.level);
    },
  };
}

const findingKey = ({ subject, what }) => `${subject} ${what}`;

function unique(findings) {
  return [...new Map(findings.map((finding) => [findingKey(finding), finding])).values()];
}

// The icon of the page contains its neutral color once.
function iconPart(link) {
  const neutral = link.href;
  return (state) => {
    const icon = neutral.replace("6b7480", COLORS[state]);
    if (link.href !== icon) link.href = icon;
  };
}

// `find` returns the element with an id.
export function headlineView(find) {
  const icon = iconPart(find("icon"));
  const updateFindings = keyedList(find("findings"), findingKey, findingPart);
  const updateMore = keyedList(find("more-findings"), findingKey, findingPart);
  const updateNotes = keyedList(find("notes"), findingKey, findingPart);
  let shown = { level: "ok", text: "", short: "", findings: [], notes: [] };
  let lost;
  let host = "";

  function show() {
    const state = lost ? "lost" : shown.level;
    document.body.dataset.state = state;
    setText(find("headline"), lost ? `${lost.text}.` : shown.text);
    setText(find("lost"), lost?.advice ?? "");
    setHidden(find("lost"), !lost);
    document.title = [lost ? "No values" : shown.short, host].filter(Boolean).join(" · ");
    icon(state);
  }

  return {
    update(headline, hostname) {
      shown = headline;
      host = hostname;
      // A single problem is the headline itself: what remains to say is what to do.
      const findings = unique(headline.findings);
      find("findings").classList.toggle("advice-only", headline.text === findings[0]?.what);
      updateFindings(findings.slice(0, MOST_FINDINGS));
      updateMore(findings.slice(MOST_FINDINGS));
      updateNotes(unique(headline.notes));
      setHidden(find("more"), findings.length <= MOST_FINDINGS);
      setText(find("more-title"), `${findings.length - MOST_FINDINGS} more`);
      setHidden(find("notes-section"), headline.notes.length === 0);
      show();
    },
    // {text, advice} while there are no values, else undefined.
    setLost(reason) {
      lost = reason;
      show();
    },
  };
}
