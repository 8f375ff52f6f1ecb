import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REASONS } from '../lib/reasons';
import type { Walk } from './support/walks/walk';

/** What docs/errors.md says that the client sees. */
interface Documented {
  reason: string;
  status: number;
  error?: string;
  description?: RegExp;
}

const FREE = 'what the adapter chose';
// The cells are padded to columns; what counts begins and ends with a character.
const ROW = /^\| <a id="(?<anchor>\w+)"><\/a>`(?<reason>\w+)` +\| (?<seen>[^|]*[^| ]) +\| [^|]{20,} \| [^|]{3,} \|$/;
const SEEN = /^(?<status>\d{3})(?: `(?<error>\w+)`: (?<description>.+))?$/;

const rows = readFileSync(join(__dirname, '../docs/errors.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| (?:`|<a )/.test(line))
  .map(
    (line) =>
      ({ line, ...ROW.exec(line)?.groups }) as { line: string; anchor?: string; reason?: string; seen?: string },
  );

const walksFolder = join(__dirname, 'support/walks');
const walks = readdirSync(walksFolder)
  .filter((file) => file !== 'walk.ts')
  .map((file): [string, Walk] => [file, require(join(walksFolder, file)).walk]);

function documentedOf(reason: string): Documented | undefined {
  const { seen } = rows.find((row) => row.reason === reason) ?? {};
  if (seen === FREE) return undefined;
  const { status, error, description } = SEEN.exec(seen ?? '')?.groups ?? {};
  if (status === undefined) throw new Error(`docs/errors.md does not tell what the client sees for ${reason}`);
  if (error === undefined || description === undefined) return { reason, status: Number(status) };
  // What varies is written in emphasis.
  const pattern = description.split(/(?<!\w)_\w+_(?!\w)/).map(literally);
  return { reason, status: Number(status), error, description: new RegExp(`^${pattern.join('\\S+')}$`) };
}

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

describe('The catalogue of reasons', () => {
  it('has each word once', () => {
    expect([...new Set(REASONS)]).toEqual([...REASONS]);
    expect(Object.isFrozen(REASONS)).toBe(true);
  });

  it('is described word by word in docs/errors.md: meaning, what the client sees, what to do', () => {
    expect(rows.filter(({ reason }) => reason === undefined).map(({ line }) => line)).toEqual([]);
    expect(rows.map(({ reason }) => reason).sort()).toEqual([...REASONS].sort());
  });

  it('has an anchor for each reason in docs/errors.md, so that a log can link to it', () => {
    expect(rows.filter(({ anchor, reason }) => anchor !== reason).map(({ line }) => line)).toEqual([]);
  });

  it('is walked word by word, each by one file of spec/support/walks', () => {
    expect(walks.flatMap(([, walk]) => Object.keys(walk)).sort()).toEqual([...REASONS].sort());
  });
});

describe.each(walks)('The walk through the reasons of %s', (_file, walk) => {
  it.each(Object.entries(walk))('meets %s, and the client sees what docs/errors.md says', async (reason, provoke) => {
    const { answer, outcomes } = await provoke();
    const outcome = outcomes.at(-1);
    expect(outcome?.reason).toBe(reason);
    if (answer) expect([answer.status, answer.body.error]).toEqual([outcome?.status, outcome?.error]);

    const documented = documentedOf(reason);
    if (!documented) return;
    const { status, error, description } = documented;
    expect([outcome?.status, outcome?.error]).toEqual([status, error]);
    expect(outcome?.outcome).toEqual(
      status >= 500 ? 'failed' : status === 200 ? expect.stringMatching(/^(?:issued|served)$/) : 'refused',
    );
    expect(outcome && 'fault' in outcome).toBe(status >= 500);
    if (answer && description) expect(answer.body.error_description).toMatch(description);
  });
});
