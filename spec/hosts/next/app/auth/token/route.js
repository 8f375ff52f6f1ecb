import inject from 'light-my-request';
import { getRouter } from '../../../lib/auth.js';

async function handle(request) {
  const { pathname, search } = new URL(request.url);
  const ip = request.headers.get('x-forwarded-for').split(',').at(-1).trim();
  const router = getRouter('a route handler');
  const listener = (req, res) => router(Object.assign(req, { ip }), res, () => res.writeHead(404).end());
  const { statusCode, headers, rawPayload } = await inject(listener, {
    method: request.method,
    url: pathname + search,
    headers: Object.fromEntries(request.headers),
    payload: Buffer.from(await request.arrayBuffer()),
  });
  return new Response(statusCode === 204 ? null : rawPayload, { status: statusCode, headers });
}

export { handle as DELETE, handle as GET, handle as OPTIONS, handle as PATCH, handle as POST, handle as PUT };
