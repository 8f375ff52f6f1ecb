import cors from 'cors';
import express, { type RequestHandler } from 'express';
import request from 'supertest';
import { createEndpoint, goodForm, type Options } from '../support/endpoint';
import { expectRedeemable, expectRefusal, type Refusal } from '../support/refusals';

const ORIGIN = 'https://app.example';
const OTHER = 'https://evil.example';
const allowedOrigins = [ORIGIN];
const refused: Refusal = {
  status: 403,
  error: 'invalid_request',
  description: 'The origin of the page is not allowed',
  reason: 'origin_not_allowed',
};

const fetchedBy = (site: string, mode: string, origin = OTHER) => ({
  Origin: origin,
  'Sec-Fetch-Site': site,
  'Sec-Fetch-Mode': mode,
});

async function served(options: Partial<Options>, fields: Record<string, string>, ...before: RequestHandler[]) {
  const endpoint = createEndpoint(options);
  const app = express().use(...before, endpoint.router);
  const answer = await request(app).post('/oauth/token').set(fields).type('form').send(goodForm());
  return [answer.status, endpoint.reasons()];
}
const pass: RequestHandler = (_req, _res, next) => next();
const issued = [200, ['code_redeemed']];

describe('A page that could not read the answer is refused before anything is spent', () => {
  describe.each(['cross-site', 'same-site'])('%s', (site) => {
    it.each<[string, Partial<Options>]>([
      ['navigate', {}],
      ['no-cors', {}],
      ['navigate', { allowedOrigins }],
      ['no-cors', { allowedOrigins: [] }],
      ['cors', { allowedOrigins }],
      ['cors', { allowedOrigins: [] }],
      ['cors', { allowedOrigins: () => false }],
      ['cors', { allowedOrigins: async () => false }],
    ])('%s, with %j', async (mode, options) => {
      const endpoint = createEndpoint(options);
      const answer = await endpoint.post().set(fetchedBy(site, mode));
      expectRefusal(answer, endpoint, refused);
      expect([endpoint.calls, answer.headers['access-control-allow-origin']]).toEqual([[], undefined]);
      await expectRedeemable(endpoint);
    });

    it('also where the form hides its origin', async () => {
      const endpoint = createEndpoint({ allowedOrigins });
      expectRefusal(await endpoint.post().set(fetchedBy(site, 'navigate', 'null')), endpoint, refused);
    });
  });

  it('and is never counted, nor held back by the limit', async () => {
    const endpoint = createEndpoint({ allowedOrigins, rateLimit: { limit: 1, validate: false } });
    for (let sent = 0; sent < 5; sent += 1) {
      expectRefusal(await endpoint.post().set(fetchedBy('cross-site', 'cors')), endpoint, refused);
    }
    await expectRedeemable(endpoint);
  });
});

describe('Served as before is', () => {
  it.each<[string, Partial<Options>, Record<string, string>]>([
    ['an allowed page', { allowedOrigins }, fetchedBy('cross-site', 'cors', ORIGIN)],
    ['an allowed page of the same site', { allowedOrigins: () => true }, fetchedBy('same-site', 'cors', ORIGIN)],
    ['an opaque origin that is listed', { allowedOrigins: ['null'] }, fetchedBy('cross-site', 'cors', 'null')],
    ['a page of the same origin', { allowedOrigins }, fetchedBy('same-origin', 'cors')],
    ['a page of the same origin, by a form', { allowedOrigins }, fetchedBy('same-origin', 'navigate')],
    ['what the user began', { allowedOrigins }, fetchedBy('none', 'navigate')],
    ['a page, where allowedOrigins is not given', {}, fetchedBy('cross-site', 'cors')],
    ['a browser that tells no mode', { allowedOrigins }, { Origin: OTHER, 'Sec-Fetch-Site': 'cross-site' }],
    ['a browser that tells no site', { allowedOrigins }, { Origin: OTHER, 'Sec-Fetch-Mode': 'cors' }],
    ['a mode that is none', { allowedOrigins }, fetchedBy('cross-site', 'constructor')],
    ['a client that is no browser', { allowedOrigins }, {}],
  ])('%s', async (_what, options, fields) => {
    expect(await served(options, fields, pass)).toEqual(issued);
  });

  it.each<[string, RequestHandler]>([
    ['the cors package', cors()],
    ['the cors package, one origin', cors({ origin: OTHER })],
    ['a middleware', (_req, res, next) => next(void res.setHeader('access-control-allow-origin', '*'))],
  ])('a host that sets CORS headers itself: %s', async (_how, before) => {
    for (const options of [{}, { allowedOrigins }]) {
      expect(await served(options, fetchedBy('cross-site', 'cors'), before)).toEqual(issued);
    }
  });
});

it.each(['get', 'put', 'options'] as const)('Another method stays a 405: %s', async (method) => {
  const endpoint = createEndpoint({ allowedOrigins });
  const answer = await request(endpoint.app)[method]('/oauth/token').set(fetchedBy('cross-site', 'navigate'));
  expectRefusal(answer, endpoint, { status: 405, error: 'invalid_request', reason: 'method_not_allowed' });
});
