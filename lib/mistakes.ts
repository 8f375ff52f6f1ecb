import { describeKind, describeValue } from './received';

/** Where a value stands in the options: `['allowedOrigins', 0]`. */
export type Path = readonly (string | number)[];

/**
 * Throws one error that lists every mistake, each on a line of its own and once.
 *
 * @throws TypeError if there is one.
 */
export function throwMistakes(factory: string, mistakes: Iterable<string>): void {
  const [first, ...more] = new Set(mistakes);
  if (first === undefined) return;
  throw new TypeError(
    more.length === 0 ? `${factory}: ${first}` : `${factory}:${[first, ...more].map((line) => `\n  ${line}`).join('')}`,
  );
}

/** Names the entry, shows what was received, and says what to write. */
export function describeMistake(path: Path, value: unknown, advice: string, { isSecret = false } = {}): string {
  return `${pathText(path)} is ${isSecret ? describeKind(value) : describeValue(value)}. ${advice}`;
}

/** Describes an option that does not exist. Suggests the one that was probably meant, or lists all. */
export function describeUnknown(path: Path, known: readonly string[]): string {
  return `${pathText(path)} does not exist. ${adviseOnUnknown(String(path.at(-1)), known)}`;
}

/** What to write instead of a name that does not exist. */
export function adviseOnUnknown(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return meant === undefined ? `These exist: ${known.join(', ')}.` : `Did you mean ${meant}?`;
}

/** The entry as JavaScript writes it: `allowedOrigins[0]`, `refresh.leeway`. */
export function pathText([first, ...inner]: Path): string {
  return inner.reduce<string>(
    (text, part) => (isName(String(part)) ? `${text}.${part}` : `${text}[${describeValue(part)}]`),
    isName(String(first)) ? String(first) : `[${describeValue(String(first))}]`,
  );
}

/** Anything else in a path may be a secret in the wrong place. */
const isName = (text: string) => /^[a-z_$][\w$]{0,40}$/i.test(text) && describeValue(text) === `'${text}'`;

/** Finds the name that was probably meant: it differs by a typing error. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const distances = known.map((each) => [distance(name.toLowerCase(), each.toLowerCase()), each] as const);
  const [closest, meant] = distances.reduce((best, each) => (each[0] < best[0] ? each : best), [Infinity, '']);
  return closest <= Math.min(2, Math.floor(name.length / 3)) ? meant : undefined;
}

/** How many letters must be added, left out or replaced (Levenshtein). */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [row, letter] of Array.from(a.slice(0, 60)).entries()) {
    const line = [row + 1];
    for (const [column, other] of Array.from(b).entries()) {
      const replaced = Number(above[column]) + Number(letter !== other);
      line.push(Math.min(replaced, Number(above[column + 1]) + 1, Number(line[column]) + 1));
    }
    above = line;
  }
  return Number(above.at(-1));
}
