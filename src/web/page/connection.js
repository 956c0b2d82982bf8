// What to tell when the exporter does not answer, and when to ask again.
export const POLL_SECONDS = 2;
const LONGEST_WAIT_SECONDS = 30;

// 2, 4, 8, 16, 30, 30... seconds, or what the exporter asks for.
export function waitSeconds(failures, retryAfter = 0) {
  const backoff = Math.min(POLL_SECONDS * 2 ** (failures - 1), LONGEST_WAIT_SECONDS);
  return Math.max(backoff, Math.min(retryAfter, 300));
}

// The answer of the exporter was no error, but could not be shown.
export const NOT_UNDERSTOOD = -1;

export function failureText(status, since) {
  if (status === NOT_UNDERSTOOD) return `This page cannot show the values since ${since}`;
  if (status === 0) return `No contact with the exporter since ${since}`;
  if (status === 401) return `Not signed in since ${since}: a user name and password are needed`;
  if (status === 403) return `Access is refused since ${since}`;
  if (status === 404) return `The exporter has had no live values for this page since ${since}`;
  if (status === 503) return `The exporter is overloaded since ${since}`;
  return `The exporter has answered with an error (${status}) since ${since}`;
}

export function failureAdvice(status) {
  if (status === NOT_UNDERSTOOD) return "Reload the page; if it fails again, report it as a bug.";
  if (status === 0) return "Check that it runs, and the network between it and this device.";
  if (status === 401) return "Reload the page to be asked for them again.";
  if (status === 403) return "Ask whoever runs the exporter, or the proxy in front of it.";
  if (status === 404) return "Reload the page: the exporter may have another version by now.";
  if (status === 503) return "It answers again when fewer programs query it at the same time.";
  return "Its log may say why.";
}
