import { type InspectOptions, inspectTokenRouter } from '../../lib/testing';
import { FINDING_CODES } from '../../lib/testing/inspect-codes';
import { APP, createApp } from './inspected-host';

const AS_SENT = "Write an origin as browsers send it, such as 'https://app.example'.";
const PROXIES = "Write how many proxies there are, such as 1, or an array of their IP addresses, such as ['10.0.0.1'].";
const NODES = 'Write how many processes serve the endpoint, such as 2.';
const PATH = "Write the path alone, such as '/oauth/token'.";

const messageOf = async (options: unknown) => {
  const error = await inspectTokenRouter(createApp(), options as InspectOptions).catch((thrown) => thrown);
  return error instanceof TypeError ? error.message : error;
};

describe('inspectTokenRouter refuses', () => {
  it.each<[string, object, string]>([
    ['a name with a typing error', { nods: 4 }, 'nods does not exist. Did you mean nodes?'],
    [
      'a name that does not exist',
      { origin: undefined, timeout: 5 },
      'timeout does not exist. These exist: nodes, proxies, origins, path, router, ignore.',
    ],
    [
      'a code with a typing error',
      { ignore: ['trust_proxy_missing', 'memory_stor'] },
      "ignore[1] is 'memory_stor'. Did you mean memory_store?",
    ],
    [
      'a code that does not exist',
      { ignore: ['everything'] },
      `ignore[0] is 'everything'. These exist: ${FINDING_CODES.join(', ')}.`,
    ],
    ['a code that is none', { ignore: [7] }, `ignore[0] is 7. These exist: ${FINDING_CODES.join(', ')}.`],
    ['a code alone', { ignore: 'memory_store' }, "ignore is 'memory_store'. Write an array: ['memory_store']."],
    ['no process', { nodes: 0 }, `nodes is 0. ${NODES}`],
    ['half a process', { nodes: 1.5 }, `nodes is 1.5. ${NODES}`],
    ['processes as text', { nodes: '4' }, `nodes is '4'. ${NODES}`],
    ['less than no proxy', { proxies: -1 }, `proxies is -1. ${PROXIES}`],
    ['a proxy as text', { proxies: '10.0.0.1' }, `proxies is '10.0.0.1'. ${PROXIES}`],
    ['a proxy by its name', { proxies: ['10.0.0.1', 'loopback'] }, `proxies is an array of 2. ${PROXIES}`],
    ['a proxy that is a number', { proxies: [1] }, `proxies is an array of 1. ${PROXIES}`],
    ['a proxy in a list in the list', { proxies: [['10.0.0.1']] }, `proxies is an array of 1. ${PROXIES}`],
    [
      'an origin with a slash',
      { origins: [APP, 'https://two.example/'] },
      "origins[1] is 'https://two.example/'. Browsers send 'https://two.example'. Write that.",
    ],
    [
      'an origin that is a pattern',
      { origins: ['https://*.example'] },
      `origins[0] is 'https://*.example'. ${AS_SENT}`,
    ],
    ['an origin that is none', { origins: [7] }, `origins[0] is 7. ${AS_SENT}`],
    [
      'an origin in a list in the list',
      { origins: [['capacitor://localhost']] },
      `origins[0] is an array of 1. ${AS_SENT}`,
    ],
    ['an origin alone', { origins: APP }, `origins is '${APP}'. Write an array: ['https://app.example'].`],
    ['a path without a slash', { path: 'oauth/token' }, `path is 'oauth/token'. ${PATH}`],
    ['a URL as a path', { path: 'https://x.example/token' }, `path is 'https://x.example/token'. ${PATH}`],
    ['a path with a query', { path: '/token?a' }, `path is '/token?a'. ${PATH}`],
    ['a path with a fragment', { path: '/token#a' }, `path is '/token#a'. ${PATH}`],
    ['a path that is none', { path: 7 }, `path is 7. ${PATH}`],
  ])('%s', async (_what, options, message) => {
    const { origin, ...rest } = options as Record<string, unknown>;
    expect(origin).toBeUndefined();
    expect(await messageOf(rest)).toBe(`inspectTokenRouter: ${message}`);
  });

  it('everything at once', async () => {
    expect(await messageOf({ nods: 4, nodes: 0, path: '' })).toBe(
      `inspectTokenRouter:\n  nods does not exist. Did you mean nodes?\n  nodes is 0. ${NODES}\n  path is ''. ${PATH}`,
    );
  });
});

describe('inspectTokenRouter takes', () => {
  it.each<[string, InspectOptions]>([
    ['options that are undefined', { nodes: undefined, proxies: undefined, origins: undefined, ignore: undefined }],
    ['two more that are undefined', { path: undefined, router: undefined }],
    ['every code', { ignore: FINDING_CODES }],
    ['the origin of an app in a shell', { origins: ['capacitor://localhost'], ignore: ['origin_unreachable'] }],
    ['a proxy by IPv6', { proxies: ['::1'], ignore: ['trust_proxy_missing'] }],
  ])('%s', async (_what, options) => {
    expect(await inspectTokenRouter(createApp(), options)).toEqual([]);
  });
});
