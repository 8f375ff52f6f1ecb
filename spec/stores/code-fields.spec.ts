import { memoryCodes } from '../../lib/stores/memory';
import { createCodeRecord } from '../../lib/testing';

const save = (different: object) => memoryCodes().saveCode('a code', createCodeRecord(different));

const OR_NULL = 'or null if the authorization request had none';

describe('What the token endpoint could not use is refused when the code is saved:', () => {
  it.each<[string, unknown, string]>([
    ['clientId', undefined, 'undefined. Write the client_id, a string that is not empty.'],
    ['clientId', null, 'null. Write the client_id, a string that is not empty.'],
    ['clientId', '', 'an empty string. Write the client_id, a string that is not empty.'],
    ['clientId', 7, '7. Write the client_id, a string that is not empty.'],
    ['redirectUri', undefined, `undefined. Write a string, ${OR_NULL}.`],
    ['redirectUri', '', `an empty string. Write a string, ${OR_NULL}.`],
    ['codeChallenge', undefined, `undefined. Write a string, ${OR_NULL}.`],
    ['codeChallenge', 5, `5. Write a string, ${OR_NULL}.`],
    ['codeChallengeMethod', undefined, `undefined. Write 'S256', ${OR_NULL}.`],
    ['codeChallengeMethod', 256, `256. Write 'S256', ${OR_NULL}.`],
    ['expiresAt', undefined, 'undefined. Write a valid Date.'],
    ['expiresAt', new Date(Number.NaN), 'an invalid Date. Write a valid Date.'],
    ['expiresAt', '2030-01-01', 'a string of 10 characters. Write a valid Date.'],
    ['dpopJkt', '', `an empty string. Write a string, ${OR_NULL}.`],
    ['dpopJkt', 5, `5. Write a string, ${OR_NULL}.`],
    ['scope', ['openid'], 'an array of 1. Write a string, or null.'],
    ['resources', 'https://api.example/', 'a string of 20 characters. Write an array of strings, or null.'],
    ['resources', [''], 'an array of 1. Write an array of strings, or null.'],
    ['resources', ['https://api.example/', 5], 'an array of 2. Write an array of strings, or null.'],
  ])('%s: %p', async (field, value, message) => {
    await expect(save({ [field]: value })).rejects.toThrow(new TypeError(`saveCode: ${field} is ${message}`));
  });

  it.each([[undefined], [null], [5]])('a record that is %p', async (record) => {
    await expect(memoryCodes().saveCode('a code', record as never)).rejects.toThrow(
      new TypeError('saveCode: clientId is undefined. Write the client_id, a string that is not empty.'),
    );
  });
});

describe('What the token endpoint can use is saved:', () => {
  it.each<[string, unknown]>([
    ['redirectUri', null],
    ['redirectUri', 'https://app.example/callback'],
    ['codeChallenge', null],
    // A request whose code_challenge was empty: the endpoint refuses each verifier.
    ['codeChallenge', ''],
    ['codeChallengeMethod', null],
    ['codeChallengeMethod', ''],
    ['dpopJkt', undefined],
    ['dpopJkt', null],
    ['dpopJkt', 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'],
    ['scope', undefined],
    ['scope', null],
    ['scope', ''],
    ['resources', undefined],
    ['resources', null],
    ['resources', []],
    ['resources', ['https://api.example/', 'urn:example:api']],
  ])('%s: %p', async (field, value) => {
    await expect(save({ [field]: value })).resolves.toEqual({ grantId: expect.stringMatching(/^[\da-f]{64}$/) });
  });
});
