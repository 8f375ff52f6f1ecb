import fc from 'fast-check';
import { OAuthError } from '../../lib';
import { isGloballyReachable } from '../../lib/clients/address';
import { parseMetadata } from '../../lib/clients/metadata';
import { isClientIdUrl, isDocumentUrl } from '../../lib/clients/url';
import { assert, base64url, createClientEndpoint, goodClaims, goodHeader, key } from './support/asserter';

const { authenticateClient } = createClientEndpoint('rp');
const authenticate = (clientAssertion: string) =>
  authenticateClient({ method: 'private_key_jwt', clientAssertion }, {} as never);

/** Whatever is sent is refused as the client's fault: nothing is thrown that would be reported as the host's. */
async function expectRefused(assertion: string): Promise<void> {
  const thrown = await authenticate(assertion).then(
    () => 'nobody is refused',
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(OAuthError);
  expect((thrown as OAuthError).error).toBe('invalid_client');
}

const signed = (header: unknown, claims: unknown) => {
  const text = `${base64url(String(JSON.stringify(header)))}.${base64url(String(JSON.stringify(claims)))}`;
  return `${text}.${key.sign(text).toString('base64url')}`;
};

describe('Whatever an assertion is, it is refused and no fault:', () => {
  it('any text', () => fc.assert(fc.asyncProperty(fc.string(), expectRefused)));

  it('any three parts', () => {
    const part = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('base64url'));
    return fc.assert(fc.asyncProperty(fc.tuple(part, part, part), (parts) => expectRefused(parts.join('.'))));
  });

  it('any header that is signed', () =>
    fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom('typ', 'crit', 'b64', 'jwk'), fc.jsonValue(), { minKeys: 1 }),
        async (different) => {
          // A typ may be right by chance, and a jwk is not looked at.
          if (!('crit' in different || 'b64' in different)) return;
          await expectRefused(signed({ ...goodHeader(), ...different }, goodClaims()));
        },
      ),
    ));

  it('any claim that is signed and of another kind', () => {
    const name = fc.constantFrom('iss', 'sub', 'aud', 'jti', 'exp');
    const value = fc.jsonValue().filter((json) => typeof json !== 'string' && typeof json !== 'number');
    return fc.assert(
      fc.asyncProperty(name, value, (claim, wrong) => expectRefused(assert({ claims: { [claim]: wrong } }))),
    );
  });

  it('any byte of a good one that is changed', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 33, max: 126 }), async (at, character) => {
        const good = assert();
        const index = at % good.length;
        const changed = good.slice(0, index) + String.fromCharCode(character) + good.slice(index + 1);
        if (changed !== good) await expectRefused(changed);
      }),
    ));
});

describe('Whatever a document is,', () => {
  const url = 'https://client.example/id';

  it('it is a client with exact callback URLs, or it is refused', () => {
    const member = fc.constantFrom(
      'redirect_uris',
      'token_endpoint_auth_method',
      'jwks',
      'jwks_uri',
      'grant_types',
      'client_name',
      'client_uri',
      'token_endpoint_auth_signing_alg',
    );
    fc.assert(
      fc.property(fc.dictionary(member, fc.jsonValue()), (different) => {
        const good = { client_id: url, redirect_uris: ['https://client.example/callback'] };
        let client: ReturnType<typeof parseMetadata>;
        try {
          client = parseMetadata({ ...good, ...different }, url);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Error);
          return;
        }
        expect(client.clientId).toBe(url);
        expect(['none', 'private_key_jwt']).toContain(client.tokenEndpointAuthMethod);
        expect(client.redirectUris.every((uri) => URL.canParse(uri) && !/[*#\s]/.test(uri))).toBe(true);
      }),
    );
  });
});

describe('Whatever a text is,', () => {
  it('a URL of a client is one of a document, and its own normal form', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true, withFragments: true })), (text) => {
        if (!isClientIdUrl(text)) return;
        expect([isDocumentUrl(text), new URL(text).href]).toEqual([true, text]);
      }),
    );
  });

  it('what is no address is not reachable', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(isGloballyReachable(`${text}x`)).toBe(false)));
  });
});
