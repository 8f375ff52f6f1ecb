import { setTimeout as sleep } from 'node:timers/promises';
import { CLIENTS, describe } from './clients.mjs';
import { NATIVE } from './native.mjs';
import { PROGRAMS } from './programs.mjs';

const ALL = { ...CLIENTS, ...NATIVE, ...PROGRAMS };

/** Lets the clients that standard input names log in, refresh, and meet a refusal; prints what became of it. */
const { names, issuer, secureIssuer, certificate } = JSON.parse(await new Response(process.stdin).text());
const options = { issuer: new URL(issuer), secureIssuer: new URL(secureIssuer), certificate };
const results = {};

// Standard output is for the results: @openid/appauth logs each request there.
console.log = () => undefined;

/** A client that waits for ever fails alone. */
const TIME_LIMIT_MS = 60_000;

async function tryOut(name, result) {
  const { login, refresh, refusal } = await ALL[name](options);
  const tokens = await login();
  result.login = tokens.access_token;
  result.refresh = (await refresh(tokens)).access_token;
  result.refusal = await refusal().then(() => 'none', describe);
}

for (const name of names) {
  const result = {};
  const tooLate = sleep(TIME_LIMIT_MS, undefined, { ref: false }).then(() => {
    throw new Error(`It has not ended after ${TIME_LIMIT_MS} ms`);
  });
  try {
    await Promise.race([tryOut(name, result), tooLate]);
  } catch (error) {
    result.error = `${error.stack} ${describe(error)}`;
  }
  results[name] = result;
}
process.stdout.write(JSON.stringify(results), () => process.exit(0));
