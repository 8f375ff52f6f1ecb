import { inspect } from 'node:util';

/** What an entry must be, and what to write instead of another value. */
export interface Rule {
  isSound: (value: unknown) => boolean;
  hint: string;
}

/** By name of the entry. */
export type Rules = Readonly<Record<string, Rule>>;

/**
 * Checks the entries of an object. Entries without a rule pass.
 *
 * @throws TypeError that lists every mistake: the entry, what was received and what to write.
 */
export function checkEntries(where: string, given: unknown, rules: Rules): void {
  const entries = Object(given) as Record<string, unknown>;
  const mistakes = Object.entries(rules)
    .filter(([name, { isSound }]) => !isSound(entries[name]))
    .map(([name, { hint }]) => `${name} is ${show(entries[name])}. ${hint}`);
  if (mistakes.length > 0) throw new TypeError(`${where}: ${mistakes.join('; ')}`);
}

/** Checks that no entry is unknown. @throws TypeError that names the first one. */
export function checkNames(where: string, given: unknown, rules: Rules): void {
  const known = Object.keys(rules);
  const unknown = Object.keys(Object(given)).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const meant = known.find((name) => name.toLowerCase() === unknown.toLowerCase());
  const advice = meant === undefined ? `The options are ${known.join(', ')}` : `Write ${meant}`;
  throw new TypeError(`${where}: there is no option ${unknown}. ${advice}`);
}

export function show(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 60, maxArrayLength: 5 });
}

export const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

export const isTextOrNull = (value: unknown): value is string | null => value === null || isText(value);

export const isListOf =
  (isSound: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(isSound);

export const orNone =
  (isSound: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === undefined || value === null || isSound(value);
