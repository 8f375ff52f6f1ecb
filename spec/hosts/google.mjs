import functionsFramework from '@google-cloud/functions-framework';
import testing from '@google-cloud/functions-framework/testing';
import { onRequest } from 'firebase-functions/https';
import { serveHttp } from './service.mjs';

/** Google's framework serves the function: in the cloud, in Firebase's and here. */
const serveFunction = (service) => serveHttp(testing.getTestServer('auth'), service);

export const GOOGLE = {
  '@google-cloud/functions-framework': ({ app, ...service }) => {
    functionsFramework.http('auth', app);
    return serveFunction(service);
  },

  'firebase-functions': ({ app, ...service }) => {
    const auth = onRequest(app);
    functionsFramework.http('auth', auth);
    return serveFunction(service);
  },

  'functions-framework, the router alone': ({ router, ...service }) => {
    functionsFramework.http('auth', (req, res) => router(req, res, () => res.status(404).end()));
    return serveFunction(service);
  },
};
