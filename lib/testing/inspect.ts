import type { Express, Request, Router } from 'express';
import type { TokenEndpointMetadata } from '../types';
import { type FindingCode, GUIDE, type InspectOptions } from './inspect-codes';
import { readFacts } from './inspect-facts';
import { inspectRouter } from './inspect-options';
import { createProbe, type Probe } from './inspect-probe';

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
 * which counts as a failure of 127.0.0.1. Returns `[]` if it finds nothing. It cannot see what your own adapters do.
 *
 * @throws TypeError if `app` is not an Express app, or `router` is not a token router.
 */
export async function inspectTokenRouter(app: Express, options: InspectOptions = {}): Promise<Finding[]> {
  if (typeof app !== 'function') throw new TypeError('inspectTokenRouter: pass the app of Express');
  const { ignore = [] } = options;
  const found = new Map<string, Finding>();
  const say = (code: FindingCode, message: string) => {
    if (!ignore.includes(code)) found.set(`${code} ${message}`, { code, message, page: `${GUIDE}#${code}` });
  };

  const probe = await createProbe(app);
  try {
    const routers = options.router ? [options.router as TokenRouter] : await findRouters(app, options, probe);
    if (routers.length === 0) {
      say(
        'no_token_router',
        'No token router was found in the app, and none answers at /oauth/token. Mount it first, or pass { router, path }.',
      );
    }
    for (const router of routers) await inspectRouter(readFacts(router), { options, probe, say });
  } finally {
    probe.close();
  }
  return [...found.values()];
}

/** Finds the token routers in the app, at any depth. Finds those of a mounted app by a request. */
async function findRouters(
  app: Express,
  { path = '/oauth/token' }: InspectOptions,
  probe: Probe,
): Promise<TokenRouter[]> {
  const routers = listRouters(stackOf(app));
  if (routers.length > 0) return routers;
  const { req } = await probe.send({ method: 'PUT', path });
  return req ? listRouters(stackOf(appOf(req))) : [];
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
