import { type RequestHandler, Router } from 'express';
import type { Endpoint } from './endpoint';

/** One endpoint as a router. `post` is what its `serve` made. */
export function mountEndpoint(
  path: string,
  { noStore, cors, methodNotAllowed, refuse }: Endpoint,
  post: RequestHandler,
): Router {
  const router = Router({ caseSensitive: true, strict: true, mergeParams: true });
  router
    .route(path)
    .all(noStore, ...cors)
    .post(post)
    .all(methodNotAllowed);
  router.use(refuse);
  return router;
}
