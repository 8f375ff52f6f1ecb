import inject from 'light-my-request';
import { getRouter } from '../../../lib/auth.js';

async function handle(request) {
  const { pathname, search } = new URL(request.url);
  const ip = String(request.headers.get('x-forwarded-for')).split(',').at(-1)?.trim();
  const router = getRouter('a route handler');
  const message = {
    method: request.method,
    url: pathname + search,
    headers: Object.fromEntries(request.headers),
    payload: Buffer.from(await request.arrayBuffer()),
  };
  const { statusCode, headers, rawPayload } = await inject((req, res) => {
    router(Object.assign(req, { ip }), res, () => res.writeHead(404).end());
  }, message);
  return new Response(statusCode === 204 ? null : rawPayload, { status: statusCode, headers });
}

export { handle as DELETE, handle as GET, handle as OPTIONS, handle as PATCH, handle as POST, handle as PUT };
