import Joi from 'joi';
import { describeUnknown, type Path, pathText } from '../mistakes';
import { adapter, adapterThat, orFunction } from './adapters';

/** The longest time that a timer of Node.js can wait. */
export const MAX_TIMER_MS = 2_147_483_647;

/** The options of express-rate-limit that have an effect here. */
const KNOWN = {
  limit: orFunction(Joi.number().integer().min(0)),
  windowMs: Joi.number().integer().min(1).max(MAX_TIMER_MS),
  store: adapterThat(isStore),
  keyGenerator: adapter,
  ipv6Subnet: orFunction(Joi.alternatives(Joi.valid(false), Joi.number().integer().min(32).max(64))),
  skip: adapter,
  passOnStoreError: Joi.boolean(),
  standardHeaders: Joi.valid(true, false, 'draft-6', 'draft-7', 'draft-8'),
  identifier: orFunction(Joi.string()),
  requestPropertyName: Joi.string(),
  validate: Joi.any(),
  logger: adapterThat(isLogger),
};

const isFunction = (value: unknown) => typeof value === 'function';

/** Whether it is a store of the current interface, or of the legacy one. The library asks for the same. */
function isStore(value: unknown): boolean {
  const { increment, decrement, resetKey, resetAll, init, incr } = Object(value) as Record<string, unknown>;
  if (typeof value !== 'object') return false;
  if (!isFunction(increment)) return isFunction(incr);
  const areOptionalSound = [resetAll, init].every((each) => each === undefined || isFunction(each));
  return isFunction(decrement) && isFunction(resetKey) && areOptionalSound;
}

function isLogger(value: unknown): boolean {
  const { error, warn } = Object(value) as Record<string, unknown>;
  return typeof value === 'object' && isFunction(error) && isFunction(warn);
}

/** What to write, by option. */
const USAGE: Readonly<Record<string, string>> = {
  limit: 'Write how many failures a window may have, a whole number, or a function (req) => that number.',
  windowMs: `Write milliseconds, a whole number from 1 to ${MAX_TIMER_MS}.`,
  store: 'Write a store of express-rate-limit, such as new RedisStore({ … }).',
  keyGenerator: 'Write a function: (req) => what requests are counted by.',
  ipv6Subnet: 'Write a whole number from 32 to 64, or false.',
  skip: 'Write a function: (req) => true for requests without a limit.',
  standardHeaders: "Write 'draft-6', 'draft-7', 'draft-8', true or false.",
  passOnStoreError: 'Write true or false.',
  identifier: 'Write a string, or a function (req) => that string.',
  requestPropertyName: 'Write a string.',
  logger: 'Write an object with the functions error and warn, such as console.',
} satisfies Partial<Record<keyof typeof KNOWN, string>>;

const ANSWER = 'changes nothing: the endpoint answers 429 itself. Leave it out.';
const COUNT = 'changes nothing: the endpoint counts refusals, and nothing else. Leave it out.';

const MEANINGLESS: Readonly<Record<string, string>> = {
  max: 'is an older name. Write limit.',
  handler: ANSWER,
  message: ANSWER,
  statusCode: ANSWER,
  retryAfter: ANSWER,
  skipSuccessfulRequests: COUNT,
  skipFailedRequests: COUNT,
  requestWasSuccessful: COUNT,
  legacyHeaders: 'changes nothing: the endpoint sends RateLimit and RateLimit-Policy. Leave it out.',
  headers: 'changes nothing: the endpoint sends RateLimit and RateLimit-Policy. Leave it out.',
};

export const rateLimitSchema = Joi.object(KNOWN).allow(false);

/** Describes an option that does not exist, or that has no effect here. */
export function describeUnknownRateLimit(path: Path): string {
  const name = String(path[1]);
  const why = Object.hasOwn(MEANINGLESS, name) ? MEANINGLESS[name] : undefined;
  return why === undefined ? describeUnknown(path, Object.keys(KNOWN)) : `${pathText(path)} ${why}`;
}

export function adviseOnRateLimit([, name]: Path): string {
  if (name === undefined) return 'Write an object of express-rate-limit options, such as { limit: 20 }, or false.';
  return String(USAGE[name]);
}
