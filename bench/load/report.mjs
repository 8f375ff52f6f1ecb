const TITLES = { ours: '**express-token-router**', today: 'bare Express, `urlencoded`, express-rate-limit' };

const number = (value, digits = 0) =>
  value === undefined
    ? ''
    : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const text = (value) => (typeof value === 'number' ? number(value, Number.isInteger(value) ? 0 : 2) : value);
const percent = (share) => (share === undefined ? '' : `${number(share * 100, share === 1 || share === 0 ? 0 : 1)} %`);
const milliseconds = (value) => (value === undefined ? '' : `${number(value)} ms`);

const HEAD = [
  '',
  'honest success',
  'p50',
  'p99',
  'spent without an answer',
  "attackers' verdicts",
  '429',
  '503',
  'RSS, peak',
  'longest block',
];

/** The tables of a run: a goal a line, then a table a scenario. */
export function toMarkdown({ machine, results }) {
  return `${[describe(machine), toGoals(results), ...results.map(toTable)].join('\n\n')}\n`;
}

function describe({ node, cpu, cores, isPinned, isQuick, load, hasAddresses }) {
  return [
    `Node ${node} (server), ${cores} × ${cpu}.`,
    isPinned ? 'The server had one core, the generator another.' : 'No taskset: server and generator shared the cores.',
    hasAddresses ? '' : 'One loopback address: clients were told apart by `X-Forwarded-For`.',
    `Load average before and after: ${load.map((one) => one.toFixed(1)).join(', ')}${isQuick ? '; a quick run' : ''}.`,
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function toGoals(results) {
  const rows = results.flatMap(({ row, name, rigs }) =>
    rigs
      .filter(({ rig }) => rig === 'ours')
      .flatMap(({ checks, failure }) => [
        ...(failure ? [`| ${row} | ${name} | ${failure} | | **missed** |`] : []),
        ...checks.map(({ what, is, atLeast, atMost, isMet }) => {
          const goal = atLeast === undefined ? `≤ ${text(atMost)}` : `≥ ${text(atLeast)}`;
          return `| ${row} | ${name} | ${what}: ${text(is)} | ${goal} | ${isMet ? 'met' : '**missed**'} |`;
        }),
      ]),
  );
  return ['| row | scenario | measured | goal | |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

function toTable({ row, name, title, rigs }) {
  const rows = rigs.map(({ rig, failure, honest, attack, figures }) => {
    if (failure) return `| ${TITLES[rig]} | ${failure} |${' |'.repeat(HEAD.length - 2)}`;
    const { spent, ofAbandoned, rssBefore, rssPeak, blockMs } = figures;
    const cells = [
      TITLES[rig],
      percent(honest.success),
      milliseconds(honest.p50),
      milliseconds(honest.p99),
      `${number(spent)}${ofAbandoned > 0 ? ` and ${number(ofAbandoned)} of clients that had hung up` : ''}`,
      attack.sent === 0 ? '' : number(attack.verdicts),
      attack.sent === 0 ? '' : number(attack.limited),
      number(honest.unavailable + attack.unavailable),
      `${number(rssBefore)} → ${number(rssPeak)} MiB`,
      milliseconds(blockMs),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const remarks = rigs.map(({ rig, failure, honest, attack, figures, notes }) => {
    if (failure) return undefined;
    const parts = [
      ...(honest.sent > 0 ? [`honest ${list(honest.statuses)}`] : []),
      ...(attack.sent > 0 ? [`attackers ${list(attack.statuses)}`] : []),
      ...Object.entries(notes).map(([what, value]) => `${what}: ${text(value)}`),
      `the server had ${percent(figures.cpuMs / figures.seconds / 1000)} of a core`,
    ];
    return `- ${TITLES[rig]}: ${parts.join('; ')}`;
  });
  return [
    `### ${row}: ${name}`,
    '',
    `${title[0].toUpperCase()}${title.slice(1)}.`,
    '',
    `| ${HEAD.join(' | ')} |`,
    `| --- |${' ---: |'.repeat(HEAD.length - 1)}`,
    ...rows,
    '',
    ...remarks.filter((remark) => remark !== undefined),
  ].join('\n');
}

const list = (statuses) =>
  Object.entries(statuses)
    .map(([status, count]) => `${number(count)} × ${status}`)
    .join(', ');
