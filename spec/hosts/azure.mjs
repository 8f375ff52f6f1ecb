import { createRequire } from 'node:module';
import azureFunctions from '@azure/functions';
import { createAzureFunctionHandler } from 'azure-function-express';
import { toFetchResponse, toReqRes } from 'fetch-to-node';
import inject from 'light-my-request';

const require = createRequire(import.meta.url);
const vendia = require('@vendia/serverless-express');
const url = (path) => `https://auth.example${path}`;

/** Azure's front end writes a port behind the address. */
const headersOf = ({ headers, address }) => ({ ...headers, 'x-forwarded-for': `${address}:4711` });

/** What the older programming model (function.json) calls a function with: JSON is parsed, a form is not. */
function createContext(path, request) {
  const { method = 'POST', body } = request;
  const headers = { host: 'auth.example', ...headersOf(request) };
  const req = { method, url: url(path), originalUrl: url(path), headers, query: {}, params: {}, rawBody: body, body };
  if (String(headers['content-type']).startsWith('application/json')) req.body = parseLeniently(body);
  return { log() {}, bindings: { req }, req, res: {} };
}

function parseLeniently(body) {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function readAnswer({ status, statusCode = status, headers, body }) {
  const lowered = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return { status: statusCode, headers: Object.fromEntries(lowered), body: String(body) };
}

async function readResponse(response) {
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}

const callable = (send) => ({ send, stop: async () => {} });

export const AZURE = {
  '@azure/functions': async ({ router, path }) => {
    async function handler(request) {
      const { pathname, search } = new URL(request.url);
      const ip = String(request.headers.get('x-forwarded-for')).split(',').at(-1)?.trim();
      const message = {
        method: request.method,
        url: pathname + search,
        headers: Object.fromEntries(request.headers),
        payload: Buffer.from(await request.arrayBuffer()),
      };
      const { statusCode, headers, rawPayload } = await inject((req, res) => {
        router(Object.assign(req, { ip }), res, () => res.writeHead(404).end());
      }, message);
      return { status: statusCode, headers, body: rawPayload };
    }
    return callable(async (request) => {
      const { method = 'POST', body } = request;
      const init = { method, url: url(path), headers: headersOf(request), body: { string: body } };
      const answer = await handler(new azureFunctions.HttpRequest(init));
      return readResponse(new azureFunctions.HttpResponse(answer));
    });
  },

  '@vendia/serverless-express on Azure': async ({ app, path }) => {
    const handler = vendia({ app, eventSourceName: 'AZURE_HTTP_FUNCTION_V4' });
    return callable(async (request) => {
      const context = createContext(path, request);
      return readAnswer(await handler(context, context.req));
    });
  },

  'azure-function-express': async ({ app, path }) => {
    const handler = createAzureFunctionHandler(app);
    return callable(async (request) => {
      const context = createContext(path, request);
      await new Promise((resolve) => {
        context.done = resolve;
        handler(context);
      });
      return readAnswer(context.res);
    });
  },

  'fetch-to-node': async ({ app, path }) =>
    callable(async ({ method = 'POST', headers, body, address }) => {
      const all = { ...headers, 'x-forwarded-for': address };
      const { req, res } = toReqRes(new Request(url(path), { method, headers: all, body }));
      app(req, res);
      return readResponse(await toFetchResponse(res));
    }),
};
