import assert from 'node:assert/strict';
import { createCode, createCodeRecord, createDpopProver, createPkcePair } from 'express-token-router/testing';
import { FAULTY_CODE, ORIGIN, TOKEN_ENDPOINT } from './service.mjs';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };

/** A client of one host. Each check has an address of its own, so that none uses up another's limit. */
function createClient({ send, saveCode }) {
  let count = 0;
  const nextAddress = () => {
    count += 1;
    return `203.0.113.${count}`;
  };

  async function login(record = {}) {
    const code = createCode();
    const { codeVerifier, codeChallenge } = createPkcePair();
    await saveCode(code, createCodeRecord({ codeChallenge, userId: 'ada', ...record }));
    return {
      grant_type: 'authorization_code',
      client_id: 'spa',
      redirect_uri: 'https://app.example/callback',
      code,
      code_verifier: codeVerifier,
    };
  }

  async function post(body, { headers = {}, address = nextAddress(), ...rest } = {}) {
    const isForm = body instanceof URLSearchParams;
    const type = typeof body === 'string' ? {} : isForm ? FORM : JSON_TYPE;
    const text = typeof body === 'string' || isForm ? String(body) : JSON.stringify(body);
    return send({ body: text, headers: { ...type, ...headers }, address, ...rest });
  }

  const postForm = (parameters, options) => post(new URLSearchParams(parameters), options);
  return { login, post, postForm, send, nextAddress };
}

/** Our own answer: JSON, its fields, and never cached. */
function checkOurs({ status, headers, body }, expectedStatus, error) {
  const seen = `${status} ${headers['content-type']} ${body.slice(0, 300)}`;
  assert.equal(status, expectedStatus, seen);
  assert.equal(headers['content-type'], 'application/json', seen);
  assert.equal(headers['cache-control'], 'no-store', `cache-control of ${seen}`);
  assert.equal(headers.pragma, 'no-cache', `pragma of ${seen}`);
  assert.equal(headers.etag, undefined, `etag of ${seen}`);
  const members = JSON.parse(body);
  assert.equal(members.error, error, seen);
  return members;
}

/** What each host must do. */
export const CHECKS = {
  'a form is served': async ({ login, postForm }) => {
    const { token_type, access_token } = checkOurs(await postForm(await login()), 200);
    assert.equal(token_type, 'Bearer');
    assert.match(access_token, /^[\w-]{36}$/);
  },

  'JSON is served': async ({ login, post }) => {
    checkOurs(await post(await login()), 200);
  },

  'a wrong code and a wrong verifier are refused, and the code lives on': async ({ login, postForm }) => {
    const good = await login();
    checkOurs(await postForm({ ...good, code: 'x' }), 400, 'invalid_grant');
    checkOurs(await postForm({ ...good, code_verifier: 'x'.repeat(43) }), 400, 'invalid_grant');
    checkOurs(await postForm(good), 200);
  },

  'a parameter that is sent twice, or is no string, is refused': async ({ login, post }) => {
    const good = await login();
    const twice = new URLSearchParams([...Object.entries(good), ['code', 'x']]);
    checkOurs(await post(twice), 400, 'invalid_request');
    checkOurs(await post({ ...good, code: [good.code] }), 400, 'invalid_request');
    checkOurs(await post({ ...good, code: 1 }), 400, 'invalid_request');
    checkOurs(await post(good), 200);
  },

  'DPoP compares the URL that clients call, and each proof works once': async ({ login, postForm }) => {
    const prover = createDpopProver();
    const proven = (proof) => ({ headers: { dpop: proof } });
    const seenByHost = prover.proof({ htu: 'http://127.0.0.1/oauth/token' });
    checkOurs(await postForm(await login(), proven(seenByHost)), 400, 'invalid_dpop_proof');
    const proof = prover.proof({ htu: TOKEN_ENDPOINT });
    const { token_type } = checkOurs(await postForm(await login(), proven(proof)), 200);
    assert.equal(token_type, 'DPoP');
    checkOurs(await postForm(await login(), proven(proof)), 400, 'invalid_dpop_proof');
  },

  'of two requests with one code exactly one is served': async ({ login, postForm }) => {
    const good = await login();
    const answers = await Promise.all([postForm(good), postForm(good)]);
    answers.sort((one, other) => one.status - other.status);
    checkOurs(answers[0], 200);
    checkOurs(answers[1], 400, 'invalid_grant');
  },

  'a page of an allowed origin may send its request and read the answer': async ({ login, post, postForm, send }) => {
    const preflight = {
      origin: ORIGIN,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,dpop',
    };
    const { status, headers } = await send({ method: 'OPTIONS', headers: preflight, address: '203.0.113.250' });
    assert.ok(status === 204 || status === 200, `the preflight got ${status}`);
    assert.equal(headers['access-control-allow-origin'], ORIGIN);
    assert.match(headers['access-control-allow-headers'], /dpop/i);
    const answer = await postForm(await login(), { headers: { origin: ORIGIN } });
    checkOurs(answer, 200);
    assert.equal(answer.headers['access-control-allow-origin'], ORIGIN);
    const refusal = await post({}, { headers: { origin: ORIGIN } });
    assert.equal(refusal.headers['access-control-allow-origin'], ORIGIN);
  },

  'other methods and media types are refused': async ({ post, send }) => {
    const answer = await send({ method: 'GET', headers: {}, address: '203.0.113.251' });
    checkOurs(answer, 405, 'invalid_request');
    assert.equal(answer.headers.allow, 'POST');
    checkOurs(await post('<a/>', { headers: { 'content-type': 'text/xml' } }), 415, 'invalid_request');
  },

  'a body over the limit is refused': async ({ login, postForm }) => {
    const answer = await postForm({ ...(await login()), code: 'x'.repeat(20_000) });
    // A host that reads bodies itself has a limit of its own. Then it is a code that nobody knows.
    if (answer.status === 413) checkOurs(answer, 413, 'invalid_request');
    else checkOurs(answer, 400, 'invalid_grant');
  },

  'a fault is answered in JSON that tells nothing': async ({ login, postForm }) => {
    const { error_description } = checkOurs(
      await postForm({ ...(await login()), code: FAULTY_CODE }),
      500,
      'server_error',
    );
    assert.doesNotMatch(error_description, /SECRET|10\.0/);
  },

  'each address has a limit of its own': async ({ login, postForm, nextAddress }) => {
    const [attacker, other] = [nextAddress(), nextAddress()];
    const guess = { ...(await login()), code: 'a guess' };
    for (const status of [400, 400, 429]) {
      const answer = await postForm(guess, { address: attacker });
      checkOurs(answer, status, status === 429 ? 'too_many_requests' : 'invalid_grant');
    }
    checkOurs(await postForm(await login(), { address: other }), 200);
  },

  'nobody escapes the limit by an address that it writes itself': async ({ login, postForm, nextAddress }) => {
    const attacker = nextAddress();
    const guess = { ...(await login()), code: 'a guess' };
    const statuses = [];
    for (const written of ['198.51.100.1', '198.51.100.2', '198.51.100.3']) {
      statuses.push((await postForm(guess, { address: `${written}, ${attacker}` })).status);
    }
    assert.deepEqual(statuses, [400, 400, 429]);
  },
};

/** Who refuses malformed JSON, where that is the host's to say: `the router`, or what the host answers. */
async function findWhoRefuses({ post }) {
  const answer = await post('{"code":', { headers: JSON_TYPE });
  const { status, headers, body } = answer;
  assert.equal(status, 400, `${status} ${body.slice(0, 300)}`);
  try {
    checkOurs(answer, 400, 'invalid_request');
    return 'the router';
  } catch {
    return `the host, with ${String(headers['content-type']).replace(/;.*/, '')}`;
  }
}

/** Tries all of it on one host. */
export async function tryOut(host) {
  const client = createClient(host);
  const failures = {};
  for (const [name, check] of Object.entries(CHECKS)) {
    await check(client).catch((error) => {
      failures[name] = String(error.message);
    });
  }
  const malformed = await findWhoRefuses(client).catch((error) => `nobody: ${error.message}`);
  return { failures, malformed };
}
