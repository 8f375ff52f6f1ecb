import { createConnection } from './connection.mjs';
import { createProof } from './proofs.mjs';
import { createRequest } from './wire.mjs';

/** A store that takes its time, so that requests which came together look at a code together. */
const STORE_LATENCY_MS = 5;
const AT_ONCE = 8;

/**
 * What a rig does with what it must refuse. A rig that lets a wrong verifier or a spent code through is not measured;
 * what else it lets through is told in the report.
 */
export async function proveRig({ server, port, mode, title }) {
  const prepare = async () => (await server('prepare', 1))[0];
  const send = async (given, connection = createConnection(port)) => {
    const proof = mode === 'dpop' ? await createProof() : undefined;
    const answer = await connection.send(createRequest({ ...given, proof, isJson: mode === 'json' }));
    connection.close();
    return answer;
  };
  const isServed = ({ status }) => status === 200;
  const refuse = (what) => {
    throw new Error(`${title}: ${what}. It is not measured.`);
  };

  const isRefresh = mode === 'refresh';
  const wrong = await prepare();
  const difference = isRefresh ? { refreshToken: 'w'.repeat(43) } : { codeVerifier: 'w'.repeat(43) };
  const [name, way] = isRefresh ? ['refresh token', 'an unknown refresh token'] : ['code', 'a wrong verifier'];
  if (isServed(await send({ ...wrong, ...difference }))) refuse(`it takes ${way}`);
  const keepsCode = isServed(await send(wrong));

  const spent = await prepare();
  if (!isServed(await send(spent))) refuse('it refuses a good request');
  if (isServed(await send(spent))) refuse(`it takes a spent ${name}`);

  const foreign = await prepare();
  const takesAnyRedirectUri =
    !isRefresh && isServed(await send({ ...foreign, redirectUri: 'https://evil.example/callback' }));

  const raced = await prepare();
  await server('latency', STORE_LATENCY_MS);
  const connections = Array.from({ length: AT_ONCE }, () => createConnection(port));
  const answers = await Promise.all(connections.map((connection) => send(raced, connection)));
  await server('latency', 0);
  const servedInRace = answers.filter(isServed).length;

  return [
    ...(servedInRace === 1 ? [] : [`issues more than once for a ${name} that ${AT_ONCE} requests bring at once`]),
    ...(takesAnyRedirectUri ? ['takes a wrong `redirect_uri`'] : []),
    ...(keepsCode ? [] : [`${way} burns the ${name}`]),
  ];
}
