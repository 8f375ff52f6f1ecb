import { getApp } from '../../../../lib/auth.js';

// With the body parser of Next.
export const config = { api: { externalResolver: true } };

export default function handler(req, res) {
  return getApp('pages/api with a parser')(req, res);
}
