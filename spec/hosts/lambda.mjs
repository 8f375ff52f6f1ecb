import { createRequire } from 'node:module';
import { ServerlessAdapter } from '@h4ad/serverless-adapter';
import { ApiGatewayV2Adapter } from '@h4ad/serverless-adapter/adapters/aws';
import { ExpressFramework } from '@h4ad/serverless-adapter/frameworks/express';
import { DefaultHandler } from '@h4ad/serverless-adapter/handlers/default';
import { PromiseResolver } from '@h4ad/serverless-adapter/resolvers/promise';
import awsServerlessExpress from 'aws-serverless-express';
import serverlessHttp from 'serverless-http';

const require = createRequire(import.meta.url);
const vendia = require('@vendia/serverless-express');

/** The client as the platform sees it: whatever stands before it in `X-Forwarded-For` was written by the client. */
const lastOf = (address) => address.split(', ').at(-1);

/** API Gateway, payload 2.0: the event names the client. */
const gatewayEvent = (path, { method = 'POST', headers, body, address }) => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: path,
  rawQueryString: '',
  headers: { ...headers, 'x-forwarded-for': address },
  requestContext: {
    http: { method, path, sourceIp: lastOf(address), protocol: 'HTTP/1.1' },
    stage: '$default',
    domainName: 'auth.example',
  },
  body,
  isBase64Encoded: false,
});

/** Payload 1.0, without a context as on Netlify: the client stands in header fields alone. */
function olderEvent(path, { method = 'POST', headers, body, address }) {
  const all = { ...headers, 'x-forwarded-for': address, 'x-nf-client-connection-ip': lastOf(address) };
  return {
    rawUrl: `https://auth.example${path}`,
    rawQuery: '',
    path,
    httpMethod: method,
    headers: all,
    multiValueHeaders: Object.fromEntries(Object.entries(all).map(([name, value]) => [name, [value]])),
    queryStringParameters: {},
    multiValueQueryStringParameters: {},
    body: body ?? null,
    isBase64Encoded: false,
  };
}

function readAnswer({ statusCode, headers, multiValueHeaders, body = '', isBase64Encoded }) {
  const fields = { ...multiValueHeaders, ...headers };
  const lowered = Object.entries(fields).map(([name, value]) => [name.toLowerCase(), String(value)]);
  const text = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8').toString();
  return { status: statusCode, headers: Object.fromEntries(lowered), body: text };
}

const invoke = (handler, createEvent, path) => ({
  send: async (request) => readAnswer(await handler(createEvent(path, request), {})),
  stop: async () => {},
});

export const LAMBDA = {
  'serverless-http': async ({ app, path }) => {
    const handler = serverlessHttp(app);
    return invoke(handler, gatewayEvent, path);
  },

  '@vendia/serverless-express': async ({ app, path }) => {
    const handler = vendia({ app });
    return invoke(handler, gatewayEvent, path);
  },

  '@h4ad/serverless-adapter': async ({ app, path }) => {
    const handler = ServerlessAdapter.new(app)
      .setFramework(new ExpressFramework())
      .setHandler(new DefaultHandler())
      .setResolver(new PromiseResolver())
      .addAdapter(new ApiGatewayV2Adapter())
      .build();
    return invoke(handler, gatewayEvent, path);
  },

  'aws-serverless-express': async ({ app, path }) => {
    const server = awsServerlessExpress.createServer(app);
    const handler = (event, context) => awsServerlessExpress.proxy(server, event, context, 'PROMISE').promise;
    return invoke(handler, olderEvent, path);
  },

  'serverless-http on Netlify': async ({ app, path }) => {
    const handler = serverlessHttp(app);
    return invoke(handler, olderEvent, path);
  },
};
