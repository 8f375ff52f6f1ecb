import { CLIENTS, describe } from './clients.mjs';

/** Lets every client log in at the issuer that standard input names, refresh, and meet a refusal; prints what became of it. */
const { issuer } = JSON.parse(await new Response(process.stdin).text());
const results = {};

for (const [name, create] of Object.entries(CLIENTS)) {
  const result = {};
  try {
    const { login, refresh, refusal } = await create({ issuer: new URL(issuer) });
    const tokens = await login();
    result.login = tokens.access_token;
    if (refresh) result.refresh = (await refresh(tokens)).access_token;
    result.refusal = await refusal().then(() => 'none', describe);
  } catch (error) {
    result.error = `${error.stack} ${describe(error)}`;
  }
  results[name] = result;
}
console.log(JSON.stringify(results));
process.exit(0);
