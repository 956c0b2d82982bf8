// Requests to the exporter. Addresses are relative, so that the page works below a path of a proxy.
const TIMEOUT_MS = 10_000;

// Why there are no values: status is that of HTTP, or 0 if there was no response at all.
export class RequestError extends Error {
  constructor(status, retryAfter) {
    super(`status ${status}`);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

async function getJson(address) {
  let response;
  try {
    response = await fetch(new URL(address, document.baseURI), {
      headers: { Accept: "application/json" },
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new RequestError(0);
  }
  if (!response.ok) {
    throw new RequestError(response.status, Number(response.headers.get("Retry-After")) || 0);
  }
  try {
    return await response.json();
  } catch {
    throw new RequestError(0);
  }
}

export function fetchLive() {
  return getJson("api/v1/live");
}

export function fetchHistory(since) {
  return getJson(since > 0 ? `api/v1/history?since=${since}` : "api/v1/history");
}
