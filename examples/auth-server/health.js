// Whether the server of this container answers, for the health check of the Dockerfile. It ends with 0 or 1.
const { get } = require('node:http');
const { issuer, port } = require('./configuration');

// The server knows itself by the name of its issuer only, whatever address it listens at.
const headers = { host: new URL(issuer).host };
get({ port, path: '/.well-known/openid-configuration', headers, timeout: 2000 }, ({ statusCode }) =>
  process.exit(statusCode === 200 ? 0 : 1),
)
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1));
