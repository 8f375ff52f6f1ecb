// What a whole verification of an ES256 proof costs, against nothing but the import of its key and `crypto.verify`.
//
//   npm run build && node bench/dpop/verify.js
//
// Both sides get the same proofs, one after the other in changing order, so that whatever else the machine does hits both
// alike. The medians are compared, and the process ends with 1 where they are further apart than the limit.

const { createPublicKey, generateKeyPairSync, sign, verify } = require('node:crypto');
const { createDpopVerifier } = require('../../dist/dpop');
const { memoryJtis } = require('../../dist/stores/memory');

const LIMIT = 1.3;
const WARM_UP = 2000;
const PROOFS = 10_000;
const HTU = 'https://auth.example/oauth/token';

const createKey = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, jwk: publicKey.export({ format: 'jwk' }) };
};
const dsaEncoding = 'ieee-p1363';
const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');

function createProof({ privateKey, jwk }, index) {
  const claims = { jti: `bench-proof-number-${index}`, htm: 'POST', htu: HTU, iat: Math.floor(Date.now() / 1000) };
  const text = `${encode({ typ: 'dpop+jwt', alg: 'ES256', jwk })}.${encode(claims)}`;
  const signed = Buffer.from(text);
  const signature = sign('sha256', signed, { key: privateKey, dsaEncoding });
  // As the HTTP parser brings it: one flat string.
  const proof = Buffer.from(`${text}.${signature.toString('base64url')}`).toString('latin1');
  return { proof, jwk, signed, signature };
}

/** The least that anybody can do: the parts of the proof are given. */
async function bare({ jwk, signed, signature }) {
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  if (!verify('sha256', signed, { key, dsaEncoding }, signature)) throw new Error('the signature is wrong');
}

/** Microseconds. */
async function time(work, proof) {
  const start = process.hrtime.bigint();
  await work(proof);
  return Number(process.hrtime.bigint() - start) / 1000;
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

async function compare(name, keys, verifyDpop) {
  const whole = ({ proof }) => verifyDpop({ proof, htm: 'POST', htu: HTU });
  const times = new Map([
    [bare, []],
    [whole, []],
  ]);
  const proofs = keys.map(createProof);
  for (const [index, proof] of proofs.entries()) {
    for (const side of index % 2 === 0 ? [bare, whole] : [whole, bare]) {
      const microseconds = await time(side, proof);
      if (index >= WARM_UP) times.get(side).push(microseconds);
    }
  }
  const [bareTimes, wholeTimes] = [...times.values()];
  const ratio = median(wholeTimes) / median(bareTimes);
  const medians = `${median(wholeTimes).toFixed(1)} µs against ${median(bareTimes).toFixed(1)} µs`;
  const means = `${(mean(wholeTimes) / mean(bareTimes)).toFixed(3)} by the means`;
  console.log(`${name}: ${medians}, ${ratio.toFixed(3)} times (${means}); the limit is ${LIMIT}`);
  return ratio;
}

async function main() {
  const length = WARM_UP + PROOFS;
  const newKeys = Array.from({ length }, createKey);
  const oneKey = Array(length).fill(createKey());
  const ratios = [
    await compare('a new key each, replay unchecked', newKeys, createDpopVerifier({ replay: 'unchecked' })),
    await compare('a new key each, memoryJtis', newKeys, createDpopVerifier(memoryJtis())),
    await compare('a key seen before, memoryJtis', oneKey, createDpopVerifier(memoryJtis())),
  ];
  if (Math.max(...ratios) > LIMIT) process.exitCode = 1;
}

main();
