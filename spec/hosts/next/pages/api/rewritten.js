import { getApp } from '../../lib/auth.js';

export const config = { api: { bodyParser: false, externalResolver: true } };

export default function handler(req, res) {
  return getApp('pages/api behind a rewrite')(req, res);
}
