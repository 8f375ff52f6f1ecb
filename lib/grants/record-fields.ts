import { types } from 'node:util';
import { wrongField, wrongReturn } from '../received';

/** The check of a field, and the words for what it must be. */
export type Field = readonly [isSound: (value: unknown) => boolean, wanted: string];

const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isInstant = (value: unknown) => types.isDate(value) && !Number.isNaN(value.getTime());

export const TEXT: Field = [isText, 'a string that is not empty'];
export const TEXT_OR_NULL: Field = [(value) => value === null || isText(value), 'a string, or null for none'];
export const STRING_OR_NULL: Field = [
  (value) => value === null || typeof value === 'string',
  'a string, or null for none',
];
export const INSTANT: Field = [isInstant, 'a valid Date'];
export const INSTANT_OR_NULL: Field = [(value) => value === null || isInstant(value), 'a valid Date, or null for none'];

/** The same for a field that may be missing. */
export const optional = ([isSound, wanted]: Field): Field => [
  (value) => value === null || value === undefined || isSound(value),
  wanted,
];

/** The fields of a record by name. A list, because each request reads all of it. */
export type Fields = readonly (readonly [name: string, field: Field])[];

/** Returns what is wrong with the record that an adapter found: it is no record, or a field is missing or malformed. */
export function findWrong(
  adapter: string,
  found: unknown,
  fields: Fields,
  isSpared: (name: string) => boolean,
): TypeError | undefined {
  if (typeof found !== 'object' || Array.isArray(found)) return wrongReturn(adapter, found, 'the record, or null');
  const record = found as Record<string, unknown>;
  const wrong = fields.find(
    ([name, [isSound]]) => !isSound(record[name]) && !(record[name] === undefined && isSpared(name)),
  );
  return wrong && wrongField(adapter, record, wrong[0], wrong[1][1]);
}
