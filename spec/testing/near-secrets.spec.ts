import type { TestClient, TokenEndpointHost } from '../../lib/testing';
import { type ClientFault, LOOKUP_FAULTS, SECRET_FAULTS, signer, web, worker } from './faults/clients';
import { createHost, description } from './faults/host';
import { collectRules, failuresOf } from './tampering';

const host: TokenEndpointHost = { ...description, client: web, otherClient: worker };
const ABOUT = /secret|refuses a client/;

/** The rules that a host with this fault fails. */
const FOUND: Record<(typeof SECRET_FAULTS)[number] | (typeof LOOKUP_FAULTS)[number], string[]> = {
  'a secret in any letter case': ['refuses the secret in letters of the other case, and leaves the code'],
  'a secret whose blanks do not count': [
    'refuses the secret with a blank before it, and leaves the code',
    'refuses the secret with a blank behind it, and leaves the code',
  ],
  'a secret of which the beginning is enough': [
    'refuses the first character of the secret, and leaves the code',
    'refuses the secret without its last character, and leaves the code',
  ],
  'a secret of which the end is enough': ['refuses the last character of the secret, and leaves the code'],
  'a secret after which anything may stand': [
    'refuses a wrong secret, and leaves the code',
    'refuses the secret with a blank behind it, and leaves the code',
  ],
  'a secret before which anything may stand': [
    'refuses the secret with a blank before it, and leaves the code',
    'refuses the secret with a character before it, and leaves the code',
  ],
  'a secret that is decoded once more': ['refuses the secret form-encoded once more, and leaves the code'],
  'a secret that is stored encoded': ['refuses the secret form-decoded once more, and leaves the code'],
  'a secret that is not there if it is blank': ['refuses a blank as the secret, and leaves the code'],
  'a secret that is compared with LIKE': ['refuses a wildcard of SQL as the secret, and leaves the code'],
  'a secret that becomes a part of SQL': ['refuses a condition of SQL as the secret, and leaves the code'],
  'a secret that is the client_id at first': ['refuses the client_id as the secret, and leaves the code'],
  'a secret of any client': ['refuses the secret of another client, and leaves the code'],
  'a secret that is compared in one form': ['accepts a secret in both forms of Basic, encoded and not'],
  'a secret that may be left out': [
    'refuses an empty secret, and leaves the code',
    'refuses a client that has a secret and sends none',
  ],
  'a client that is not found with an error': [
    'refuses a client that nobody registered, and leaves the code',
    'refuses a client_id that every object has as a member, and leaves the code',
  ],
  'a client that is any member': ['refuses a client_id that every object has as a member, and leaves the code'],
};

describe('A host with', () => {
  it.each([...SECRET_FAULTS, ...LOOKUP_FAULTS])('%s fails the rules about it, and no others', async (fault) => {
    const failures = await failuresOf(host, () => createHost(fault), ABOUT);
    expect(Object.keys(failures)).toEqual(FOUND[fault]);
  });

  it('secrets that are compared well passes', async () => {
    expect(await failuresOf(host, () => createHost(), ABOUT)).toEqual({});
  });
});

test('A client that is not found is told what to do about', async () => {
  const fault: ClientFault = 'a client that is not found with an error';
  const [message] = Object.values(await failuresOf(host, () => createHost(fault), ABOUT));
  expect(message?.split('\n')).toEqual([
    'It must be refused with invalid_client, 401.',
    'The answer was 500 server_error. The router says: authenticate_client_failed, no rows.',
    'What to do: let authenticateClient return null for a client_id that it does not find. A lookup that throws is a 500.',
    'See docs/guides/testing.md#clients',
  ]);
});

describe('A client that nobody registered', () => {
  const NAME = /refuses a client that nobody registered/;
  it.each<[string, TokenEndpointHost]>([
    ['a secret', host],
    ['a key', { ...description, client: signer }],
    ['neither', description],
  ])('is refused as invalid_client where the client has %s', async (_what, described) => {
    expect(await failuresOf(described, () => createHost(), NAME)).toEqual({});
  });

  it.each<[string, string, TokenEndpointHost]>([
    ['must not be a public client where the client has a secret', 'It must be refused with invalid_client, 401.', host],
    [
      'must not be a public client where the client has a key',
      'It must be refused with invalid_client, 401.',
      { ...description, client: signer },
    ],
  ])('%s', async (_what, says, described) => {
    const fault: ClientFault = 'a client that is public if nobody knows it';
    const failures = await failuresOf(described, () => createHost(fault), NAME);
    expect(Object.values(failures).map((message) => message.split('\n')[0])).toEqual([says]);
  });

  it('may be a public client where the client is one', async () => {
    const fault: ClientFault = 'a client that is public if nobody knows it';
    expect(await failuresOf(description, () => createHost(fault), NAME)).toEqual({});
  });
});

describe('A secret is not tried', () => {
  const skippedFor = (client: TestClient, otherClient?: TestClient) =>
    collectRules({ client, otherClient }, () => createHost())
      .skipped.filter((name) => /secret.*, and leaves the code/.test(name))
      .map((name) => name.replace(', and leaves the code', ''));
  const OTHER = 'refuses the secret of another client (without otherClient.clientSecret)';
  const same = (what: string) => `refuses ${what} (that is the right one)`;

  it.each<[string, TestClient, string[]]>([
    [
      'that decodes to itself',
      { clientId: 'a', clientSecret: 'bc' },
      [same('the secret form-encoded once more'), same('the secret form-decoded once more'), OTHER],
    ],
    [
      'that cannot be decoded',
      { clientId: 'a', clientSecret: 'S3cr3t+with%plus' },
      ['refuses the secret form-decoded once more (the secret cannot be form-decoded)', OTHER],
    ],
    [
      'that decodes to what cannot be sent',
      { clientId: 'a', clientSecret: 'a%00b' },
      ['refuses the secret form-decoded once more (the secret cannot be form-decoded)', OTHER],
    ],
    [
      'that is sent as what it is stored as',
      { clientId: 'a', clientSecret: 'b+c' },
      [same('the secret form-decoded once more'), OTHER],
    ],
    [
      'that is sent as it is',
      { clientId: 'a', clientSecret: 'b+c', encodes: false },
      [same('the secret form-encoded once more'), OTHER],
    ],
    ['in the body', { clientId: 'a', clientSecret: 'b+c', method: 'client_secret_post' }, [OTHER]],
    [
      'without letters',
      { clientId: 'a', clientSecret: '+%20' },
      [same('the secret in letters of the other case'), OTHER],
    ],
    [
      'of one character',
      { clientId: '+', clientSecret: '+', encodes: false },
      [
        same('the secret in letters of the other case'),
        same('the first character of the secret'),
        same('the last character of the secret'),
        same('the secret form-encoded once more'),
        same('the client_id as the secret'),
        OTHER,
      ],
    ],
  ])('if it is the right one or cannot be made: for a secret %s', (_what, client, skipped) => {
    expect(skippedFor(client)).toEqual(skipped);
  });

  it.each<[string, TestClient | undefined, string[]]>([
    ['has another secret', { clientId: 'b', clientSecret: 'd+e%20' }, []],
    ['has the same secret', { clientId: 'b', clientSecret: 'b+c%20' }, [same('the secret of another client')]],
    ['has none', { clientId: 'b' }, [OTHER]],
    ['is not there', undefined, [OTHER]],
  ])('where the other client %s', (_what, otherClient, skipped) => {
    expect(skippedFor({ clientId: 'a', clientSecret: 'b+c%20' }, otherClient)).toEqual(skipped);
  });
});
