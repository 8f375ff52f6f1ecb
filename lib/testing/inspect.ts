import type { Express, Request, Router } from 'express';
import type { TokenEndpointMetadata } from '../types';
import { type FindingCode, GUIDE, type InspectOptions } from './inspect-codes';
import { type Inspection, readFacts } from './inspect-facts';
import { checkInspectOptions } from './inspect-given';
import { inspectRouter } from './inspect-options';
import { createProbe, type Probe } from './inspect-probe';
import { NoAnswer } from './requester';

export type { FindingCode, InspectOptions } from './inspect-codes';

/** A problem in the configuration. */
export interface Finding {
  /** A stable code, for the option `ignore`. */
  code: FindingCode;
  /** What is wrong, and what to write. */
  message: string;
  /** The page that explains it. */
  page: string;
}

type TokenRouter = Router & { metadata: TokenEndpointMetadata };

/**
 * Finds problems of production in your configuration. Call it at start-up, before `listen`, or in a test. It reads the
 * options of each token router of the app, and sends a few requests over a free port. The router refuses each of them,
 * which counts as a failure of 127.0.0.1. It waits 10 s for an answer, at most. Returns `[]` if it finds nothing. It
 * cannot see what your own adapters do.
 *
 * @throws TypeError if `app` is not an Express app, `router` is not a token router, or an option is wrong.
 */
export async function inspectTokenRouter(app: Express, options: InspectOptions = {}): Promise<Finding[]> {
  if (typeof app !== 'function') throw new TypeError('inspectTokenRouter: pass the app of Express');
  checkInspectOptions(options);
  const { ignore = [] } = options;
  const found = new Map<string, Finding>();
  const say = (code: FindingCode, message: string) => {
    if (!ignore.includes(code)) found.set(`${code} ${message}`, { code, message, page: `${GUIDE}#${code}` });
  };

  const probe = await createProbe(app, PATIENCE);
  try {
    const routers = await heard([], say, () => findRouters(app, options, probe, say));
    for (const router of routers) {
      await heard(undefined, say, () => inspectRouter(readFacts(router), { options, probe, say }));
    }
  } finally {
    probe.close();
  }
  return [...found.values()];
}

/** Milliseconds that the doctor waits for an answer. */
const PATIENCE = 10_000;

/** Turns a request that is not answered into a finding. */
async function heard<Result>(otherwise: Result, say: Inspection['say'], run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (thrown) {
    if (!(thrown instanceof NoAnswer)) throw thrown;
    say('no_answer', `${thrown.message}.`);
    return otherwise;
  }
}

/** Finds the token routers in the app, at any depth. Finds those of a mounted app by a request. */
async function findRouters(
  app: Express,
  { router, path = '/oauth/token' }: InspectOptions,
  probe: Probe,
  say: Inspection['say'],
): Promise<TokenRouter[]> {
  const routers = router ? [router as TokenRouter] : listRouters(stackOf(app));
  if (routers.length > 0) return routers;
  const { req, response } = await probe.send({ method: 'PUT', path });
  const found = req ? listRouters(stackOf(appOf(req))) : [];
  if (found.length > 0) return found;
  say(
    'no_token_router',
    req
      ? `A token router answers at ${path}, and a function around it hides it. Pass { router } as well, so that its options can be read.`
      : `No token router was found in the app, and none answers at ${path} (the answer was ${response.status}). Mount it first. If it is in an app in the app, or called by a function of yours, pass { router, path }.`,
  );
  return [];
}

const appOf = (req: Request) => req.app as Express;

interface Layer {
  handle: unknown;
}

function listRouters(stack: readonly Layer[]): TokenRouter[] {
  return stack.flatMap(({ handle }) => {
    const inner = Object(handle) as { metadata?: unknown; stack?: readonly Layer[] };
    if (readFacts(handle) !== undefined) return [handle as TokenRouter];
    return Array.isArray(inner.stack) ? listRouters(inner.stack) : [];
  });
}

/** Express 4 has `_router`, and throws if `router` is read. */
function stackOf(app: Express): readonly Layer[] {
  const four = (app as { _router?: { stack: readonly Layer[] } })._router;
  if (four) return four.stack;
  try {
    return (app.router as unknown as { stack: readonly Layer[] }).stack;
  } catch {
    return [];
  }
}
