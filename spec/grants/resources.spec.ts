import fc from 'fast-check';
import request from 'supertest';
import { createEndpoint, goodForm, type LiveCode } from '../support/endpoint';
import { createRefreshEndpoint, refreshForm } from '../support/refresh';
import { expectRedeemable, expectRefusal } from '../support/refusals';

const API = 'https://api.example/';
const MCP = 'https://mcp.example/mcp';
const URN = 'urn:example:api';

const malformed = { error: 'invalid_target', reason: 'resource_malformed' };
const notGranted = {
  error: 'invalid_target',
  description: 'The parameter resource asks for more than was granted',
  reason: 'resource_not_granted',
};

/** An endpoint whose code has these resources, and what `issueTokens` saw. */
function createResourceEndpoint(granted?: readonly string[] | null) {
  const seen: unknown[] = [];
  const endpoint = createEndpoint({
    record: { resources: granted } as Partial<LiveCode>,
    issueTokens({ resources }) {
      endpoint.calls.push('issueTokens');
      seen.push(resources);
      return { access_token: 'a', expires_in: 60 };
    },
  });
  if (granted === undefined) delete (endpoint.code as Partial<LiveCode & { resources: unknown }>).resources;
  return { ...endpoint, seen };
}

/** The good form, with `resource` as often as there are values. */
const formWith = (form: Record<string, string>, values: readonly string[]) =>
  new URLSearchParams([...Object.entries(form), ...values.map((value): [string, string] => ['resource', value])]);
const postForm = ({ app }: { app: Parameters<typeof request>[0] }, form: URLSearchParams) =>
  request(app).post('/oauth/token').type('form').send(form.toString());
const postJson = ({ app }: { app: Parameters<typeof request>[0] }, resource: unknown) =>
  request(app)
    .post('/oauth/token')
    .send({ ...goodForm(), resource });

describe('A request for resources', () => {
  it.each<[string, readonly string[] | null | undefined, string[], string[]]>([
    ['all that was granted, where it names none', [API, MCP], [], [API, MCP]],
    ['what it names', [API, MCP], [MCP], [MCP]],
    ['several', [API, MCP, URN], [MCP, API], [MCP, API]],
    ['the same one twice as one', [API], [API, API], [API]],
    ['an empty value as none', [API], [''], [API]],
    ['an empty value beside another', [API, MCP], ['', MCP], [MCP]],
    [
      'a URL without the slash of an empty path, in its own spelling',
      [API],
      ['https://api.example'],
      ['https://api.example'],
    ],
    ['a URL with that slash where it was granted without', ['https://api.example'], [API], [API]],
    ['scheme and host in another case', [API], ['HTTPS://API.Example/'], ['HTTPS://API.Example/']],
    ['a URN', [URN], [URN], [URN]],
    ['a URL with a query', [`${MCP}?a=1`], [`${MCP}?a=1`], [`${MCP}?a=1`]],
    ['none, where none was granted', [], [], []],
    ['nothing, where the login knows no resource indicators', undefined, [MCP], []],
    ['nothing, where a column was added later', null, [MCP], []],
  ])('is served with %s', async (_what, granted, asked, issued) => {
    const endpoint = createResourceEndpoint(granted);
    expect((await postForm(endpoint, formWith(goodForm(), asked))).status).toBe(200);
    expect(endpoint.seen).toEqual([issued]);
  });

  it.each<[string, readonly string[], string]>([
    ['another one', [API], MCP],
    ['one where none was granted', [], MCP],
    ['another path', [MCP], 'https://mcp.example/MCP'],
    ['a path with a slash at its end', [MCP], `${MCP}/`],
    ['another port', [API], 'https://api.example:443/'],
    ['a query more', [MCP], `${MCP}?a=1`],
    ['a URN in another case', [URN], 'urn:example:API'],
    ['a host of which the granted one is the end', [API], 'https://evil-api.example/'],
  ])('that was not granted is refused, and nothing is spent: %s', async (_what, granted, asked) => {
    const verifyDpop = jest.fn();
    const endpoint = createResourceEndpoint(granted);
    expectRefusal(await postForm(endpoint, formWith(goodForm(), [asked])), endpoint, notGranted);
    expect([endpoint.isSpent(), verifyDpop.mock.calls]).toEqual([false, []]);
    await expectRedeemable(endpoint);
  });

  it.each([
    ['a fragment', 'https://api.example/#a'],
    ['an empty fragment', 'https://api.example/#'],
    ['no scheme', '/api'],
    ['a name', 'api'],
    ['a scheme alone', 'https:'],
    ['a scheme that begins with a digit', '1https://api.example'],
    ['a blank', 'https://api.example/a b'],
    ['a line break', 'https://api.example/\n'],
    ['NUL', 'https://api.example/\0'],
    ['a character beyond ASCII', 'https://äpi.example/'],
  ])('that is malformed is refused before any adapter is called: %s', async (_what, asked) => {
    for (const granted of [undefined, null, [], [API]]) {
      const endpoint = createResourceEndpoint(granted);
      expectRefusal(await postForm(endpoint, formWith(goodForm(), [API, asked])), endpoint, malformed);
      expect(endpoint.calls).toEqual([]);
    }
  });

  it('may name sixteen, and not seventeen', async () => {
    const many = Array.from({ length: 17 }, (_each, n) => `urn:example:${n}`);
    const endpoint = createResourceEndpoint(many);
    expectRefusal(await postForm(endpoint, formWith(goodForm(), many)), endpoint, malformed);
    expect((await postForm(endpoint, formWith(goodForm(), many.slice(1)))).status).toBe(200);
  });

  it('may be 9 KB long', async () => {
    const long = `${MCP}/${'x'.repeat(9000)}`;
    const endpoint = createResourceEndpoint([long]);
    expect((await postForm(endpoint, formWith(goodForm(), [long]))).status).toBe(200);
    expect(endpoint.seen).toEqual([[long]]);
  });

  it.each<[string, unknown, string[]]>([
    ['a string', MCP, [MCP]],
    ['an array', [MCP, API], [MCP, API]],
    ['an empty array', [], [API, MCP]],
    ['an empty string', '', [API, MCP]],
  ])('is read from JSON: %s', async (_what, resource, issued) => {
    const endpoint = createResourceEndpoint([API, MCP]);
    expect((await postJson(endpoint, resource)).status).toBe(200);
    expect(endpoint.seen).toEqual([issued]);
  });

  it.each([
    ['a number', 7],
    ['null', null],
    ['an object', { 0: MCP }],
    ['an array in an array', [[[MCP]]]],
    ['null in an array', [MCP, null]],
    ['a number in an array', [MCP, 7]],
  ])('is refused as JSON that is no string and no array of strings: %s', async (_what, resource) => {
    const endpoint = createResourceEndpoint([MCP]);
    expectRefusal(await postJson(endpoint, resource), endpoint, malformed);
    expect(endpoint.calls).toEqual([]);
  });

  it('may stand in the query, where it is not read', async () => {
    const endpoint = createResourceEndpoint([API, MCP]);
    const answer = await request(endpoint.app)
      .post(`/oauth/token?resource=${encodeURIComponent(URN)}`)
      .type('form')
      .send(goodForm());
    expect([answer.status, endpoint.seen]).toEqual([200, [[API, MCP]]]);
  });

  it('is a fault where the record has no list of names', async () => {
    for (const granted of [MCP, [7], [''], {}]) {
      const endpoint = createResourceEndpoint(granted as never);
      expectRefusal(await endpoint.post(), endpoint, { status: 500, error: 'server_error', reason: 'code_malformed' });
    }
  });
});

describe('A refresh for resources', () => {
  const post = (endpoint: ReturnType<typeof createRefreshEndpoint>, asked: string[]) =>
    postForm(endpoint, formWith(refreshForm(), asked));

  it('narrows the access token once, and is whole again with the next', async () => {
    const seen: unknown[] = [];
    const endpoint = createRefreshEndpoint({
      token: { resources: [API, MCP] },
      refresh: { consumeRefreshToken: () => true },
      issueTokens: (({ resources, refreshToken }: { resources: unknown; refreshToken: { resources: unknown } }) => {
        seen.push([resources, refreshToken.resources]);
        return { access_token: 'a', expires_in: 60 };
      }) as never,
    });
    expect((await post(endpoint, [MCP])).status).toBe(200);
    expect((await post(endpoint, [])).status).toBe(200);
    expect(seen).toEqual([
      [[MCP], [API, MCP]],
      [
        [API, MCP],
        [API, MCP],
      ],
    ]);
  });

  it('outside the grant is refused, nothing is spent, and the right one works then', async () => {
    const endpoint = createRefreshEndpoint({ token: { resources: [MCP] } });
    const refused = await post(endpoint, [API]);
    expect([refused.status, refused.body.error, endpoint.reasons()]).toEqual([
      400,
      'invalid_target',
      ['resource_not_granted'],
    ]);
    expect([endpoint.live.spentAt, endpoint.calls]).toEqual([null, ['findRefreshToken']]);
    expect((await post(endpoint, [MCP])).status).toBe(200);
  });

  it('is a fault where the record has no list of names', async () => {
    const endpoint = createRefreshEndpoint({ token: { resources: 'https://api.example/' as never } });
    const answer = await endpoint.post();
    expect([answer.status, endpoint.reasons()]).toEqual([500, ['refresh_token_malformed']]);
  });
});

describe('Whatever stands in resource,', () => {
  it('the answer is 200, invalid_target or a malformed body, and never a fault', async () => {
    const value = fc.oneof(fc.string(), fc.constantFrom(API, MCP, 'https://api.example', '', '\0', 'a:#'));
    await fc.assert(
      fc.asyncProperty(fc.array(value, { maxLength: 18 }), async (asked) => {
        const endpoint = createResourceEndpoint([API, MCP]);
        const { status, body } = await postForm(endpoint, formWith(goodForm(), asked));
        expect([200, 400]).toContain(status);
        if (status === 400) expect(body.error).toBe('invalid_target');
        expect(endpoint.isSpent()).toBe(status === 200);
      }),
      { numRuns: 60 },
    );
  });
});
