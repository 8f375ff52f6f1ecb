import { build } from 'hdr-histogram-js';

const RANGE = { lowestDiscernibleValue: 1, highestTrackableValue: 120_000_000, numberOfSignificantValueDigits: 3 };

/** How the requests of one kind of client ended, and after how long, in HDR histograms by status. */
export function createTally() {
  const counts = new Map();
  const histograms = new Map();
  let sent = 0;
  let triesAtMost = 0;

  const quantile = (status, percent) => {
    const histogram = histograms.get(status);
    return histogram ? histogram.getValueAtPercentile(percent) / 1000 : undefined;
  };
  const count = (status) => counts.get(status) ?? 0;

  return {
    /** `milliseconds` from the moment at which the request was due, not from that at which it could be sent. */
    record(status, milliseconds, tries = 1) {
      sent += 1;
      triesAtMost = Math.max(triesAtMost, tries);
      counts.set(status, count(status) + 1);
      if (!histograms.has(status)) histograms.set(status, build(RANGE));
      histograms.get(status).recordValue(Math.max(Math.round(milliseconds * 1000), 1));
    },
    count,
    quantile,
    sent: () => sent,
    triesAtMost: () => triesAtMost,
    /** Answers that told the client whether it was right. */
    verdicts: () => count(400) + count(401) + count(403),
    success: () => (sent === 0 ? undefined : count(200) / sent),
    statuses: () => Object.fromEntries([...counts].sort(([a], [b]) => String(a).localeCompare(String(b)))),
  };
}
