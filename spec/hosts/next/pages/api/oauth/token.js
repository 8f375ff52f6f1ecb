import { getApp } from '../../../lib/auth.js';

// The router reads the body and ends the answer itself.
export const config = { api: { bodyParser: false, externalResolver: true } };

export default function handler(req, res) {
  return getApp('pages/api')(req, res);
}
