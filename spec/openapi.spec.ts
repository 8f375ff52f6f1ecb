import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Express } from 'express';
import request from 'supertest';
import { ERROR_STATUS } from '../lib/error-codes';
import { stopAt } from './dpop/support/clock';
import { document, listDifferences, listMisfits, listRequests, listShown, type Shown } from './openapi/document';
import { type Circumstances, createExampleServer, INSTANT } from './openapi/server';
import { recordAnswers, type SentAnswer } from './support/answers';
import { rawPost, sendBytes, withServer } from './support/raw';
import type { Walk } from './support/walks/walk';

const FORM = 'application/x-www-form-urlencoded';
const shown = listShown();
const posted = Object.keys(document.paths).filter((path) => document.paths[path]?.post);
const documents = Object.keys(document.paths).filter((path) => document.paths[path]?.get);

afterEach(() => jest.restoreAllMocks());

/** What makes an answer that no parameters make. */
interface Provocation {
  circumstances?: Circumstances;
  send(app: Express, shown: Shown): Promise<unknown>;
}

/** A request to this endpoint that is served. */
const goodRequest = ({ path }: Shown) => {
  const { request: good } = shown.find((each) => each.path === path && each.status === 200) as Shown;
  if (!good) throw new Error(`${path} shows no good request`);
  return good;
};
const sendGood = (app: Express, each: Shown, headers: Record<string, string> = {}) => {
  const { body, headers: own } = goodRequest(each);
  return request(app)
    .post(each.path)
    .type('form')
    .set({ ...own, ...headers })
    .send(body);
};

const PROVOCATIONS: Readonly<Record<string, Provocation>> = {
  origin_not_allowed: {
    send: async (app, each) => sendGood(app, each, { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' }),
  },
  body_timeout: {
    circumstances: { bodyTimeout: 50 },
    send: (app, { path }) =>
      withServer(app, (port) => sendBytes(port, rawPost([`Content-Type: ${FORM}`], 'a=b', path).subarray(0, -1))),
  },
  body_too_large: {
    send: async (app, { path }) =>
      request(app)
        .post(path)
        .type('form')
        .send({ pad: 'x'.repeat(20_000) }),
  },
  media_type_unsupported: { send: async (app, { path }) => request(app).post(path).type('text/plain').send('a=b') },
  too_many_requests: {
    circumstances: { limit: 1 },
    async send(app, { path }) {
      await request(app).post(path).type('form').send('a=b');
      return request(app).post(path).type('form').send('a=b');
    },
  },
  server_error: { circumstances: { database: 'gone' }, send: async (app, each) => sendGood(app, each) },
  temporarily_unavailable: { circumstances: { database: 'hangs' }, send: async (app, each) => sendGood(app, each) },
  metadata: { send: async (app, { path }) => request(app).get(path) },
  keys: { send: async (app, { path }) => request(app).get(path) },
};
const NOT_MODIFIED: Provocation = {
  async send(app, { path }) {
    const { headers } = await request(app).get(path);
    return request(app).get(path).set('If-None-Match', String(headers.etag));
  },
};

async function answerOf(each: Shown): Promise<SentAnswer | undefined> {
  const { name, path, request: sent } = each;
  const provocation = each.status === 304 ? NOT_MODIFIED : PROVOCATIONS[name];
  const app = createExampleServer({ needsNonce: name === 'use_dpop_nonce', ...provocation?.circumstances });
  stopAt(INSTANT);
  const answers = recordAnswers();
  if (provocation) await provocation.send(app, each);
  else if (!sent) throw new Error(`${path} shows no request for ${each.status} ${name}`);
  else {
    const post = request(app).post(path).set(sent.headers);
    await (sent.type === FORM ? post.type('form').send(toForm(sent.body)) : post.send(sent.body));
  }
  return answers.at(-1);
}

const toForm = (body: Record<string, unknown>) =>
  new URLSearchParams(Object.entries(body) as [string, string][]).toString();

describe('An answer that docs/openapi.yaml shows', () => {
  it.each(shown.map((each) => [each.method.toUpperCase(), each.path, each.status, each.name, each] as const))(
    'is what a router answers: %s %s %i %s',
    async (_method, _path, _status, _name, each) => {
      const answer = await answerOf(each);
      expect(answer?.status).toBe(each.status);
      if (each.answer === undefined) expect(answer?.body).toBe('');
      else expect(JSON.parse(String(answer?.body))).toEqual(each.answer);
      expect(listDifferences(answer as SentAnswer)).toEqual([]);
    },
  );

  it('is there for each status of each endpoint', () => {
    // A document that has not changed is answered without a body, whatever it is.
    expect(shown.filter(({ name, status }) => name === '' && status !== 304)).toEqual([]);
  });

  it('is there for each request that is shown, and for no other name than those that can be provoked', () => {
    const asked = posted.flatMap((path) => listRequests(path).map((name) => `${path} ${name}`));
    const answered = shown.filter(({ request: sent }) => sent).map(({ path, name }) => `${path} ${name}`);
    expect(answered.sort()).toEqual(asked.sort());
    const provoked = shown.filter(({ request: sent, status }) => !sent && status !== 304).map(({ name }) => name);
    expect([...new Set(provoked)].sort()).toEqual(Object.keys(PROVOCATIONS).sort());
  });

  it('is there for each error code, with its status', () => {
    const codes = shown.map(({ status, answer }) => [Object(answer).error, status]);
    for (const [code, status] of Object.entries(ERROR_STATUS)) expect(codes).toContainEqual([code, status]);
  });

  it('has fields that are shown too: a nonce, a challenge, when to come again', async () => {
    const fieldsOf = async (name: string) =>
      (await answerOf(shown.find((each) => each.name === name) as Shown))?.headers;
    expect(await fieldsOf('use_dpop_nonce')).toHaveProperty('dpop-nonce');
    expect(await fieldsOf('invalid_client')).not.toHaveProperty('www-authenticate');
    expect((await fieldsOf('invalid_client_basic'))?.['www-authenticate']).toBe('Basic realm="token endpoint"');
    expect((await fieldsOf('too_many_requests'))?.['retry-after']).toBe('60');
    expect((await fieldsOf('temporarily_unavailable'))?.['retry-after']).toBe('1');
  });
});

describe('A request that docs/openapi.yaml shows', () => {
  it('fits the schema of requests', () => {
    for (const { path, request: sent } of shown) {
      if (!sent) continue;
      const place = ['paths', path, 'post', 'requestBody', 'content', sent.type, 'schema'];
      expect([sent.body, listMisfits(place, sent.body)]).toEqual([sent.body, []]);
    }
  });
});

describe('Another method', () => {
  it.each([...posted, ...documents])('is answered with 405 as docs/openapi.yaml says, at %s', async (path) => {
    const answers = recordAnswers();
    const other = document.paths[path]?.post ? ['get', 'head', 'put', 'patch', 'delete'] : ['post', 'put', 'delete'];
    const app = createExampleServer();
    for (const method of other as ['get']) await request(app)[method](path);
    expect(answers.map(({ status }) => status)).toEqual(other.map(() => 405));
    for (const answer of answers) {
      // An answer to HEAD has no body, and the fields that describe it.
      if (answer.method === 'HEAD') continue;
      expect(listDifferences(answer)).toEqual([]);
    }
  });
});

describe('An answer of the walk through all reasons', () => {
  const folder = join(__dirname, 'support/walks');
  // The document tells of no authorization endpoint: that is a page of the host.
  const files = readdirSync(folder).filter((file) => !['walk.ts', 'authorize.ts'].includes(file));
  const walks = files.flatMap((file) => Object.entries(require(join(folder, file)).walk as Walk));
  // The host answers by itself there.
  const own = ['answered_by_host'];

  it.each(walks.filter(([reason]) => !own.includes(reason)))(
    'is as docs/openapi.yaml says: %s',
    async (_reason, walk) => {
      const answers = recordAnswers();
      await walk();
      for (const answer of answers) expect([answer, listDifferences(answer)]).toEqual([answer, []]);
    },
  );
});

describe('What holds the document', () => {
  const good: SentAnswer = {
    method: 'POST',
    path: '/oauth/token',
    status: 400,
    headers: { 'cache-control': 'no-store', pragma: 'no-cache', 'content-type': 'application/json' },
    body: '{"error":"invalid_grant","error_description":"No"}',
  };
  const { pragma: _pragma, ...withoutPragma } = good.headers;

  it.each<[string, Partial<SentAnswer>, RegExp]>([
    ['a status that the document does not name', { status: 418 }, /has no status 418/],
    ['a path that it does not name', { path: '/oauth/other' }, /has no status 400/],
    ['another method with another status', { method: 'PUT' }, /has no status 400/],
    ['a field that it does not name', { headers: { ...good.headers, etag: 'W/"1"' } }, /etag is not described/],
    ['a field that is missing', { headers: withoutPragma }, /Pragma is missing/],
    [
      'a field with another value',
      { headers: { ...good.headers, 'cache-control': 'public' } },
      /Cache-Control: public/,
    ],
    ['another media type', { headers: { ...good.headers, 'content-type': 'text/html' } }, /media type is text\/html/],
    ['another error code', { body: '{"error":"teapot","error_description":"No"}' }, /error must be equal/],
    ['a member that is missing', { body: '{"error":"invalid_grant"}' }, /error_description/],
    [
      'a token type of another letter case',
      { status: 200, body: '{"access_token":"a","token_type":"bearer","expires_in":1}' },
      /token_type/,
    ],
    [
      'more than active of an inactive token',
      { path: '/oauth/introspect', status: 200, body: '{"active":false,"sub":"ann"}' },
      /additional/,
    ],
    ['a body where there is none', { path: '/oauth/revoke', status: 200 }, /there is a body/],
  ])('finds %s', (_title, change, difference) => {
    expect(listDifferences(good)).toEqual([]);
    expect(listDifferences({ ...good, ...change }).join()).toMatch(difference);
  });
});

it('has the version of the package, and travels in it', () => {
  const { version, files } = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8'));
  expect(document.info.version).toBe(version);
  expect(files).toContain('docs');
});
