import { generateKeyPairSync } from 'node:crypto';
import type { TokenRouterOptions } from '../../lib';
import { createDpopVerifier, jwkThumbprint } from '../../lib/dpop';
import { memoryJtis } from '../../lib/stores/memory';
import { redisJtis } from '../../lib/stores/redis';
import { createTokenIssuer, type TokenIssuerOptions } from '../../lib/tokens';

// A verifier fits the router as it is; a store fits the verifier as it is.
createDpopVerifier(memoryJtis()) satisfies TokenRouterOptions['verifyDpop'];
createDpopVerifier(redisJtis({ sendCommand: async () => 'OK' })) satisfies TokenRouterOptions['verifyDpop'];
createDpopVerifier({ ...memoryJtis(), nonceSecret: ['a secret', Buffer.alloc(32)] });
createDpopVerifier({ replay: 'unchecked', algorithms: ['ES256', 'Ed25519'] });

// @ts-expect-error a forgotten environment variable would switch the nonces off
createDpopVerifier({ ...memoryJtis(), nonceSecret: process.env.NONCE_SECRET });
// @ts-expect-error a store that returns nothing
createDpopVerifier({ consumeJti: () => {} });
// @ts-expect-error a store that returns how many rows it wrote
createDpopVerifier({ consumeJti: async () => ({ rowCount: 1 }) });
// @ts-expect-error there is no such algorithm
createDpopVerifier({ replay: 'unchecked', algorithms: ['HS256'] });
// @ts-expect-error replay is no switch
createDpopVerifier({ replay: false });
// @ts-expect-error a misspelling
createDpopVerifier({ ...memoryJtis(), nonceSecrets: [] });

jwkThumbprint({ kty: 'EC', crv: 'P-256', x: '', y: '' }) satisfies string;
// @ts-expect-error a thumbprint is of a key, not of its text
jwkThumbprint('{"kty":"EC"}');
jwkThumbprint(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })) satisfies string;
const [jwk] = createTokenIssuer({} as TokenIssuerOptions).jwks().keys;
if (jwk) jwkThumbprint(jwk) satisfies string;
