import { nearOrigins } from '../../lib/testing/near-origins';

const listed = (origin: string) => nearOrigins(origin).map((near) => near.origin);

describe('Origins that look like another one', () => {
  it.each<[string, string[]]>([
    [
      'https://app.example',
      [
        'https://app.example.evil.example',
        'https://evilapp.example',
        'https://evilapp.example.evil.example',
        'https://appxexample',
        'https://app.example:8443',
        'http://app.example',
        'https://evil.app.example',
      ],
    ],
    [
      'https://app.my.example:8443',
      [
        'https://app.my.example.evil.example',
        'https://app.my.example.evil.example:8443',
        'https://evilapp.my.example:8443',
        'https://evilapp.my.example.evil.example:8443',
        'https://appxmy.example:8443',
        'https://app.myxexample:8443',
        'https://app.my.example:8444',
        'http://app.my.example:8443',
        'https://evil.app.my.example:8443',
        'https://evil.my.example:8443',
      ],
    ],
    [
      'http://localhost:3000',
      [
        'http://localhost.evil.example',
        'http://localhost.evil.example:3000',
        'http://evillocalhost:3000',
        'http://evillocalhost.evil.example:3000',
      ],
    ],
    [
      'http://app.localhost',
      [
        'http://app.localhost.evil.example',
        'http://evilapp.localhost',
        'http://evilapp.localhost.evil.example',
        'http://appxlocalhost',
      ],
    ],
    [
      'http://127.0.0.1:3000',
      ['http://127.0.0.1.evil.example', 'http://127.0.0.1.evil.example:3000', 'http://evil127.0.0.1.evil.example:3000'],
    ],
    ['http://[::1]:3000', []],
    ['null', []],
    ['capacitor://localhost', []],
  ])('%s', (origin, near) => {
    expect(listed(origin)).toEqual(near);
  });

  it.each<[string, RegExp | ((origin: string) => boolean)]>([
    ['startsWith', (origin) => origin.startsWith('https://app.example')],
    ['endsWith', (origin) => origin.endsWith('app.example')],
    ['includes', (origin) => origin.includes('app.example')],
    ['a dot that is not escaped', (origin) => /^https:\/\/app.example$/.test(origin)],
    ['a scheme that may be http', (origin) => /^https?:\/\/app\.example$/.test(origin)],
    ['any port', (origin) => /^https:\/\/app\.example(:\d+)?$/.test(origin)],
    ['any subdomain', (origin) => /^https:\/\/(.+\.)?app\.example$/.test(origin)],
  ])('find a comparison with %s', (_what, allows) => {
    expect(listed('https://app.example').filter(allows as never)).not.toEqual([]);
  });

  it('say which comparison takes one for the other', () => {
    expect(nearOrigins('https://app.example').map(({ mistake }) => mistake)).toEqual([
      'startsWith',
      'endsWith',
      'includes',
      'a regular expression with a dot that is not escaped',
      'a comparison without the port',
      'a comparison without the scheme',
      'a comparison that takes all subdomains',
    ]);
  });
});
