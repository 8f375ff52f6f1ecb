import fc from 'fast-check';
import { OAuthError } from '../../lib';
import { parseBody } from '../../lib/http/body-text';
import { readResources } from '../../lib/http/resource-parameter';

const API = 'https://api.example';
const asForm = (text: string) => readResources(parseBody(Buffer.from(text), 'application/x-www-form-urlencoded'));
const asJson = (resource: unknown) =>
  readResources(parseBody(Buffer.from(JSON.stringify({ resource })), 'application/json'));
const distinct = (count: number) => Array.from({ length: count }, (_each, index) => `${API}/${index}`);

function refusalOf(read: () => unknown): OAuthError {
  try {
    read();
  } catch (thrown) {
    if (thrown instanceof OAuthError) return thrown;
  }
  throw new Error('it was not refused');
}

describe('The parameter resource is read', () => {
  it.each<[string, string, string[]]>([
    ['where it is absent', 'a=b', []],
    ['where it is empty, as if it were absent', 'resource=&resource=', []],
    ['once', `resource=${encodeURIComponent(API)}`, [API]],
    ['several times', `resource=${API}/a&resource=&resource=${API}/b`, [`${API}/a`, `${API}/b`]],
    ['once where it is repeated', `resource=${API}&resource=${API}`, [API]],
    [
      'byte for byte: what only a URL parser takes for the same is another',
      `resource=HTTPS://API.example:443/a/../%252e&resource=${API}`,
      ['HTTPS://API.example:443/a/../%2e', API],
    ],
    ['as a URN', 'resource=urn:example:api', ['urn:example:api']],
    ['with a query', `resource=${encodeURIComponent(`${API}?a=b&c`)}`, [`${API}?a=b&c`]],
  ])('in a form %s', (_how, form, expected) => {
    expect(asForm(form)).toEqual(expected);
  });

  it.each<[string, unknown, string[]]>([
    ['as a string', API, [API]],
    ['as an array', [API, '', 'urn:a:b', API], [API, 'urn:a:b']],
    ['as an empty array', [], []],
    ['as an empty string', '', []],
  ])('in JSON %s', (_how, resource, expected) => {
    expect(asJson(resource)).toEqual(expected);
  });

  it('up to sixteen different ones, however often each comes', () => {
    expect(asJson([...distinct(16), ...distinct(16)])).toEqual(distinct(16));
  });

  it('of the body itself only, not of what every object has', () => {
    expect(readResources(Object.create({ resource: API }))).toEqual([]);
  });
});

describe('The parameter resource is refused with invalid_target', () => {
  it.each<[string, unknown]>([
    ['a relative reference', '/api'],
    ['a host alone', 'api.example'],
    ['a scheme alone', 'https:'],
    ['a scheme that begins with a digit', '1a:b'],
    ['a fragment', `${API}#a`],
    ['an empty fragment', `${API}#`],
    ['a blank', `${API}/a b`],
    ['a blank in front', ` ${API}`],
    ['a line break behind', `${API}\n`],
    ['NUL', `${API}\0`],
    ['DEL', `${API}\x7f`],
    ['other characters than ASCII', `${API}/ü`],
    ['a number', 1],
    ['null', null],
    ['true', true],
    ['an object', { a: API }],
    ['an array in an array', [[API, [API]]]],
    ['null in an array', [API, null]],
    ['seventeen different ones', distinct(17)],
    ['a good one and a bad one', [API, 'api']],
  ])('where it is %s', (_what, resource) => {
    expect(refusalOf(() => asJson(resource))).toMatchObject({
      error: 'invalid_target',
      status: undefined,
      reason: 'resource_malformed',
      error_description: 'The parameter resource must be an absolute URI without a fragment, 16 times at most',
    });
  });

  it('or it comes out as it went in, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.webUrl(), fc.string(), fc.constant(API)), { maxLength: 20 }), (sent) => {
        const form = new URLSearchParams(sent.map((value): [string, string] => ['resource', value]));
        try {
          expect(asForm(form.toString())).toEqual([...new Set(sent.filter((value) => value !== ''))]);
        } catch (thrown) {
          if (!(thrown instanceof OAuthError)) throw thrown;
          const isSound = (value: string) => /^[a-z][a-z0-9+.-]*:[!-~]+$/i.test(value) && !value.includes('#');
          const different = [...new Set(sent)].filter((value) => value !== '');
          expect(different.every(isSound) && different.length <= 16).toBe(false);
        }
      }),
    );
  });
});
