import { mistakesOf } from './support';

const EXAMPLE = "Write an origin as browsers send it, such as 'https://app.example'.";
const PATTERN = 'For a pattern pass a function: (origin, req) => true or false.';
const sends = (origin: string) => `Browsers send '${origin}'. Write that.`;

describe('An entry of allowedOrigins may be', () => {
  it.each([
    'https://app.example',
    'https://app.example:8443',
    'http://localhost:5173',
    'http://127.0.0.1:5173',
    'http://[::1]:5173',
    'https://xn--spte-moa.example',
    'null',
    'capacitor://localhost',
    'tauri://localhost',
    'chrome-extension://abcdefghijklmnop',
    'app.x-y+z1://a',
    'web+http://app',
    'http+unix://app',
    'x://a',
  ])('%s', (origin) => {
    expect(mistakesOf({ allowedOrigins: [origin] })).toBe('');
  });
});

describe('An entry of allowedOrigins that no browser sends is told', () => {
  it.each<[string, string]>([
    ['https://app.example/', sends('https://app.example')],
    ['https://App.Example', sends('https://app.example')],
    ['HTTPS://app.example', sends('https://app.example')],
    ['Http://app.example', sends('http://app.example')],
    ['http://app.example:80', sends('http://app.example')],
    ['https://app.example:443', sends('https://app.example')],
    ['https://app.example/login?a=b#c', sends('https://app.example')],
    ['capacitor://localhost/', sends('capacitor://localhost')],
    ['capacitor://localhost/login', sends('capacitor://localhost')],
    ['Capacitor://localhost', sends('capacitor://localhost')],
    ['app://a:80?b', sends('app://a:80')],
    // A document out of a blob has the origin of what made it.
    ['blob:https://app.example/0b5e8f2a', sends('https://app.example')],
    // A host without a scheme.
    ['app.example', sends('https://app.example')],
    ['App.Example', sends('https://app.example')],
    ['my-app.co.example', sends('https://my-app.co.example')],
    ['a.b', sends('https://a.b')],
    ['app.example:8080', sends('https://app.example:8080')],
    ['app.example/', sends('https://app.example')],
    ['app.example/login', sends('https://app.example')],
    ['app.example:8080/login', sends('https://app.example:8080')],
    // Servers for development have no certificate.
    ['localhost', sends('http://localhost')],
    ['localhost:5173', sends('http://localhost:5173')],
    ['LOCALHOST:5173/login', sends('http://localhost:5173')],
    ['localhost.example:5173', sends('https://localhost.example:5173')],
  ])('what browsers send instead: %s', (origin, advice) => {
    expect(mistakesOf({ allowedOrigins: [origin] })).toBe(
      `createTokenRouter: allowedOrigins[0] is '${origin}'. ${advice}`,
    );
  });

  it('what browsers send instead, without the password in it', () => {
    expect(mistakesOf({ allowedOrigins: ['https://ann:hunter2@app.example'] })).toBe(
      `createTokenRouter: allowedOrigins[0] is 'https://…@app.example'. ${sends('https://app.example')}`,
    );
  });

  it.each([
    ...['', 'app', 'NULL', 'app.example:', 'app.example:x', 'app.example:80x', 'app.example?a', 'app.example x'],
    ...['.example', 'app..example', 'app.', 'my app.example', '/app.example', 'https://', 'https://a b.example'],
    ...['mailto:a@b.example', 'xcapacitor:localhost', '1capacitor://localhost', 'capacitor://local host', 'data:,x'],
    ...['file:///app', 'localhostess', 'mylocalhost', 'local', '//app.example', 'é.example'],
  ])('how one looks, where nobody knows what was meant: %j', (origin) => {
    expect(mistakesOf({ allowedOrigins: [origin] })).toBe(
      `createTokenRouter: allowedOrigins[0] is '${origin}'. ${EXAMPLE}`,
    );
  });

  it.each(['*', 'https://*.app.example', 'https://app.example:*', '*.app.example', 'capacitor://*'])(
    'how a pattern is written: %s',
    (origin) => {
      expect(mistakesOf({ allowedOrigins: [origin] })).toBe(
        `createTokenRouter: allowedOrigins[0] is '${origin}'. ${PATTERN}`,
      );
    },
  );

  it.each<[unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    [7, '7'],
    [/app/, 'a RegExp'],
    [new URL('https://app.example'), 'a URL'],
  ])('both, where it is no text: %p', (origin, received) => {
    expect(mistakesOf({ allowedOrigins: [origin] })).toBe(
      `createTokenRouter: allowedOrigins[0] is ${received}. ${EXAMPLE} ${PATTERN}`,
    );
  });
});
