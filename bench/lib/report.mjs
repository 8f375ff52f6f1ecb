import { median } from './figures.mjs';
import { BASELINE, MODES } from './rigs.mjs';

const round = (number, digits = 0) =>
  number.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** The tables of a run: one that compares, then one for each mode with all its figures. */
export function toMarkdown({ machine, results }) {
  const parts = [
    `${describe(machine)}`,
    toOverview(results),
    toGoals(results),
    ...results.map(toTable),
    toRemarks(results),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function describe({ node, cpu, cores, load, express, rounds, connections, isQuick }) {
  const [before, after] = load;
  return [
    `Node ${node}, Express ${express}, ${cores} × ${cpu}; ${rounds} interleaved rounds, ${connections} connections, one`,
    `code a request. Load average before and after: ${before}, ${after}${isQuick ? '; a quick run' : ''}.`,
  ].join(' ');
}

function toOverview(results) {
  const shown = results.filter(({ mode }) => ['opaque', 'es256', 'rs256'].includes(mode));
  if (shown.length < 2) return '';
  const titles = [...new Map(shown.flatMap(({ rigs }) => rigs.map(({ name, title }) => [name, title])))];
  const rows = titles.map(([name, title]) => {
    const cells = shown.map(({ rigs }) => {
      const rig = rigs.find((one) => one.name === name);
      return rig ? `${round(rig.figures.cpu)} µs (${round(rig.figures.ratio, 2)}×)` : '';
    });
    return `| ${[title, ...cells].join(' | ')} |`;
  });
  const head = `| CPU of the server per redemption | ${shown.map(({ mode }) => MODES[mode]).join(' | ')} |`;
  return [head, `| --- |${' ---: |'.repeat(shown.length)}`, ...rows].join('\n');
}

/** What the package may cost with opaque tokens: CPU of the one rig by that of the other, at most. */
const GOALS = [
  ['ours-limiter', 'ours', 1.05, 'limiter on, by limiter off'],
  ['ours', BASELINE, 0.9, 'limiter off, by bare Express'],
  ['ours-limiter', BASELINE, 0.95, 'limiter on, by bare Express (which has none)'],
  ['ours-limiter-fast', BASELINE, 0.6, 'limiter on, on examples/fast, by bare Express with `app.listen`'],
];

function toGoals(results) {
  const { rigs = [] } = results.find(({ mode }) => mode === 'opaque') ?? {};
  const trialsOf = (name) => rigs.find((rig) => rig.name === name)?.trials;
  const rows = GOALS.flatMap(([name, other, limit, title]) => {
    const [trials, others] = [trialsOf(name), trialsOf(other)];
    if (!trials || !others) return [];
    const ratio = median(trials.map(({ cpu }, index) => cpu / others[index].cpu));
    return [`| ${title} | ${round(ratio, 2)}× | ≤ ${round(limit, 2)}× | ${ratio <= limit ? 'met' : '**missed**'} |`];
  });
  if (rows.length === 0) return '';
  return ['| CPU, opaque token | measured | goal | |', '| --- | ---: | ---: | --- |', ...rows].join('\n');
}

const HEAD = ['', 'CPU', 'ratio', 'redemptions/s', 'p50', 'p99', 'loop delay p99', 'loop delay max', 'RSS'];

function toTable({ mode, rigs }) {
  const rows = rigs.map(({ title, figures }) => {
    const { cpu, ratio, throughput, p50, p99, delayP99, delayMax, rss } = figures;
    const times = [p50, p99, delayP99, delayMax].map((ms) => `${round(ms, 1)} ms`);
    return `| ${[title, `${round(cpu)} µs`, `${round(ratio, 2)}×`, round(throughput), ...times, `${round(rss)} MiB`].join(' | ')} |`;
  });
  const lines = [`| ${HEAD.join(' | ')} |`, `| --- |${' ---: |'.repeat(HEAD.length - 1)}`, ...rows];
  return `### ${MODES[mode]}\n\n${lines.join('\n')}`;
}

function toRemarks(results) {
  const remarks = new Map();
  for (const { rigs } of results) {
    for (const { title, remarks: own } of rigs) {
      if (own.length > 0) remarks.set(title, new Set([...(remarks.get(title) ?? []), ...own]));
    }
  }
  const lines = [...remarks].map(([title, own]) => `- ${title}: ${[...own].join('; ')}`);
  const intro = 'Every rig refused a wrong verifier and a spent code before it was measured. What else was seen:';
  return lines.length === 0 ? '' : `${intro}\n\n${lines.join('\n')}`;
}

const BAR = { left: 330, width: 420, height: 18, gap: 8, top: 56 };
const plain = (title) => title.replace(/[`*]/g, '').replace(/&/g, '&amp;').replace(/</g, '&lt;');

/** The picture of one mode: a bar a rig, as long as its CPU per redemption. */
export function toSvg({ mode, rigs }) {
  const longest = Math.max(...rigs.map(({ figures }) => figures.cpu));
  const height = BAR.top + rigs.length * (BAR.height + BAR.gap) + 12;
  const bars = [...rigs]
    .sort((a, b) => a.figures.cpu - b.figures.cpu)
    .map(({ name, title, figures: { cpu, ratio } }, index) => {
      const y = BAR.top + index * (BAR.height + BAR.gap);
      const width = Math.max((cpu / longest) * BAR.width, 1).toFixed(1);
      const color = name.startsWith('ours') ? '#1f7a4d' : name.startsWith('bare') ? '#8a8f98' : '#c08a3e';
      const middle = y + BAR.height - 5;
      return [
        `<text x="${BAR.left - 10}" y="${middle}" text-anchor="end">${plain(title)}</text>`,
        `<rect x="${BAR.left}" y="${y}" width="${width}" height="${BAR.height}" rx="2" fill="${color}"/>`,
        `<text x="${BAR.left + Number(width) + 6}" y="${middle}">${round(cpu)} µs, ${round(ratio, 2)}×</text>`,
      ].join('');
    });
  const title = `CPU of the server per redemption: ${MODES[mode]}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 ${height}" width="880" height="${height}" role="img" aria-label="${title}" font-family="system-ui, sans-serif" font-size="13" fill="#24292f">`,
    `<rect width="880" height="${height}" fill="#ffffff"/>`,
    `<text x="20" y="30" font-size="16" font-weight="600">${title}</text>`,
    ...bars,
    '</svg>\n',
  ].join('\n');
}
