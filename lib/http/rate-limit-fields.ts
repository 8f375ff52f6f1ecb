import type { Request, Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { isAnswered } from './answer';
import { createOverdueWatch } from './overdue';
import type { LimitOptions, LogFailure } from './rate-limit-options';
import { type Count, createAnsweringStore } from './rate-limit-store';

/** What the limit knows of a request once it has read the count of its address. */
export interface Admission {
  key: string;
  limit: number;
  count: Count;
}

/** Sets `RateLimit` and `RateLimit-Policy`, and `Retry-After` if the client is over the limit. */
export type WriteFields = (req: Request, res: Response, told: Told) => Promise<void>;

export interface Told {
  admission: Admission;
  isOver: boolean;
  /** How long the answer waits for functions of the host: until this time of `performance.now()`. */
  dueAt: number;
}

/** If the fields cannot be written, the answer leaves without them. */
export function createLimitFields(options: LimitOptions, log: LogFailure): WriteFields {
  const watch = createOverdueWatch();
  const write = createWriter(options);

  return async function writeFields(req, res, { admission, isOver, dueAt }) {
    if (isAnswered(res)) return;
    const { key, limit, count } = admission;
    const { failures: totalHits, resetTime = new Date(Date.now() + options.windowMs) } = count;
    const tooLate = () => new Error('rateLimit.identifier did not answer in time');
    try {
      await watch.until(dueAt, write(req, res, { key, limit, totalHits, resetTime }), tooLate);
    } catch (thrown) {
      log(thrown, 'an answer has no RateLimit fields');
    }
    if (!isOver || isAnswered(res) || res.hasHeader('Retry-After')) return;
    res.setHeader('Retry-After', Math.max(Math.ceil((resetTime.getTime() - Date.now()) / 1000), 0));
  };
}

interface Known {
  key: string;
  limit: number;
  totalHits: number;
  resetTime: Date;
}

/**
 * Runs the library's middleware, because it does not export the code that writes its fields. Its store returns what is
 * known already.
 */
function createWriter(options: LimitOptions): (req: Request, res: Response, known: Known) => Promise<void> {
  const requests = new WeakMap<Request, Known>();
  const asked: Known[] = [];
  const knownOf = (req: Request) => requests.get(req) as Known;

  const write = rateLimit({
    ...options,
    skip: () => false,
    keyGenerator: (req) => knownOf(req).key,
    limit: (req) => knownOf(req).limit,
    store: createAnsweringStore(answer),
    handler: (_req, _res, next) => next(),
    validate: false,
  });

  /** The store gets only the key, so this takes the oldest request with it. */
  function answer(key: string): Known {
    const index = asked.findIndex((known) => known.key === key);
    return asked.splice(index, 1)[0] as Known;
  }

  return (req, res, known) => {
    if (res.append === undefined) Object.assign(res, { append });
    requests.set(req, known);
    asked.push(known);
    return new Promise((resolve, reject) => {
      write(req, res, (thrown?: unknown) => (thrown === undefined ? resolve() : reject(thrown)));
    });
  };
}

/** What the library writes with. Express has it: a router without an app gets Node's own response. */
function append(this: Response, name: string, value: string): void {
  this.setHeader(name, [this.getHeader(name) ?? [], value].flat().map(String));
}

/** Lets the library check `trust proxy` with the first request, and log what is wrong. */
export function createFirstLook(options: LimitOptions): (req: Request, res: Response) => void {
  const { validate = true, logger } = options;
  let isDone = false;
  const look = rateLimit({
    limit: 1,
    standardHeaders: false,
    legacyHeaders: false,
    store: createAnsweringStore(() => ({ totalHits: 1, resetTime: new Date() })),
    // A port after the address is no mistake, because the limit removes it.
    validate: typeof validate === 'boolean' ? { default: validate, ip: false } : { ...validate, ip: false },
    ...(logger && { logger }),
  });

  return function lookOnce(req, res) {
    // Without an app there is no trust proxy that could be wrong.
    if (isDone || req.app === undefined) return;
    isDone = true;
    look(Object.create(req), res, () => {});
  };
}
