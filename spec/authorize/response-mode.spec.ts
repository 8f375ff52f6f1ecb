import { CALLBACK, CLIENT, parse, parseGood, refusalOf } from './support';

describe('The response_mode of an authorization request', () => {
  it.each([
    [undefined, 'query'],
    ['', 'query'],
    ['query', 'query'],
    ['form_post', 'form_post'],
    ['web_message', 'web_message'],
  ])('%j is read as %j', async (response_mode, expected) => {
    expect((await parseGood({ response_mode })).responseMode).toBe(expected);
  });

  it.each([
    ['fragment', 'response_mode_unsupported'],
    ['Query', 'response_mode_unsupported'],
    ['query.jwt', 'response_mode_unsupported'],
    ['constructor', 'response_mode_unsupported'],
    [['query', 'web_message'], 'parameter_repeated'],
  ])('%j is refused by query', async (response_mode, reason) => {
    await expect(refusalOf({ response_mode })).resolves.toMatchObject({
      kind: 'redirect',
      error: 'invalid_request',
      reason,
    });
    expect((await parse({ response_mode })).request?.responseMode).toBe('query');
  });

  it.each(['query', 'form_post', 'web_message'])('%s brings errors in the same way', async (response_mode) => {
    const { kind, request } = await parse({ response_mode, response_type: 'token' });
    expect([kind, request?.responseMode]).toEqual(['redirect', response_mode]);
  });

  it.each([
    ['form_post', 'com.example.app:/cb'],
    ['web_message', 'com.example.app:/cb'],
    ['form_post', 'com.example.https://app.example/cb'],
    ['web_message', 'com.example.https://app.example/cb'],
    ['form_post', 'com.example.app:/cb?to=https://app.example/'],
    ['web_message', 'com.example.app:/cb?to=https://app.example/'],
  ])('%s is refused for the private-use scheme of %s', async (response_mode, redirect_uri) => {
    const client = { ...CLIENT, redirectUris: [redirect_uri], webOrigins: ['null', 'com.example.app:'] };
    expect((await parse({ redirect_uri }, { client })).kind).toBe('request');
    await expect(refusalOf({ redirect_uri, response_mode }, { client })).resolves.toMatchObject({
      kind: 'redirect',
      reason: 'response_mode_unsupported',
    });
  });

  it.each<[string, readonly string[] | null | undefined]>([
    ['none is registered', undefined],
    ['the list is null', null],
    ['the list is empty', []],
    ['another one is registered', ['https://other.example']],
    ['it is registered for http', ['http://app.example']],
    ['it is registered with a path', ['https://app.example/']],
    ['a part of it is registered', ['https://app.exam']],
    ['every one is', ['*']],
    ['every one of a domain is', ['https://*.example']],
  ])('web_message is refused for the origin of the callback URL where %s', async (_title, webOrigins) => {
    const client = { ...CLIENT, webOrigins };
    await expect(refusalOf({ response_mode: 'web_message' }, { client })).resolves.toMatchObject({
      kind: 'redirect',
      error: 'invalid_request',
      reason: 'web_origin_unregistered',
    });
    expect((await parse({ response_mode: 'web_message' }, { client })).request).toMatchObject({
      responseMode: 'query',
      responseUri: CALLBACK,
    });
  });

  it('web_message takes a label for a * in a registered origin', async () => {
    const client = {
      ...CLIENT,
      redirectUris: ['https://*.app.example/cb'],
      webOrigins: ['https://*.app.example'],
    };
    const good = { redirect_uri: 'https://pr-1.app.example/cb', response_mode: 'web_message' };
    await expect(parseGood(good, { client })).resolves.toMatchObject({ responseMode: 'web_message' });
  });

  it('web_message takes no other port on a loopback host', async () => {
    const client = { ...CLIENT, redirectUris: ['http://127.0.0.1:3000/cb'], webOrigins: ['http://127.0.0.1:3000'] };
    const at = (port: number) => ({ redirect_uri: `http://127.0.0.1:${port}/cb`, response_mode: 'web_message' });
    await expect(parseGood(at(3000), { client })).resolves.toMatchObject({ responseMode: 'web_message' });
    await expect(refusalOf(at(3001), { client })).resolves.toMatchObject({ reason: 'web_origin_unregistered' });
  });
});
