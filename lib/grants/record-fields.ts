import { types } from 'node:util';
import { wrongField, wrongReturn } from '../received';

/** A field of a record: whether a value is sound, and what it must be, in words. */
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

/** The same where the field may be missing. */
export const optional = ([isSound, wanted]: Field): Field => [
  (value) => value === null || value === undefined || isSound(value),
  wanted,
];

/** The fields of a record by name: a list, because it is read once a request. */
export type Fields = readonly (readonly [name: string, field: Field])[];

/** What is wrong with what an adapter found, if it is no record or a field was lost on the way. */
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
