import { type Request, type RequestHandler, Router } from 'express';
import type { Endpoint } from './endpoint';

/** Mounts one endpoint as a router. `post` is the handler that its `serve` returned. */
export function mountEndpoint(
  path: string,
  { noStore, cors, methodNotAllowed, refuse }: Endpoint,
  post: RequestHandler,
): Router {
  const begin: RequestHandler = (req, res, next) => {
    // An Express app sets this. A router without an app gets Node's own request.
    req.res ??= res;
    noStore(req, res, next);
  };
  const router = Router({ caseSensitive: true, strict: true, mergeParams: true });
  router
    .route(path)
    .all(begin, ...cors)
    .post(post)
    .all(methodNotAllowed);
  router.use(refuse);
  router.use(createMountHint(path));
  return router;
}

/**
 * Warns once if a request misses this router because its path is in `app.use` as well: the route is then
 * `/oauth/token/oauth/token`, and the app answers 404. The client does not see the warning.
 */
function createMountHint(path: string): RequestHandler {
  let hasWarned = false;

  return function hintMount(req, _res, next) {
    if (!hasWarned && isDoubled(req, path)) {
      hasWarned = true;
      const [mount, route] = [req.baseUrl, `${req.baseUrl}${path}`].map((each) => JSON.stringify(each));
      const code = 'EXPRESS_TOKEN_ROUTER_MOUNT';
      process.emitWarning(
        `A request for ${JSON.stringify(path)} was not served: the router is mounted at ${mount} and serves ${route}. ` +
          "Write app.use(router) without a path, or set the option path to what follows app.use's.",
        { code },
      );
    }
    next();
  };
}

function isDoubled({ baseUrl, path: rest }: Request, path: string): boolean {
  return baseUrl !== '' && `${baseUrl}${rest}`.replace(/\/$/, '') === path;
}
