/**
 * The pieces of lib, and the specs that hold each. Specs that start browsers or other clients are left out: they would take minutes
 * for each mutant, and others hold the same code.
 */
export const PIECES = {
  grants: {
    files: ['lib/grants'],
    specs: [
      'spec/grants',
      'spec/client-authentication.spec.ts',
      'spec/reasons.spec.ts',
      'spec/options.spec.ts',
      'spec/http/verdicts.spec.ts',
      'spec/http/too-late.spec.ts',
    ],
    except: ['spec/grants/mcp.spec.ts'],
  },
  clients: {
    files: ['lib/clients'],
    specs: ['spec/clients', 'spec/reasons.spec.ts'],
    except: ['spec/clients/interop.spec.ts', 'spec/clients/fuzz.spec.ts'],
  },
  jws: {
    files: ['lib/jws'],
    specs: [
      'spec/jws',
      'spec/dpop/bad-proofs.spec.ts',
      'spec/dpop/good-proofs.spec.ts',
      'spec/dpop/signer.spec.ts',
      'spec/dpop/thumbprint.spec.ts',
      'spec/clients/bad-assertions.spec.ts',
      'spec/clients/options.spec.ts',
      'spec/clients/jwks-uri.spec.ts',
      'spec/endpoints/introspection.spec.ts',
      'spec/tokens/keys.spec.ts',
      'spec/tokens/key-input.spec.ts',
      'spec/tokens/signature.spec.ts',
    ],
  },
  http: {
    files: ['lib/http'],
    specs: ['spec/http', 'spec/reasons.spec.ts', 'spec/client-authentication.spec.ts', 'spec/options.spec.ts'],
    except: ['spec/http/body-memory.spec.ts'],
  },
  options: {
    files: ['lib/options', 'lib/options.ts', 'lib/mistakes.ts', 'lib/received.ts'],
    specs: [
      'spec/options.spec.ts',
      'spec/options',
      'spec/mistakes.spec.ts',
      'spec/received.spec.ts',
      'spec/grants/extension.spec.ts',
      'spec/grants/refresh-token.spec.ts',
      'spec/endpoints/revocation.spec.ts',
      'spec/http/rate-limit.spec.ts',
      'spec/http/origin.spec.ts',
    ],
  },
  authorize: { files: ['lib/authorize'], specs: ['spec/authorize'], except: ['spec/authorize/interop.spec.ts'] },
  endpoints: { files: ['lib/endpoints'], specs: ['spec/endpoints'], except: ['spec/endpoints/interop.spec.ts'] },
  dpop: { files: ['lib/dpop'], specs: ['spec/dpop'], except: ['spec/dpop/interop.spec.ts', 'spec/dpop/fuzz.spec.ts'] },
  tokens: {
    files: ['lib/tokens'],
    specs: ['spec/tokens'],
    except: ['spec/tokens/load.spec.ts', 'spec/tokens/clients.spec.ts', 'spec/tokens/replay.spec.ts'],
  },
  stores: {
    files: ['lib/stores'],
    specs: [
      'spec/stores/memory-codes.spec.ts',
      'spec/stores/memory-jtis.spec.ts',
      'spec/stores/memory-refresh-tokens.spec.ts',
      'spec/stores/expiring-map.spec.ts',
      'spec/stores/record.spec.ts',
      'spec/stores/redis-command.spec.ts',
      'spec/stores/store.spec.ts',
      'spec/stores/redis.spec.ts',
      'spec/stores/postgres.spec.ts',
    ],
  },
  core: {
    files: ['lib'],
    except: ['spec/properties.spec.ts', 'spec/openapi.spec.ts'],
    specs: [
      'spec',
      'spec/http/refusal.spec.ts',
      'spec/http/cors.spec.ts',
      'spec/http/origin.spec.ts',
      'spec/grants/authorization-code.spec.ts',
    ],
  },
  testing: { files: ['lib/testing'], specs: ['spec/testing'], except: ['spec/testing/runners.spec.ts'] },
};
