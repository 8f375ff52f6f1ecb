import { types } from 'node:util';
import Joi from 'joi';
import { isClass } from '../received';

/** Factories that return an adapter. People pass the factory itself by mistake. */
const FACTORIES = [
  'createDpopVerifier',
  'createClientAuthentication',
  'createClientMetadataResolver',
  'clientCredentials',
];
/** Factories that return an object with the adapter as a member. */
const FACTORIES_OF_MANY = [
  'createTokenIssuer',
  'createDpopNonces',
  ...['memory', 'redis', 'postgres'].flatMap((kind) =>
    ['Store', 'Codes', 'RefreshTokens', 'Jtis'].map((what) => kind + what),
  ),
];

/** Whether it is a function to call as an adapter: not a class, not a generator and not a factory of adapters. */
export function isAdapter(value: unknown): boolean {
  return typeof value === 'function' && !isClass(value) && !types.isGeneratorFunction(value) && !isFactory(value);
}

/** Whether it is also not async: a promise would be taken for the answer. */
export function isPlainAdapter(value: unknown): boolean {
  return isAdapter(value) && !types.isAsyncFunction(value);
}

/** A schema for functions that pass this check. */
export const adapterThat = (isSound: (value: unknown) => boolean) =>
  Joi.any().custom((value, helpers) => (isSound(value) ? value : helpers.error('any.invalid')));

export const adapter = adapterThat(isAdapter);
export const plainAdapter = adapterThat(isPlainAdapter);

/**
 * A function, or what `schema` allows. Unlike Joi's alternatives, it reports the mistakes of `schema` entry by entry.
 */
export function orFunction(schema: Joi.Schema, then: Joi.Schema = adapter): Joi.Schema {
  return Joi.alternatives().conditional(Joi.function(), { then, otherwise: schema });
}

/** What to write instead of a value that is not an adapter. `usage` says what the adapter does. */
export function adviseOnAdapter(name: string, value: unknown, usage: string): string {
  if (isFactory(value)) return `Call it: ${name}: ${callOf(value)}${FACTORIES.includes(value.name) ? '' : `.${name}`}.`;
  if (typeof value === 'function' && isClass(value)) return `Pass a method of an object of that class: ${usage}.`;
  const { [name]: member } = Object(value) as Record<string, unknown>;
  if (typeof member === 'function') return `Pass its member ${name}.`;
  return `Write a function: ${usage}.`;
}

/** The same for an option that takes everything that a factory returns, such as a store. */
export function adviseOnProduct(name: string, value: unknown, advice: string): string {
  return isFactory(value) ? `Call it: ${name}: ${callOf(value)}.` : advice;
}

const callOf = ({ name }: { name: string }) => `${name}(${name.startsWith('memory') ? '' : '{ … }'})`;

function isFactory(value: unknown): value is { name: string } {
  return typeof value === 'function' && [...FACTORIES, ...FACTORIES_OF_MANY].includes(value.name);
}
