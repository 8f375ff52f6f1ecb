import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** @type {import('next').NextConfig} */
export default {
  // The package is linked from the repository above.
  turbopack: { root },
  outputFileTracingRoot: root,
  rewrites: async () => [{ source: '/oauth/token', destination: '/api/rewritten' }],
};
