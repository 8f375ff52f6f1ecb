import { types } from 'node:util';
import Joi from 'joi';

/** What makes an adapter, and is passed by mistake where its product is wanted. */
const FACTORIES = [
  'createDpopVerifier',
  'createClientAuthentication',
  'createClientMetadataResolver',
  'clientCredentials',
];
/** What makes an object that has the adapter as a member. */
const FACTORIES_OF_MANY = [
  'createTokenIssuer',
  'createDpopNonces',
  ...['memory', 'redis', 'postgres'].flatMap((kind) =>
    ['Store', 'Codes', 'RefreshTokens', 'Jtis'].map((what) => kind + what),
  ),
];

/** Whether it can be called as it is: a class needs `new`, a generator answers with an iterator, a factory makes adapters. */
export function isAdapter(value: unknown): boolean {
  return typeof value === 'function' && !isClass(value) && !types.isGeneratorFunction(value) && !isFactory(value);
}

/** Whether it answers at once as well: a promise would be taken for the answer. */
export function isPlainAdapter(value: unknown): boolean {
  return isAdapter(value) && !types.isAsyncFunction(value);
}

/** A schema for an adapter, and checks for functions of other kinds. */
export const adapterThat = (isSound: (value: unknown) => boolean) =>
  Joi.any().custom((value, helpers) => (isSound(value) ? value : helpers.error('any.invalid')));

export const adapter = adapterThat(isAdapter);
export const plainAdapter = adapterThat(isPlainAdapter);

/** A function, or what `schema` says. Its mistakes are told entry by entry, which those of other alternatives are not. */
export function orFunction(schema: Joi.Schema, then: Joi.Schema = adapter): Joi.Schema {
  return Joi.alternatives().conditional(Joi.function(), { then, otherwise: schema });
}

/** What to write instead of a value that is no adapter. `usage` says what the adapter does. */
export function adviseOnAdapter(name: string, value: unknown, usage: string): string {
  if (isFactory(value)) return `Call it: ${name}: ${callOf(value)}${FACTORIES.includes(value.name) ? '' : `.${name}`}.`;
  if (isClass(value)) return `Pass a function of an object of that class: ${usage}.`;
  const { [name]: member } = Object(value) as Record<string, unknown>;
  if (typeof value === 'object' && typeof member === 'function') return `Pass its member ${name}.`;
  return `Write a function: ${usage}.`;
}

/** The same where what the factory makes is wanted as a whole, such as a store. */
export function adviseOnProduct(name: string, value: unknown, advice: string): string {
  return isFactory(value) ? `Call it: ${name}: ${callOf(value)}.` : advice;
}

const callOf = ({ name }: { name: string }) => `${name}(${name.startsWith('memory') ? '' : '{ … }'})`;

function isFactory(value: unknown): value is { name: string } {
  return typeof value === 'function' && [...FACTORIES, ...FACTORIES_OF_MANY].includes(value.name);
}

function isClass(value: unknown): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}
