import fc from 'fast-check';
import { CODE, CODE_VERIFIER, createEndpoint, goodForm, REDIRECT_URI } from './support/endpoint';
import { type RawAnswer, rawPost, sendBytes, withServer } from './support/raw';

const FORM = 'Content-Type: application/x-www-form-urlencoded';
const JSON_TYPE = 'Content-Type: application/json';

const latin1 = (options: fc.StringConstraints) =>
  fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)), ...options });

/** Values that are right, nearly right, or anything. */
const value = fc.oneof(
  fc.constantFrom('authorization_code', 'spa', CODE, CODE_VERIFIER, REDIRECT_URI, '', 'refresh_token', '\0', 'ü'),
  latin1({ maxLength: 60 }),
);
const name = fc.oneof(
  fc.constantFrom(...Object.keys(goodForm()), 'client_secret', 'client_assertion', 'client_assertion_type'),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'scope', 'code[]', 'code[a]'),
  latin1({ maxLength: 12 }),
);
const pairs = fc.array(fc.tuple(name, value), { maxLength: 8 });

const encode = (text: string) =>
  Buffer.from(text, 'latin1').reduce((all, byte) => `${all}%${byte.toString(16).padStart(2, '0')}`, '');

/** Bodies: the good form with other pairs before or after it, anything in JSON, or any bytes. */
const body = fc.oneof(
  fc
    .tuple(fc.boolean(), pairs)
    .map(([isGood, more]) =>
      [
        ...(isGood ? [new URLSearchParams(goodForm()).toString()] : []),
        ...more.map(([key, text]) => `${encode(key)}=${encode(text)}`),
      ].join('&'),
    ),
  fc
    .tuple(fc.dictionary(name, fc.jsonValue()), fc.boolean())
    .map(([more, isGood]) => JSON.stringify(isGood ? { ...goodForm(), ...more } : more)),
  fc.json(),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);

const fieldText = fc.string({ unit: 'grapheme-ascii', maxLength: 40 }).map((text) => text.replaceAll(/[\r\n]/g, ''));
const header = fc.oneof(
  fc.constantFrom(FORM, JSON_TYPE, `${FORM};charset=utf-8`, `${JSON_TYPE};charset=utf-16`, 'Content-Type: text/plain'),
  fc.constantFrom('Content-Encoding: gzip', 'Content-Encoding: identity', 'DPoP: a', 'DPoP:', 'Authorization:'),
  fc.string({ maxLength: 30 }).map((pair) => `Authorization: Basic ${Buffer.from(pair).toString('base64')}`),
  fieldText.map((text) => `Authorization: ${text}`),
  fieldText.map((text) => `Content-Type: ${text}`),
  fieldText.map((text) => `Accept: ${text}`),
  fieldText.map((text) => `Origin: ${text}`),
);
const query = fc.constantFrom('', '?', '?a=b', '?code=x', '?%', '?__proto__=x', '?code_verifier');

const request = fc.record({
  headers: fc.oneof(fc.constant([FORM]), fc.constant([JSON_TYPE]), fc.array(header, { maxLength: 5 })),
  body,
  query,
});

function expectOAuthJson({ status, headers, body: text }: RawAnswer): void {
  expect([200, 400, 401, 413, 415]).toContain(status);
  expect([headers['content-type'], headers['cache-control'], headers.pragma]).toEqual([
    'application/json',
    'no-store',
    'no-cache',
  ]);
  const answer = JSON.parse(text);
  if (status === 200) {
    expect(answer).toEqual({ access_token: 'an access token', token_type: 'Bearer', expires_in: 3600 });
  } else {
    expect(Object.keys(answer)).toEqual(['error', 'error_description']);
    expect(answer.error_description).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/);
  }
}

describe('No request, whatever its bytes,', () => {
  it('gets a 5xx or a body that is not of OAuth, and none that is refused costs the code', async () => {
    const good = rawPost([FORM], new URLSearchParams(goodForm()).toString());
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 3 }), async (requests) => {
        const endpoint = createEndpoint({ rateLimit: false, allowedOrigins: ['https://app.example'] });
        await withServer(endpoint.app, async (port) => {
          for (const { headers, body: sent, query: search } of requests) {
            const answer = await sendBytes(port, rawPost(headers, sent, `/oauth/token${search}`));
            expectOAuthJson(answer);
            const outcome = endpoint.outcomes.at(-1);
            expect([outcome?.status, 'fault' in (outcome ?? {})]).toEqual([answer.status, false]);
          }
          expect(endpoint.outcomes).toHaveLength(requests.length);
          const issued = endpoint.outcomes.filter(({ outcome }) => outcome === 'issued').length;
          expect(issued).toBeLessThanOrEqual(1);
          expect(endpoint.isSpent()).toBe(issued === 1);
          const last = await sendBytes(port, good);
          expect(last.status).toBe(issued === 1 ? 400 : 200);
        });
      }),
      { numRuns: 150 },
    );
  });
});

describe('Whatever order adapters answer in,', () => {
  const post = (port: number, form: Record<string, string>) =>
    fetch(`http://127.0.0.1:${port}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) });

  it('at most one of many requests gets tokens', async () => {
    const change = fc.constantFrom<Record<string, string>>({}, {}, {}, { client_id: 'other' }, { redirect_uri: 'x' });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(change, { minLength: 2, maxLength: 6 }), async (scheduler, changes) => {
        let isSpent = false;
        const { code } = createEndpoint();
        const endpoint = createEndpoint({
          rateLimit: false,
          findCode: (sent) => scheduler.schedule(Promise.resolve(sent === CODE ? code : null), 'find'),
          consumeCode: async () => {
            await scheduler.schedule(Promise.resolve(), 'before the row is written');
            const wasSpent = isSpent;
            isSpent = true;
            await scheduler.schedule(Promise.resolve(), 'the answer is on its way');
            return !wasSpent;
          },
          issueTokens: () => {
            endpoint.calls.push('issueTokens');
            return scheduler.schedule(Promise.resolve({ access_token: 'a', expires_in: 1 }), 'issue');
          },
          revokeTokens: async () => {
            endpoint.calls.push('revokeTokens');
            await scheduler.schedule(Promise.resolve(), 'revoke');
          },
        });
        await withServer(endpoint.app, async (port) => {
          const answers = Promise.all(changes.map((each) => post(port, { ...goodForm(), ...each })));
          const statuses = (await scheduler.waitFor(answers)).map(({ status }) => status);
          const good = changes.filter((each) => Object.keys(each).length === 0).length;
          expect(statuses.filter((status) => status === 200)).toHaveLength(Math.min(1, good));
          expect(statuses.filter((status) => status >= 500)).toEqual([]);
          expect(endpoint.calls.filter((call) => call === 'issueTokens')).toHaveLength(Math.min(1, good));
          expect(endpoint.calls.filter((call) => call === 'revokeTokens')).toHaveLength(Math.max(0, good - 1));
        });
      }),
      { numRuns: 60 },
    );
  });

  it('a request that runs into its deadline gets no tokens, and no other gets a second set', async () => {
    const late = fc.constantFrom('findCode', 'consumeCode', 'issueTokens', 'nothing');
    await fc.assert(
      fc.asyncProperty(fc.array(late, { minLength: 2, maxLength: 4 }), async (slow) => {
        let isSpent = false;
        let issued = 0;
        const { code } = createEndpoint();
        // A late step ends only once every request has its answer: no clock decides which of the two is first.
        let release = () => {};
        const answered = new Promise<void>((resolve) => {
          release = resolve;
        });
        const waits = (step: string, nth: unknown) => (slow[Number(nth)] === step ? answered : undefined);
        const endpoint = createEndpoint({
          rateLimit: false,
          adapterTimeout: 25,
          actTimeout: 25,
          findCode: async (_code, req) => {
            await waits('findCode', req.headers['x-nth']);
            return code;
          },
          consumeCode: async (_code, req) => {
            const wasSpent = isSpent;
            isSpent = true;
            await waits('consumeCode', req.headers['x-nth']);
            return !wasSpent;
          },
          issueTokens: async (_exchange, req) => {
            issued += 1;
            await waits('issueTokens', req.headers['x-nth']);
            return { access_token: 'a', expires_in: 1 };
          },
        });
        await withServer(endpoint.app, async (port) => {
          const answers = await Promise.all(
            slow.map((_step, nth) =>
              fetch(`http://127.0.0.1:${port}/oauth/token`, {
                method: 'POST',
                body: new URLSearchParams(goodForm()),
                headers: { 'X-Nth': String(nth) },
              }),
            ),
          );
          release();
          await new Promise((resolve) => setImmediate(resolve));
          const statuses = answers.map(({ status }) => status);
          expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(1);
          for (const [nth, status] of statuses.entries()) {
            expect(slow[nth] === 'findCode' ? [503] : [200, 400, 500, 503]).toContain(status);
          }
        });
        expect(issued).toBeLessThanOrEqual(1);
      }),
      { numRuns: 15 },
    );
  });
});
