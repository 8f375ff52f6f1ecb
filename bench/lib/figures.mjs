export const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[Math.floor(middle)];
};

const COLUMNS = ['cpu', 'user', 'system', 'throughput', 'p50', 'p99', 'delayP99', 'delayMax', 'rss'];

/**
 * Medians over the rounds; a ratio is the median of the rounds' own ratios, so that what else the machine did in a round
 * hits both sides of it.
 */
export function summarize(rounds, baseline) {
  const medians = Object.fromEntries(COLUMNS.map((column) => [column, median(rounds.map((round) => round[column]))]));
  const ratioOf = (column) => median(rounds.map((round, index) => round[column] / baseline[index][column]));
  return { ...medians, ratio: ratioOf('cpu'), throughputRatio: ratioOf('throughput'), p99Ratio: ratioOf('p99') };
}
