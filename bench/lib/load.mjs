import jsonwebtoken from 'jsonwebtoken';
import { createConnection } from './connection.mjs';
import { createProof } from './proofs.mjs';
import { serveCalls } from './rpc.mjs';
import { createRequest } from './wire.mjs';

/** The process that the load comes from. Requests are made before the clock starts; every answer is checked. */
let trial;

serveCalls({
  async prepare({ port, mode, connections, codes, publicKey, algorithm }) {
    const requests = [];
    for (const given of codes) {
      const proof = mode === 'dpop' ? await createProof() : undefined;
      const wrong = mode === 'refusal' ? { codeVerifier: 'x'.repeat(43) } : {};
      requests.push(createRequest({ ...given, proof, isJson: mode === 'json', ...wrong }));
    }
    const check = createCheck({ mode, publicKey, algorithm });
    trial = { requests, check, connections: Array.from({ length: connections }, () => createConnection(port)) };
  },

  async go() {
    const { requests, check, connections } = trial;
    const latencies = new Float64Array(requests.length);
    let next = 0;

    const drive = async (connection) => {
      while (next < requests.length) {
        const number = next;
        next += 1;
        const sentAt = performance.now();
        const answer = await connection.send(requests[number]);
        latencies[number] = performance.now() - sentAt;
        check(answer);
      }
    };

    const startedAt = performance.now();
    await Promise.all(connections.map(drive));
    const seconds = (performance.now() - startedAt) / 1000;
    for (const connection of connections) connection.close();
    latencies.sort();
    const quantile = (share) => latencies[Math.min(Math.floor(latencies.length * share), latencies.length - 1)];
    return { throughput: requests.length / seconds, p50: quantile(0.5), p99: quantile(0.99) };
  },
});

/** Throws at the first answer that is not what the contract says, and at a token that was seen before. */
function createCheck({ mode, publicKey, algorithm }) {
  const seen = new Set();
  const type = mode === 'dpop' ? 'DPoP' : 'Bearer';

  return function check({ status, head, body }) {
    const answer = JSON.parse(body);
    const { access_token, token_type, expires_in, id_token, refresh_token, error } = answer;
    if (mode === 'refusal') {
      if (status === 400 && error === 'invalid_grant' && access_token === undefined) return;
      throw new Error(`a wrong verifier was answered with ${head}\n${body}`);
    }
    const isSound =
      status === 200 &&
      typeof access_token === 'string' &&
      access_token.length >= 32 &&
      !seen.has(access_token) &&
      token_type === type &&
      Number.isSafeInteger(expires_in) &&
      expires_in > 0 &&
      (id_token !== undefined) === (mode === 'rs256') &&
      (typeof refresh_token === 'string' && !seen.has(refresh_token)) === (mode === 'refresh');
    if (!isSound) throw new Error(`a redemption was answered with ${head}\n${body}`);
    // One signature a trial: all of them would make the load the bottleneck.
    if (seen.size === 0 && algorithm) {
      for (const token of [access_token, id_token]) {
        if (token !== undefined) jsonwebtoken.verify(token, publicKey, { algorithms: [algorithm] });
      }
    }
    seen.add(access_token);
    if (mode === 'refresh') seen.add(refresh_token);
  };
}
