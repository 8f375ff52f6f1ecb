import { createTokenRouter } from '../../lib';
import { consumeCode, findCode, issueTokens } from './host';

const good = { findCode, consumeCode, issueTokens };

createTokenRouter({
  ...good,
  path: '/token',
  bodyLimit: '16kb',
  adapterTimeout: 2000,
  allowedOrigins: ['https://app.example'],
  rateLimit: { limit: 20, windowMs: 1000, keyGenerator: ({ ip }) => String(ip) },
  errorStatus: { invalid_grant: 403, invalid_client: 400 },
});
createTokenRouter({ ...good, rateLimit: false, bodyLimit: 1024, allowedOrigins: async () => true });

// @ts-expect-error there is no such option
createTokenRouter({ ...good, revokeToken: async () => {} });
// @ts-expect-error the letter case counts
createTokenRouter({ ...good, requireDPoP: true });
// @ts-expect-error the status of invalid_dpop_proof is fixed
createTokenRouter({ ...good, errorStatus: { invalid_dpop_proof: 401 } });
// @ts-expect-error the status of use_dpop_nonce is fixed
createTokenRouter({ ...good, errorStatus: { use_dpop_nonce: 401 } });
// @ts-expect-error the status of server_error is fixed
createTokenRouter({ ...good, errorStatus: { server_error: 200 } });
// @ts-expect-error there is no such error code
createTokenRouter({ ...good, errorStatus: { invalid_token: 401 } });
// @ts-expect-error a status is a number
createTokenRouter({ ...good, errorStatus: { invalid_grant: '403' } });
// @ts-expect-error the endpoint answers 429 itself
createTokenRouter({ ...good, rateLimit: { message: 'slow down' } });
// @ts-expect-error the endpoint answers 429 itself
createTokenRouter({ ...good, rateLimit: { statusCode: 420 } });
// @ts-expect-error the endpoint counts refusals
createTokenRouter({ ...good, rateLimit: { skipFailedRequests: true } });
// @ts-expect-error the endpoint counts refusals
createTokenRouter({ ...good, rateLimit: { requestWasSuccessful: () => true } });
// @ts-expect-error an older name of limit
createTokenRouter({ ...good, rateLimit: { max: 5 } });
// @ts-expect-error a misspelling
createTokenRouter({ ...good, rateLimit: { windowMS: 5 } });
// @ts-expect-error true would say nothing
createTokenRouter({ ...good, rateLimit: true });
// @ts-expect-error one origin is an array of one
createTokenRouter({ ...good, allowedOrigins: 'https://app.example' });
// @ts-expect-error allowedOrigins returns a boolean
createTokenRouter({ ...good, allowedOrigins: () => 'https://app.example' });
// @ts-expect-error tokenEndpoint answers at once
createTokenRouter({ ...good, tokenEndpoint: async () => 'https://auth.example/oauth/token' });
// @ts-expect-error a deadline is a number of milliseconds
createTokenRouter({ ...good, adapterTimeout: '5s' });
// @ts-expect-error there is one path
createTokenRouter({ ...good, path: ['/token', '/oauth/token'] });
