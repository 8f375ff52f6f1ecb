import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { createClientAuthentication } from './client-authentication';
import type { OAuthError } from './errors';
import type { Caller } from './grants/grant';
import { isThenable } from './http/adapters';
import { answer } from './http/answer';
import { holdBody, readBody, releaseBody } from './http/body';
import { readClientCredentials } from './http/client-credentials';
import { createCors } from './http/cors';
import { createDeadlines, type Deadline } from './http/deadline';
import { createEntrance } from './http/entrance';
import { createObserver } from './http/observer';
import { createOriginCheck } from './http/origin';
import { type Body, checkQuery, createParameterReader, type ReadParameter } from './http/parameters';
import type { Place } from './http/place';
import { createRateLimit } from './http/rate-limit';
import { createRefusalAnswer, type EndpointName, methodNotAllowed, toRefusal } from './http/refusal';
import type { EndpointConfiguration } from './options';
import type { Reason } from './reasons';

/** How a request ends if it is not refused. */
export interface Answer {
  outcome: 'issued' | 'served';
  reason: Reason;
  /** JSON. `undefined`: no body and no media type. */
  body: string | undefined;
  headers: Readonly<Record<string, string>>;
  /** Counts against the limit after the answer has left, so that the answer does not show it. */
  verdict?: OAuthError;
}

/** What an endpoint does with a request once the client is known. */
export type Serve = (caller: Caller, req: Request, deadline: Deadline) => Promise<Answer>;

/** Parses the parameters of an endpoint first, so that no adapter gets a malformed one. */
export type Parse = (readParameter: ReadParameter, body: Body) => Serve;

interface Served {
  parse: Parse;
  declared: readonly string[];
}

/** What every endpoint does: no-store, CORS, bounds, limit, body, client; one answer and one outcome per request. */
export interface Endpoint {
  noStore: RequestHandler;
  cors: RequestHandler[];
  /** `declared`: names of more parameters that must not be in the query string, beside the endpoint's own. */
  serve(parse: Parse, declared: readonly string[]): RequestHandler;
  methodNotAllowed: RequestHandler;
  refuse: ErrorRequestHandler;
}

export function createEndpoint(
  { allowedOrigins, rateLimit, ...settings }: EndpointConfiguration,
  { name, needsCredential }: { name: EndpointName; needsCredential: boolean },
): Endpoint {
  const bodyLimits = { limit: settings.bodyLimit, timeoutMs: settings.bodyTimeout };
  const observer = createObserver(settings.onOutcome);
  const authenticate = createClientAuthentication(settings.authenticateClient);
  const answerRefusal = createRefusalAnswer(settings.errorStatus, name);

  const limit = rateLimit ? createRateLimit(rateLimit) : undefined;
  const deadlines = createDeadlines(settings, { answer: refuse, checkStanding: (req) => limit?.checkKnown(req) });
  const checkOrigin = createOriginCheck({ knowsOrigins: allowedOrigins !== undefined });
  const enter = createEntrance({ rateLimit, ...settings }, { limit, deadlineOf: deadlines.of });

  /** Refuses a request. Nothing else does. A request that has its answer already is counted, but not answered again. */
  async function refuse(req: Request, res: Response, thrown: unknown): Promise<void> {
    const refusal = toRefusal(thrown);
    const leaving = limit ? await limit.judge(req, res, refusal, deadlines.of(req).leftMs()) : refusal;
    if (observer.outcomeOf(req)) return;
    observer.report(req, answerRefusal(req, res, leaving));
  }

  async function serve({ parse, declared }: Served, req: Request, res: Response, place: Place): Promise<void> {
    const deadline = deadlines.of(req);
    deadline.turn = place;
    if (limit) await deadline.look('rateLimit', () => limit.admit(req, res, place.caller.address));
    checkQuery(req, declared);
    const body = await place.receive(readBody(req, bodyLimits), req);
    const readParameter = createParameterReader(body);
    const serveClient = parse(readParameter, body);
    const credentials = readClientCredentials(req, readParameter, { needsCredential });
    observer.identify(req, credentials.clientId);

    const client = await authenticate(credentials, req, deadline, place);
    observer.identify(req, client.clientId);
    const ended = await serveClient({ client, isPublic: credentials.method === 'none' }, req, deadline);
    place.isServed = true;
    if (!deadline.isOver) {
      answer(res, 200, ended.body, ended.headers);
      observer.report(req, { outcome: ended.outcome, reason: ended.reason, status: 200 });
    }
    if (ended.verdict) await limit?.judge(req, res, ended.verdict, deadline.leftMs());
  }

  /** Serves a request. Never rejects. */
  async function run(served: Served, req: Request, res: Response): Promise<void> {
    let place: Place | undefined;
    try {
      const entered = enter(req, res);
      place = isThenable(entered) ? await entered : entered;
      await serve(served, req, res, place);
    } catch (thrown) {
      await refuse(req, res, thrown);
    } finally {
      place?.leave();
      deadlines.end(req);
      releaseBody(req);
    }
  }

  return {
    noStore(req, res, next) {
      observer.begin(req);
      holdBody(req, bodyLimits.limit);
      deadlines.begin(req, res);
      res.setHeader('Cache-Control', 'no-store').setHeader('Pragma', 'no-cache');
      // Called directly where no other handler comes between: each handler costs 5 % of what Express costs.
      if (allowedOrigins) next();
      else checkOrigin(req, res, next);
    },
    cors: allowedOrigins ? [createCors(allowedOrigins, { deadlineOf: deadlines.of, enter }), checkOrigin] : [],
    // Returns no promise to Express: `run` never rejects, so Express has nothing to handle.
    serve: (parse, declared) => (req, res) => void run({ parse, declared }, req, res),
    methodNotAllowed: (req, res) => refuse(req, res, methodNotAllowed(name)),
    // Never pass a thrown value on to Express: the string 'router' and errors with a status have a meaning there.
    refuse: (thrown, req, res, _next) => refuse(req, res, thrown),
  };
}
