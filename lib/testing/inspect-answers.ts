import type { Express } from 'express';
import { describeValue } from '../received';
import { allowsField, exposesField, isOpenTo } from './cors';
import type { Inspection, RouterFacts } from './inspect-facts';
import type { Probe, Probed } from './inspect-probe';

/** Sends a request to the endpoint. */
type Ask = (request: Omit<Parameters<Probe['send']>[0], 'path'>) => Promise<Probed>;

/** What is needed to inspect the answers of one endpoint. */
interface Asking extends Pick<Inspection, 'options' | 'say'> {
  router: RouterFacts;
  path: string;
  ask: Ask;
}

/** Inspects how the app answers at the endpoint. Returns the app that the router is in, if it is reached. */
export async function inspectAnswers(router: RouterFacts, { options, probe, say }: Inspection) {
  const url = typeof router.tokenEndpoint === 'string' ? new URL(router.tokenEndpoint) : undefined;
  const path = options.path ?? url?.pathname ?? router.path;
  // Some hosts refuse requests to another host or over http.
  const outside = url && { Host: url.host, 'X-Forwarded-Proto': url.protocol.slice(0, -1) };
  const ask: Ask = ({ headers, ...request }) => probe.send({ ...request, path, headers: { ...outside, ...headers } });
  const asking = { router, options, path, ask, say };

  const probed = await ask({ method: 'PUT' });
  if (!inspectPath(probed, url, asking)) return undefined;
  inspectCaching(probed, asking);
  // Whatever answers in the place of the router would be taken for its faults.
  if ((await inspectForm(asking)) && (await inspectParsers(asking))) await inspectOrigins(asking);
  return probed.req?.app as Express;
}

/** Finds out whether the URL that clients use leads to this router. */
function inspectPath({ req, response }: Probed, url: URL | undefined, { options, path, say, router }: Asking): boolean {
  if (req) return true;
  if (response.status !== 404) {
    sayAnswered('PUT', response, { path, say });
  } else if (url === undefined || options.path !== undefined) {
    say(
      'no_token_router',
      `No token router answers at ${path} (the answer was 404). Pass path: where your app sees the endpoint.`,
    );
  } else {
    say(
      'token_endpoint_unreachable',
      `tokenEndpoint is ${describeValue(router.tokenEndpoint)}, and no token router answers at ${path} (the answer was 404). Every DPoP proof would be refused, or every client sent there gets nothing. Write the URL under which the router is mounted; if a proxy rewrites the path, pass path: where your app sees it.`,
    );
  }
  return false;
}

const typeOf = ({ headers }: Probed['response']) => headers['content-type'] ?? 'no media type';

function sayAnswered(method: string, response: Probed['response'], { path, say }: Pick<Asking, 'path' | 'say'>): void {
  say(
    'answered_before_router',
    `Another handler answers ${method} ${path} before the token router, with ${response.status} and ${typeOf(response)}. Mount the router before your login, CSRF filter, rate limit and redirects, or let them leave out ${path}.`,
  );
}

/** A token in a cache is a token for everybody who reads it. */
function inspectCaching({ response }: Probed, { say }: Asking): void {
  const field = response.headers['cache-control'];
  if (/(?:^|[ ,])no-store(?:$|[ ,])/.test(String(field))) return;
  say(
    'cache_control_changed',
    `Cache-Control of the answers is ${field === undefined ? 'missing' : describeValue(field)}, and the router writes no-store (RFC 6749 §5.1): a cache could keep tokens. Let no middleware change or remove it.`,
  );
}

/** Finds out whether a form reaches the router. The router refuses it, because it has no grant_type. */
async function inspectForm(asking: Asking): Promise<boolean> {
  const { req, response } = await asking.ask({
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=',
  });
  if (!req) sayAnswered('POST', response, asking);
  return req !== undefined;
}

const JSON_TYPE = 'application/json';
/** Bodies that body parsers of Express answer in HTML, unless an error handler of the host answers them. */
const BODIES: readonly { what: string; headers: Record<string, string>; body: string }[] = [
  { what: 'malformed JSON', headers: { 'Content-Type': JSON_TYPE }, body: '{' },
  { what: 'a charset that is not UTF-8', headers: { 'Content-Type': `${JSON_TYPE}; charset=utf-7` }, body: '{}' },
  {
    what: 'a body with Content-Encoding: gzip',
    headers: { 'Content-Type': JSON_TYPE, 'Content-Encoding': 'gzip' },
    body: '{}',
  },
];

/** The statuses of body parsers, and of error handlers that know no better. */
const OF_PARSERS = [400, 413, 415, 422, 500];

async function inspectParsers(asking: Asking): Promise<boolean> {
  for (const { what, headers, body } of BODIES) {
    const { req, response } = await asking.ask({ method: 'POST', headers, body });
    if (req === undefined && !OF_PARSERS.includes(response.status)) {
      sayAnswered('POST', response, asking);
      return false;
    }
    if (typeOf(response).startsWith(JSON_TYPE) && typeof Object(response.body).error === 'string') continue;
    asking.say(
      'body_parser_answers',
      `A body parser runs before the token router and answers ${what} itself, with ${response.status} and ${typeOf(response)}: clients cannot read that. Mount the router before express.json() and express.urlencoded().`,
    );
    return true;
  }
  return true;
}

/** A site that no host knows. */
const FOREIGN = 'https://attacker.example';

const NOT_ALLOWED = 'the preflight is not allowed';

/** Finds out whether a page of the origin can send DPoP proofs, and read the nonce and the answer. */
async function inspectOrigins({ router, options: { origins = [] }, ask, say, path }: Asking): Promise<void> {
  const { response: foreign, req } = await ask({
    method: 'POST',
    headers: { Origin: FOREIGN, 'Content-Type': JSON_TYPE },
    body: '{}',
  });
  if (isLimit({ response: foreign, req })) return sayAnswered('POST', foreign, { path, say });
  if (isOpenTo(foreign, FOREIGN)) {
    const takes = foreign.headers['access-control-allow-credentials'] === 'true' ? ', and allows credentials' : '';
    const listed = origins.length === 0 ? "'https://app.example'" : origins.map(describeValue).join(', ');
    say(
      'origin_unrestricted',
      `Pages of every site can use the endpoint: to ${FOREIGN} it answers Access-Control-Allow-Origin: ${foreign.headers['access-control-allow-origin']}${takes}. Write allowedOrigins: [${listed}], and let no cors() of yours answer before the router. If every site is meant to use it, ignore this finding.`,
    );
  }

  const isDpop = router.verifyDpop !== undefined;
  const asked = ['content-type', 'authorization', ...(isDpop ? ['dpop'] : [])];
  for (const origin of origins) {
    const headers = { 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': asked.join(',') };
    const { response: preflight } = await ask({ method: 'OPTIONS', headers: { Origin: origin, ...headers } });
    const put = await ask({ method: 'PUT', headers: { Origin: origin } });
    if (isLimit(put)) return sayAnswered('PUT', put.response, { path, say });
    const answer = put.response;
    // Browsers take a preflight for allowed only if it succeeds.
    const isAsked = isOpenTo(preflight, origin) && preflight.status < 300;
    const missing = asked.filter((name) => !allowsField(preflight, origin, name));
    const lacks = [
      ...(isAsked ? missing.map((name) => `the preflight does not allow the field ${name}`) : [NOT_ALLOWED]),
      ...(isOpenTo(answer, origin) ? [] : ['answers have no Access-Control-Allow-Origin']),
      ...(isDpop && !exposesField(answer, origin, 'dpop-nonce') ? ['answers do not expose DPoP-Nonce'] : []),
    ];
    if (lacks.length === 0) continue;
    say(
      'origin_unreachable',
      `Pages of ${origin} cannot use the endpoint: ${lacks.join('; ')}. Write allowedOrigins: [${describeValue(origin)}], and let no cors() of yours answer before the router.`,
    );
  }
}

/** Whether a limit of the host, and not that of the router, refused a request. */
const isLimit = ({ response, req }: Pick<Probed, 'response' | 'req'>) => req === undefined && response.status === 429;
