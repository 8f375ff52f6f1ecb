import fc from 'fast-check';
import { isCallbackUrl } from '../../lib/authorize';

jest.setTimeout(120_000);

const APP = 'https://app.example/cb';
const WILD = 'https://*.app.example/cb';

describe('isCallbackUrl accepts', () => {
  it.each([
    ['a registered URL', APP, [APP]],
    ['any of the registered ones', APP, ['https://other.example/', APP]],
    ['a URL with a query, as it is registered', 'https://app.example/cb?a=1&b=', ['https://app.example/cb?a=1&b=']],
    ['http, as it is registered', 'http://app.example/cb', ['http://app.example/cb']],
    ['a port, as it is registered', 'https://app.example:8443/cb', ['https://app.example:8443/cb']],
    ['an origin alone', 'https://app.example', ['https://app.example']],
    ['an escaped path, as it is registered', 'https://app.example/c%C3%A9', ['https://app.example/c%C3%A9']],
    ['punycode', 'https://xn--bcher-kva.example/cb', ['https://xn--bcher-kva.example/cb']],
    ['a private-use scheme', 'com.example.app:/oauth2redirect', ['com.example.app:/oauth2redirect']],
    ['a private-use scheme with a host', 'com.example.app://callback', ['com.example.app://callback']],
    ['a private-use scheme without a dot', 'cursor://anysphere/cb', ['cursor://anysphere/cb']],
    ['a label for the *', 'https://pr-12.app.example/cb', [WILD]],
    ['a label between the ends of the label', 'https://pr-12-web.app.example/cb', ['https://pr-*-web.app.example/cb']],
    ['a label that has digits around the *', 'https://v2-a-2.app.example/cb', ['https://v2-*-2.app.example/cb']],
    ['a label below a host with digits', 'https://a.app1.2nd.example/cb', ['https://*.app1.2nd.example/cb']],
    ['a label below two labels', 'https://a.app.example', ['https://*.app.example']],
    ['a label below four labels', 'https://a.eu.web.app.example/cb', ['https://*.eu.web.app.example/cb']],
    ['a label for the * beside a query', 'https://a.app.example?b', ['https://*.app.example?b']],
    ['a label for the * beside a port', 'https://a.app.example:8443/cb', ['https://*.app.example:8443/cb']],
    ['another port on 127.0.0.1', 'http://127.0.0.1:51004/cb', ['http://127.0.0.1/cb']],
    ['another port than the registered one', 'http://127.0.0.1:51004/cb', ['http://127.0.0.1:3000/cb']],
    ['another port on 127.0.0.1 without a path', 'http://127.0.0.1:51004', ['http://127.0.0.1']],
    ['another port on 127.0.0.1 before a query', 'http://127.0.0.1:51004?a', ['http://127.0.0.1?a']],
    ['no port where one is registered', 'http://127.0.0.1/cb', ['http://127.0.0.1:3000/cb']],
    ['another port on [::1]', 'http://[::1]:51004/cb?a=b', ['http://[::1]/cb?a=b']],
    ['localhost with its port', 'http://localhost:3000/cb', ['http://localhost:3000/cb']],
  ])('%s', (_title, url, registered) => {
    expect(isCallbackUrl(url, registered)).toBe(true);
  });
});

describe('isCallbackUrl refuses', () => {
  it.each<[string, unknown, string[]]>([
    ['another host', 'https://evil.example/cb', [APP]],
    ['a host that begins the same', 'https://app.example.evil.example/cb', [APP]],
    ['a host that ends the same', 'https://evilapp.example/cb', [APP]],
    ['another scheme', 'http://app.example/cb', [APP]],
    ['another case of the host', 'https://App.example/cb', [APP]],
    ['another case of the path', 'https://app.example/CB', [APP]],
    ['a slash more', 'https://app.example/cb/', [APP]],
    ['a path that begins the same', 'https://app.example/cb.evil', [APP]],
    ['a query more', 'https://app.example/cb?next=//evil.example', [APP]],
    ['an empty query', 'https://app.example/cb?', [APP]],
    ['the default port', 'https://app.example:443/cb', [APP]],
    ['dot segments', 'https://app.example/x/../cb', [APP]],
    ['encoded dot segments', 'https://app.example/x/%2e%2e/cb', [APP]],
    ['another case of an escape', 'https://app.example/%c3', ['https://app.example/%C3']],
    ['blanks around', ` ${APP}`, [APP]],
    ['a line break at the end', `${APP}\n`, [APP]],
    ['an array with the URL', [APP], [APP]],
    ['a string object', new String(APP), [APP]],
    ['an array with a loopback URL', ['http://127.0.0.1:5000/cb'], ['http://127.0.0.1/cb']],
    ['a string object of a loopback URL', new String('http://127.0.0.1:5000/cb'), ['http://127.0.0.1/cb']],
    ['an array with a URL for a *', ['https://a.app.example/cb'], [WILD]],
    ['a string object of a URL for a *', new String('https://a.app.example/cb'), [WILD]],
    ['nothing', undefined, [APP]],
    ['an empty string', '', [APP]],
    ['everything where nothing is registered', APP, []],
  ])('%s', (_title, url, registered) => {
    expect(isCallbackUrl(url, registered)).toBe(false);
  });

  it.each([
    ['a fragment', 'https://app.example/cb#x'],
    ['an empty fragment', 'https://app.example/cb#'],
    ['a user', 'https://app.example@evil.example/cb'],
    ['a user and a password', 'https://a:b@app.example/cb'],
    ['a backslash before the path', 'https://app.example\\@evil.example/cb'],
    ['backslashes for slashes', 'https:\\\\app.example\\cb'],
    ['a NUL', 'https://app.example/\0cb'],
    ['a line break', 'https://app.example/cb\r\nSet-Cookie: a=b'],
    ['a tab within the scheme', 'ht\ttps://app.example/cb'],
    ['a blank', 'https://app.example/a b'],
    ['a quote', 'https://app.example/"onload=x'],
    ['an angle bracket', 'https://app.example/<script>'],
    ['a bare percent sign', 'https://app.example/%zz'],
    ['an escape that is cut', 'https://app.example/%2'],
    ['encoded dots in the host', 'https://app%2eexample/cb'],
    ['a full-width dot in the host', 'https://app。example/cb'],
    ['a host of another script', 'https://аpp.example/cb'],
    ['a path of another script', 'https://app.example/é'],
    ['one slash', 'https:/app.example/cb'],
    ['three slashes', 'https:///app.example/cb'],
    ['no scheme', '//app.example/cb'],
    ['a path alone', '/cb'],
    ['an upper-case scheme', 'HTTPS://app.example/cb'],
    ['no host', 'https://'],
    ['an empty port', 'https://app.example:/cb'],
    ['a port that is none', 'https://app.example:99999/cb'],
    ['an address in another spelling', 'http://127.1/cb'],
    ['an address as a number', 'http://2130706433/cb'],
    ['an IPv6 address in another spelling', 'http://[0:0:0:0:0:0:0:1]/cb'],
    ['an IPv6 address that is none', 'http://[::1::]/cb'],
    ['an empty label', 'https://app..example/cb'],
    ['punycode with other letters', 'https://xn--ä/cb'],
    ['javascript:', 'javascript:alert(document.domain)'],
    ['JavaScript:', 'JaVaScRiPt:alert(1)//https://app.example/cb'],
    ['data:', 'data:text/html,x'],
    ['vbscript:', 'vbscript:msgbox(1)'],
    ['blob:', 'blob:https://app.example/0a1b'],
    ['file:', 'file:///etc/passwd'],
    ['view-source:', 'view-source:https://app.example/cb'],
    ['intent:', 'intent://app.example/cb'],
    ['ws:', 'wss://app.example/cb'],
    ['a scheme with nothing behind it', 'com.example.app:'],
    ['a scheme that begins with a digit', '1app://cb'],
    ['a fragment behind a private-use scheme', 'com.example.app:/cb#x'],
    // The parameters of an answer (RFC 6749 §4.1.2 and §4.1.2.1, RFC 9207 §2).
    ...['code', 'state', 'iss', 'error', 'error_description', 'error_uri'].map((name): [string, string] => [
      `the parameter ${name} in its own query`,
      `https://app.example/cb?a=b&${name}=mine`,
    ]),
    ['a code without a value in its own query', 'https://app.example/cb?code'],
    ['a code behind a private-use scheme', 'com.example.app:/cb?code=mine'],
    ['an encoded iss in its own query', 'https://app.example/cb?a=b&%69ss=https://evil.example'],
  ])('%s, even if it is registered', (_title, url) => {
    expect(isCallbackUrl(url, [url])).toBe(false);
  });

  it.each([
    ['the * itself', WILD, WILD],
    ['no label', 'https://app.example/cb', WILD],
    ['an empty label', 'https://.app.example/cb', WILD],
    ['two labels', 'https://a.b.app.example/cb', WILD],
    ['another domain', 'https://a.app.example.evil/cb', WILD],
    ['a domain before', 'https://evil.example/.app.example/cb', WILD],
    ['a user before', 'https://evil.example@.app.example/cb', WILD],
    ['an escape', 'https://a%2eb.app.example/cb', WILD],
    ['a label of 64 characters', `https://${'a'.repeat(64)}.app.example/cb`, WILD],
    ['a label that begins with a hyphen', 'https://-a.app.example/cb', WILD],
    ['a label that ends with a hyphen', 'https://a-.app.example/cb', WILD],
    ['a label in upper case', 'https://A.app.example/cb', WILD],
    ['an underscore', 'https://a_b.app.example/cb', WILD],
    ['another path', 'https://a.app.example/other', WILD],
    ['a port', 'https://a.app.example:8443/cb', WILD],
    ['a fragment', 'https://a.app.example/cb#', WILD],
    ['http', 'http://a.app.example/cb', WILD],
    ['nothing between the ends of the label', 'https://pr-.app.example/cb', 'https://pr-*.app.example/cb'],
    ['nothing between two letters of the label', 'https://ab.app.example/cb', 'https://a*b.app.example/cb'],
    ['a * more in the path, as it is', 'https://a.app.example/*', 'https://*.app.example/*'],
    ['ends of the label that overlap', 'https://ab.app.example/cb', 'https://ab*b.app.example/cb'],
    ['a * for http', 'http://a.app.example/cb', 'http://*.app.example/cb'],
    ['a * for a whole domain', 'https://evil.com/cb', 'https://*.com/cb'],
    ['a * for every host', 'https://evil/cb', 'https://*/cb'],
    ['a * at the end of a whole domain', 'https://evilapp.com/cb', 'https://*app.com/cb'],
    ['a * in the second label', 'https://sub.a.app.example/cb', 'https://sub.*.app.example/cb'],
    ['two *', 'https://a.b.app.example/cb', 'https://*.*.app.example/cb'],
    ['two * in a label', 'https://a-b.app.example/cb', 'https://*-*.app.example/cb'],
    ['a * more in the path', 'https://a.app.example/x', 'https://*.app.example/*'],
    ['a * in the path', 'https://app.example/x', 'https://app.example/*'],
    ['a * in the port', 'https://app.example:8443/cb', 'https://app.example:*/cb'],
    ['a * in the scheme', 'https://app.example/cb', '*://app.example/cb'],
    ['a * for a private-use scheme', 'com.example.app://a.app.example', 'com.example.app://*.app.example'],
    ['a * for a private-use scheme that ends in https', 'app.https://a.app.example/cb', 'app.https://*.app.example/cb'],
    ['a * in a host with a dot at its end', 'https://a.app.example./cb', 'https://*.app.example./cb'],
    ['a * in a host with an underscore', 'https://a.my_app.example/cb', 'https://*.my_app.example/cb'],
    ['a * for a part of an address', 'https://192.168.0.1/cb', 'https://*.168.0.1/cb'],
    ['a * before a dot at the end', 'https://a.app.example./cb', WILD],
    ['a * as a pattern', 'https://axapp.example/cb', 'https://*.app.example/cb'],
  ])('if a URL with a * is registered, %s', (_title, url, registered) => {
    expect(isCallbackUrl(url, [registered])).toBe(false);
  });

  it.each([
    ['another address of the loopback network', 'http://127.0.0.2:5000/cb', 'http://127.0.0.1/cb'],
    ['[::1] for 127.0.0.1', 'http://[::1]:5000/cb', 'http://127.0.0.1/cb'],
    ['localhost for 127.0.0.1', 'http://localhost:5000/cb', 'http://127.0.0.1/cb'],
    ['another port on localhost', 'http://localhost:5000/cb', 'http://localhost:3000/cb'],
    ['another path', 'http://127.0.0.1:5000/other', 'http://127.0.0.1/cb'],
    ['a query more', 'http://127.0.0.1:5000/cb?x', 'http://127.0.0.1/cb'],
    ['https', 'https://127.0.0.1:5000/cb', 'https://127.0.0.1/cb'],
    ['port 0', 'http://127.0.0.1:0/cb', 'http://127.0.0.1/cb'],
    ['a port with a zero in front', 'http://127.0.0.1:080/cb', 'http://127.0.0.1/cb'],
    ['a port that is none', 'http://127.0.0.1:65536/cb', 'http://127.0.0.1/cb'],
    ['a name that begins so', 'http://127.0.0.1.evil.example/cb', 'http://127.0.0.1/cb'],
    ['a user that looks like it', 'http://127.0.0.1:5000@evil.example/cb', 'http://127.0.0.1/cb'],
    ['no scheme where none is registered', 'http://127.0.0.1:5000/cb', '127.0.0.1/cb'],
    ['a path where none is registered', 'http://127.0.0.1:5000/', 'http://127.0.0.1'],
    [
      'a loopback URL in a query',
      'https://a.example/cb?to=http://127.0.0.1:5/',
      'https://a.example/cb?to=http://127.0.0.1/',
    ],
    ['a private-use scheme that ends in http', 'app.http://127.0.0.1:5000/cb', 'app.http://127.0.0.1/cb'],
    ['another port elsewhere', 'http://app.example:5000/cb', 'http://app.example/cb'],
  ])('if a loopback URL is registered, %s', (_title, url, registered) => {
    expect(isCallbackUrl(url, [registered])).toBe(false);
  });
});

describe('isCallbackUrl lets the port differ', () => {
  const HOSTS = ['127.0.0.1', '[::1]', 'localhost'];

  it.each([
    [undefined, ['127.0.0.1', '[::1]']],
    [null, ['127.0.0.1', '[::1]']],
    ['native' as const, HOSTS],
    ['web' as const, []],
  ])('for the application type %s on %j', (applicationType, hosts) => {
    const taken = HOSTS.filter((host) =>
      isCallbackUrl(`http://${host}:51004/cb`, [`http://${host}/cb`], { applicationType }),
    );
    expect(taken).toEqual(hosts);
  });

  it('never from localhost to an address, also for native apps', () => {
    const registered = ['http://127.0.0.1/cb'];
    expect(isCallbackUrl('http://localhost:51004/cb', registered, { applicationType: 'native' })).toBe(false);
  });
});

it.each<[unknown, object, string]>([
  [APP, {}, "isCallbackUrl: registered is 'https://app.example/cb'. Write an array of URLs"],
  [undefined, {}, 'registered is undefined'],
  [[APP, 7], {}, "registered is [ 'https://app.example/cb', 7 ]"],
  [[''], {}, "registered is [ '' ]"],
  [[APP], { applicationType: 'spa' }, "isCallbackUrl: applicationType is 'spa'. Write 'web' or 'native'"],
])('isCallbackUrl throws a TypeError that names the mistake: %j, %j', (registered, options, message) => {
  const call = () => isCallbackUrl(APP, registered as string[], options);
  expect(call).toThrow(TypeError);
  expect(call).toThrow(message);
});

describe('isCallbackUrl, whatever the URL,', () => {
  const part = fc.oneof(
    fc.constantFrom(
      ...'https:// http:// app.example .app.example 127.0.0.1 :51004 /cb @ \\ # % %2e * ? & \t \0'.split(' '),
    ),
    fc.string({ maxLength: 8 }),
    fc.string({ unit: 'binary', maxLength: 4 }),
  );
  const url = fc.oneof(
    fc.array(part, { maxLength: 8 }).map((parts) => parts.join('')),
    fc.webUrl({ withFragments: true, withQueryParameters: true }),
  );
  const registered = [APP, WILD, 'http://127.0.0.1/cb', 'com.example.app:/cb'];

  it('never throws, and accepts only URLs that a browser sends to a registered place', () => {
    fc.assert(
      fc.property(url, (text) => {
        if (!isCallbackUrl(text, registered) || registered.includes(text)) return;
        const { protocol, hostname, pathname, search, hash, username } = new URL(text);
        expect([pathname, search, hash, username]).toEqual(['/cb', '', '', '']);
        if (protocol === 'http:') expect(hostname).toBe('127.0.0.1');
        else expect(hostname).toMatch(/^[a-z\d-]+\.app\.example$/);
      }),
      { numRuns: 3000 },
    );
  });

  it('refuses a URL with one character changed, removed or added, except in the label and the port', () => {
    const good = ['https://pr.app.example/cb', 'http://127.0.0.1:51004/cb', APP];
    fc.assert(
      fc.property(
        fc.constantFrom(...good),
        fc.nat(30),
        fc.oneof(fc.constantFrom(...'. / @ \\ # ? % \t \0 é'.split(' ')), fc.string({ maxLength: 2 })),
        fc.nat(1),
        (whole, index, put, cut) => {
          const text = whole.slice(0, index) + put + whole.slice(index + cut);
          const isOpen = /^(?:https:\/\/[a-z\d-]+\.app\.example\/cb|http:\/\/127\.0\.0\.1(?::\d+)?\/cb)$/.test(text);
          if (!isOpen && text !== APP) expect(isCallbackUrl(text, registered)).toBe(false);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('accepts any label and any port', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z\d](?:[a-z\d]{0,20}[a-z\d])?$/),
        fc.integer({ min: 1, max: 65_535 }),
        (label, port) => {
          expect(isCallbackUrl(`https://${label}.app.example/cb`, registered)).toBe(true);
          expect(isCallbackUrl(`http://127.0.0.1:${port}/cb`, registered)).toBe(true);
        },
      ),
    );
  });

  it('is fast for a long URL', () => {
    const long = [
      `https://${'a.'.repeat(50_000)}`,
      `https://${'a-'.repeat(50_000)}.app.example/cb`,
      'x'.repeat(100_000),
    ];
    const begin = performance.now();
    for (const text of long)
      expect(isCallbackUrl(text, [...registered, `https://${'a.'.repeat(50_000)}*`])).toBe(false);
    expect(performance.now() - begin).toBeLessThan(1000);
  });
});
