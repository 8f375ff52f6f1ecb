import { CALLBACK, CLIENT, CODE_CHALLENGE, ISSUER, JKT, parse, parseGood, refusalOf } from './support';

describe('parseAuthorizationRequest redirects with', () => {
  it.each<[string, string, string, Record<string, unknown>]>([
    ['invalid_request', 'parameter_missing', 'no response_type', { response_type: undefined }],
    ['invalid_request', 'parameter_missing', 'an empty response_type', { response_type: '' }],
    ['invalid_request', 'parameter_repeated', 'two response_types', { response_type: ['code', 'code'] }],
    ['unsupported_response_type', 'response_type_unsupported', 'the implicit flow', { response_type: 'token' }],
    ['unsupported_response_type', 'response_type_unsupported', 'the hybrid flow', { response_type: 'code id_token' }],
    ['unsupported_response_type', 'response_type_unsupported', 'another case', { response_type: 'Code' }],

    ['invalid_request', 'parameter_missing', 'no code_challenge', { code_challenge: undefined }],
    ['invalid_request', 'parameter_missing', 'an empty code_challenge', { code_challenge: '' }],
    ['invalid_request', 'code_challenge_method_wrong', 'plain', { code_challenge_method: 'plain' }],
    [
      'invalid_request',
      'code_challenge_method_wrong',
      'no method, which means plain',
      { code_challenge_method: undefined },
    ],
    ['invalid_request', 'code_challenge_method_wrong', 'another case of the method', { code_challenge_method: 's256' }],
    ['invalid_request', 'code_challenge_malformed', 'a challenge that is too short', { code_challenge: 'short' }],
    [
      'invalid_request',
      'code_challenge_malformed',
      'a challenge with padding',
      { code_challenge: `${CODE_CHALLENGE}=` },
    ],
    [
      'invalid_request',
      'code_challenge_malformed',
      'a challenge with a character in front',
      { code_challenge: `A${CODE_CHALLENGE}` },
    ],
    ['invalid_request', 'code_challenge_malformed', 'a challenge in hex', { code_challenge: 'ab'.repeat(32) }],
    ['invalid_request', 'code_challenge_malformed', 'a challenge in base64', { code_challenge: `${'a'.repeat(41)}+A` }],
    ['invalid_request', 'code_challenge_malformed', 'a challenge of no digest', { code_challenge: 'B'.repeat(43) }],

    ['invalid_request', 'parameter_characters', 'a state with a line break', { state: 'a\r\nSet-Cookie: b=c' }],
    ['invalid_request', 'parameter_no_string', 'a state that is an object', { state: { a: 'b' } }],
    ['invalid_request', 'parameter_no_string', 'a state that is a number', { state: 7 }],
    ['invalid_request', 'parameter_no_string', 'a state that is null', { state: null }],
    ['invalid_request', 'parameter_repeated', 'two states', { state: ['a', 'b'] }],
    ['invalid_request', 'parameter_repeated', 'a list of states', { state: [] }],
    ['invalid_request', 'parameter_characters', 'a nonce of another script', { nonce: 'é' }],
    ['invalid_request', 'parameter_repeated', 'two nonces', { nonce: ['a', 'b'] }],

    ['invalid_request', 'prompt_malformed', 'none beside another prompt', { prompt: 'none login' }],
    ['invalid_request', 'prompt_malformed', 'an unknown prompt', { prompt: 'reauthenticate' }],
    ['invalid_request', 'prompt_malformed', 'a prompt that Object has', { prompt: 'constructor' }],
    ['invalid_request', 'max_age_malformed', 'a negative max_age', { max_age: '-1' }],
    ['invalid_request', 'max_age_malformed', 'a max_age with a fraction', { max_age: '1.5' }],
    ['invalid_request', 'max_age_malformed', 'a max_age in hex', { max_age: '0x10' }],
    ['invalid_request', 'max_age_malformed', 'a max_age with a zero in front', { max_age: '060' }],
    ['invalid_request', 'max_age_malformed', 'a max_age beyond all numbers', { max_age: '99999999999' }],
    ['invalid_request', 'parameter_no_string', 'a max_age that is a number', { max_age: 60 }],
    ['invalid_request', 'parameter_repeated', 'two login_hints', { login_hint: ['a', 'b'] }],
    ['invalid_request', 'parameter_characters', 'a login_hint with a line break', { login_hint: 'a\nb' }],
    ['invalid_request', 'parameter_characters', 'a login_hint with a line separator', { login_hint: 'a\u2028b' }],
    ['invalid_request', 'parameter_characters', 'half of a character', { login_hint: '\ud83d' }],
    ['invalid_request', 'dpop_jkt_malformed', 'a dpop_jkt that is too short', { dpop_jkt: 'short' }],
    ['invalid_request', 'dpop_jkt_malformed', 'a dpop_jkt with a character in front', { dpop_jkt: `A${JKT}` }],
    ['invalid_request', 'dpop_jkt_malformed', 'a dpop_jkt with a character behind', { dpop_jkt: `${JKT}A` }],
    ['invalid_request', 'dpop_jkt_malformed', 'a dpop_jkt of no digest', { dpop_jkt: 'B'.repeat(43) }],
    ['invalid_request', 'parameter_repeated', 'two dpop_jkts', { dpop_jkt: [JKT, JKT] }],
    ['invalid_request', 'parameter_repeated', 'two audiences', { audience: ['a', 'b'] }],

    ['request_not_supported', 'request_not_supported', 'a request object', { request: 'ey.ey.' }],
    ['request_not_supported', 'request_not_supported', 'two request objects', { request: ['', 'ey.ey.'] }],
    [
      'request_uri_not_supported',
      'request_uri_not_supported',
      'a request_uri',
      { request_uri: 'https://evil.example/' },
    ],
  ])('%s (%s) for %s', async (error, reason, _title, change) => {
    const state = 'state' in change ? null : 'a state';
    await expect(refusalOf(change)).resolves.toEqual({ kind: 'redirect', error, reason, state });
    const { request, client } = await parse(change);
    expect(request).toEqual({ responseUri: CALLBACK, responseMode: 'query', state, issuer: ISSUER });
    expect(client).toBe(CLIENT);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no response_type', { response_type: undefined }, 'Missing required parameter: response_type'],
    ['another response_type', { response_type: 'token' }, 'The response_type must be code'],
    ['no code_challenge', { code_challenge: undefined }, 'Missing required parameter: code_challenge'],
    ['a method that is not served', { code_challenge_method: 'plain' }, 'The code_challenge_method must be S256'],
    ['a short challenge', { code_challenge: 'short' }, 'The code_challenge must be a SHA-256 digest in base64url'],
    ['a parameter that is repeated', { nonce: ['a', 'b'] }, 'The parameter nonce must be sent once'],
    ['a parameter that is no string', { nonce: 7 }, 'The parameter nonce must be a string'],
    ['a line break', { nonce: 'a\nb' }, 'The parameter nonce has characters that are not allowed'],
    [
      'an unknown prompt',
      { prompt: 'reauthenticate' },
      'The prompt must be none, or a list of login, consent, select_account, create',
    ],
    ['a negative max_age', { max_age: '-1' }, 'The max_age must be a whole number of seconds'],
    ['a short dpop_jkt', { dpop_jkt: 'short' }, 'The dpop_jkt must be a SHA-256 thumbprint in base64url'],
    ['a request object', { request: 'ey.ey.' }, 'The parameter request is not supported'],
    ['a request_uri', { request_uri: 'https://evil.example/' }, 'The parameter request_uri is not supported'],
    [
      'another response_mode',
      { response_mode: 'fragment' },
      'The response_mode is not supported for this redirect_uri',
    ],
    ['a quote in the scope', { scope: '"openid"' }, 'The parameter scope is malformed'],
    [
      'a relative resource',
      { resource: '/api' },
      'The parameter resource must be an absolute URI without a fragment, 16 times at most',
    ],
  ])('a description that a developer understands for %s', async (_what, change, description) => {
    const { error } = await parse(change);
    expect(error?.error_description).toBe(description);
  });

  it.each<[string, Record<string, unknown>, Parameters<typeof parse>[1], string]>([
    [
      'a client that may not use codes',
      {},
      { client: { ...CLIENT, grantTypes: [] } },
      'The client may not use this grant',
    ],
    [
      'a web_message to an unregistered origin',
      { response_mode: 'web_message' },
      { client: { ...CLIENT, webOrigins: [] } },
      'The origin of the redirect_uri may not receive web_message answers',
    ],
    ['unknown scopes', { scope: 'unknown' }, { scopes: ['openid'] }, 'None of the requested scopes is known'],
    [
      'an unknown resource',
      { resource: 'urn:b' },
      { audiences: ['urn:a'] },
      'The requested resource or audience is unknown',
    ],
    [
      'an unknown audience',
      { audience: 'urn:b' },
      { audiences: ['urn:a'] },
      'The requested resource or audience is unknown',
    ],
  ])('a description that a developer understands for %s', async (_what, change, options, description) => {
    const { error } = await parse(change, options);
    expect(error?.error_description).toBe(description);
  });

  it('unauthorized_client for a client that may not use this grant', async () => {
    const client = { ...CLIENT, grantTypes: ['client_credentials'] };
    await expect(refusalOf({}, { client })).resolves.toMatchObject({
      kind: 'redirect',
      error: 'unauthorized_client',
      reason: 'grant_type_not_allowed',
    });
    await parseGood({}, { client: { ...CLIENT, grantTypes: ['authorization_code'] } });
    await parseGood({}, { client: { ...CLIENT, grantTypes: null } });
  });

  it('invalid_request for a declared parameter that is repeated, and ignores it where it is not declared', async () => {
    const change = { acr_values: ['a', 'b'] };
    await expect(refusalOf(change, { parameters: ['acr_values'] })).resolves.toMatchObject({
      kind: 'redirect',
      reason: 'parameter_repeated',
    });
    expect((await parseGood(change)).parameters).toEqual({});
  });
});

describe('parseAuthorizationRequest reads', () => {
  it.each<[Record<string, unknown>, object]>([
    [{ prompt: 'none' }, { prompt: ['none'] }],
    [{ prompt: ' login  consent login ' }, { prompt: ['login', 'consent'] }],
    [{ prompt: 'select_account create' }, { prompt: ['select_account', 'create'] }],
    [{ prompt: '' }, { prompt: [] }],
    [{ max_age: '0' }, { maxAge: 0 }],
    [{ max_age: '5' }, { maxAge: 5 }],
    [{ max_age: '86400' }, { maxAge: 86_400 }],
    [{ max_age: '9999999999' }, { maxAge: 9_999_999_999 }],
    [{ max_age: '' }, { maxAge: null }],
    [{ login_hint: 'Zoë 👩‍👩‍👧 <b>' }, { loginHint: 'Zoë 👩‍👩‍👧 <b>' }],
    [{ state: '"><script>alert(1)</script>' }, { state: '"><script>alert(1)</script>' }],
    [{ state: '' }, { state: null }],
    [{ state: ' ' }, { state: ' ' }],
    [{ request: '', request_uri: '' }, { state: 'a state' }],
    [{ request: [''] }, { state: 'a state' }],
    [{ dpop_jkt: '' }, { dpopJkt: null }],
    [{ audience: '' }, { audience: null }],
  ])('%j', async (change, expected) => {
    await expect(parseGood(change)).resolves.toMatchObject(expected);
  });
});
