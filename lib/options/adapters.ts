import { types } from 'node:util';
import Joi from 'joi';

/** What makes adapters, and is passed by mistake where one of them is wanted. */
const FACTORIES = [
  'createDpopVerifier',
  'createTokenIssuer',
  'createClientAuthentication',
  'clientCredentials',
  ...['memory', 'redis', 'postgres'].flatMap((kind) =>
    ['Store', 'Codes', 'RefreshTokens', 'Jtis'].map((what) => kind + what),
  ),
];

/** Whether the endpoint can call it: a class needs `new`, a generator answers with an iterator. */
export function isAdapter(value: unknown): boolean {
  return typeof value === 'function' && !isClass(value) && !types.isGeneratorFunction(value) && !isFactory(value);
}

/** A schema for an adapter, and checks for functions of other kinds. */
export const adapterThat = (isSound: (value: unknown) => boolean) =>
  Joi.any().custom((value, helpers) => (isSound(value) ? value : helpers.error('any.invalid')));

export const adapter = adapterThat(isAdapter);

/** A function, or what `schema` says. Its mistakes are told entry by entry, which those of other alternatives are not. */
export function orFunction(schema: Joi.Schema, then: Joi.Schema = adapter): Joi.Schema {
  return Joi.alternatives().conditional(Joi.function(), { then, otherwise: schema });
}

/** What to write instead of a value that is no adapter. `usage` says what the adapter does. */
export function adviseOnAdapter(name: string, value: unknown, usage: string): string {
  if (isFactory(value)) return `Call it: ${name}: ${value.name}({ … }).`;
  if (isClass(value)) return `Pass a function of an object of that class: ${usage}.`;
  const { [name]: member } = Object(value) as Record<string, unknown>;
  if (typeof value === 'object' && typeof member === 'function') return `Pass its member ${name}.`;
  return `Write a function: ${usage}.`;
}

// biome-ignore lint/complexity/noBannedTypes: any function
function isFactory(value: unknown): value is Function {
  return typeof value === 'function' && FACTORIES.includes(value.name);
}

function isClass(value: unknown): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}
