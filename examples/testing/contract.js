// What describeTokenEndpoint needs to know of this host, the same in every runner.
const { api, createApp, issuer, url } = require('./app');

exports.createBench = () => {
  const { app, store, jwks } = createApp();
  const saveCode = (code, record) => store.saveCode(code, { ...record, userId: 'ada', audience: null, nonce: null });
  return { app, saveCode, jwks };
};

exports.host = {
  tokenEndpoint: url,
  issuer,
  audience: api,
  client: { clientId: 'spa' },
  otherClient: { clientId: 'native' },
  scope: 'openid notes:read',
  dpop: true,
  nonces: true,
  refresh: true,
  origins: ['https://app.example'],
};
