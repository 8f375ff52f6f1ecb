import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { createClientAuthentication } from './client-authentication';
import { OAuthError } from './errors';
import type { Caller } from './grants/grant';
import { answer } from './http/answer';
import { holdBody, readBody } from './http/body';
import { readClientCredentials } from './http/client-credentials';
import { createCors } from './http/cors';
import { createDeadlines, type Deadline } from './http/deadline';
import { createObserver } from './http/observer';
import { createOriginCheck } from './http/origin';
import { type Body, checkQuery, createParameterReader, type ReadParameter } from './http/parameters';
import { createRateLimit } from './http/rate-limit';
import { createRefusalAnswer, toRefusal } from './http/refusal';
import type { Configuration } from './options';
import type { Reason } from './reasons';

/** How a request ends that is not refused. */
export interface Answer {
  reason: Reason;
  body: string;
  headers: Readonly<Record<string, string>>;
}

/** What an endpoint does with a request once the client is known. */
export type Serve = (caller: Caller, req: Request, deadline: Deadline) => Promise<Answer>;

/** Parses what an endpoint needs of the parameters, so that nothing malformed reaches an adapter. */
export type Parse = (readParameter: ReadParameter, body: Body) => Serve;

/** What every endpoint does: no-store, CORS, limit, body, client; one answer and one outcome a request. */
export interface Endpoint {
  noStore: RequestHandler;
  cors: RequestHandler[];
  rateLimit: RequestHandler[];
  /** `declared` are the names of parameters that must not stand in the query string, besides those of the endpoint. */
  serve(parse: Parse, declared: readonly string[]): RequestHandler;
  methodNotAllowed: RequestHandler;
  refuse: ErrorRequestHandler;
}

type Settings = Pick<
  Configuration,
  | 'allowedOrigins'
  | 'rateLimit'
  | 'bodyLimit'
  | 'bodyTimeout'
  | 'authenticateClient'
  | 'adapterTimeout'
  | 'actTimeout'
  | 'errorStatus'
  | 'onOutcome'
>;

export function createEndpoint({ allowedOrigins, rateLimit, ...settings }: Settings): Endpoint {
  const bodyLimits = { limit: settings.bodyLimit, timeoutMs: settings.bodyTimeout };
  const observer = createObserver(settings.onOutcome);
  const deadlines = createDeadlines(settings);
  const authenticate = createClientAuthentication(settings.authenticateClient);
  const answerRefusal = createRefusalAnswer(settings.errorStatus);

  /** The one place in which a request is refused. One that has its answer already is not answered again. */
  function refuse(req: Request, res: Response, thrown: unknown): void {
    const refusal = toRefusal(thrown);
    if (observer.outcomeOf(req)) return;
    observer.report(req, answerRefusal(req, res, refusal));
  }

  async function serve(parse: Parse, declared: readonly string[], req: Request, res: Response): Promise<void> {
    checkQuery(req, declared);
    const parsed = await readBody(req, bodyLimits);
    const readParameter = createParameterReader(parsed);
    const serveClient = parse(readParameter, parsed);
    const credentials = readClientCredentials(req, readParameter);
    observer.identify(req, credentials.clientId);

    const deadline = deadlines.of(req);
    const client = await authenticate(credentials, req, deadline);
    observer.identify(req, client.clientId);
    const { reason, body, headers } = await serveClient(
      { client, isPublic: credentials.method === 'none' },
      req,
      deadline,
    );
    if (deadline.isOver) return;
    answer(res, 200, body, headers);
    observer.report(req, { outcome: 'issued', reason, status: 200 });
  }

  return {
    noStore(req, res, next) {
      observer.begin(req);
      holdBody(req, bodyLimits.limit);
      deadlines.begin(req, res, { answer: (refusal) => refuse(req, res, refusal), checkStanding() {} });
      res.setHeader('Cache-Control', 'no-store').setHeader('Pragma', 'no-cache');
      next();
    },
    cors: [
      ...(allowedOrigins ? [createCors(allowedOrigins, deadlines.of)] : []),
      createOriginCheck({ knowsOrigins: allowedOrigins !== undefined }),
    ],
    rateLimit: rateLimit ? [createRateLimit(rateLimit, { deadlineOf: deadlines.of, observer })] : [],
    serve: (parse, declared) => (req, res) => {
      serve(parse, declared, req, res).catch((thrown) => refuse(req, res, thrown));
    },
    methodNotAllowed(req, res) {
      refuse(req, res, methodNotAllowed());
    },
    // What an adapter threw never reaches Express as it is: 'router' or an error with a status means something there.
    refuse: (thrown, req, res, _next) => refuse(req, res, thrown),
  };
}

const methodNotAllowed = () =>
  new OAuthError('invalid_request', 'The token endpoint takes POST requests only', {
    reason: 'method_not_allowed',
    status: 405,
    headers: { Allow: 'POST' },
  });
