import cors from 'cors';
import express from 'express';
import { rateLimit } from 'express-rate-limit';
import { createExchange, createRefresh } from '../../lib/hand-written.mjs';
import { PATH } from '../../lib/wire.mjs';
import { createTimeOut } from './time-out.mjs';

/** The limiter of express-rate-limit's own README. */
const LIMIT = { windowMs: 15 * 60 * 1000, limit: 100, standardHeaders: 'draft-8', legacyHeaders: false };

/** What people mount today: a hand-written endpoint behind express-rate-limit and `express.urlencoded`. */
export function createRig({ adapters, issue, limiterStore, trustProxy, hostTimeoutMs, hasOrigins }) {
  const exchangeCode = createExchange({
    codes: { find: adapters.findCode, consume: adapters.consume },
    issue,
  });
  const refresh = createRefresh({
    refreshTokens: { find: adapters.findRefreshToken, consume: adapters.consume },
    issue,
  });

  const app = express();
  if (trustProxy) app.set('trust proxy', 1);
  if (hostTimeoutMs) app.use(createTimeOut(hostTimeoutMs));
  if (hasOrigins) {
    app.use(
      cors({
        origin: (origin, done) => {
          adapters.isOriginAllowed(origin).then((isAllowed) => done(null, isAllowed), done);
        },
      }),
    );
  }
  app.use(rateLimit({ ...LIMIT, ...(limiterStore && { store: limiterStore }) }));
  app.post(PATH, express.urlencoded({ extended: false }), async (req, res) => {
    const { client_id, client_secret, grant_type } = req.body;
    res.set('Cache-Control', 'no-store');
    const client = await adapters.authenticate(client_id, client_secret);
    if (!client) return res.status(401).json({ error: 'invalid_client' });
    const answer = await (grant_type === 'refresh_token' ? refresh(req.body) : exchangeCode(req.body));
    res.status(answer.error ? 400 : 200).json(answer);
  });
  return { app };
}
