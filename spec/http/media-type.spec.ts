import { createEndpoint, goodForm } from '../support/endpoint';
import { rawPost, sendBytes, withServer } from '../support/raw';

const FORM = 'application/x-www-form-urlencoded';
const form = new URLSearchParams(goodForm()).toString();
const json = JSON.stringify(goodForm());

async function sent(headers: string[], body = form) {
  const endpoint = createEndpoint();
  const { status } = await withServer(endpoint.app, (port) => sendBytes(port, rawPost(headers, body)));
  return [status, endpoint.reasons(), endpoint.calls.length > 0];
}
const served = [200, ['code_redeemed'], true];
const refused = (reason: string) => [415, [reason], false];

const UTF_8 = ['utf-8', 'UTF-8', 'utf8', 'UTF8', 'utf_8', '"utf-8"', '"UTF8"', "'utf-8'", 'us-ascii', 'US-ASCII'];
const LATIN_1 = ['iso-8859-1', 'ISO-8859-1', 'ISO8859-1', 'iso_8859-1', 'latin1', 'Latin-1', '"ISO-8859-1"'];

describe('A charset that says UTF-8, or less, is served', () => {
  it.each([...UTF_8, '', '""', "''"])('in a form and in JSON: %s', async (charset) => {
    expect(await sent([`Content-Type: ${FORM}; charset=${charset}`])).toEqual(served);
    expect(await sent([`Content-Type: application/json;charset=${charset}`], json)).toEqual(served);
  });

  it.each(LATIN_1)('in a form alone: %s', async (charset) => {
    expect(await sent([`Content-Type: ${FORM}; charset=${charset}`])).toEqual(served);
    expect(await sent([`Content-Type: application/json; charset=${charset}`], json)).toEqual(
      refused('charset_unsupported'),
    );
  });
});

describe('Any other charset is refused', () => {
  it.each([
    'utf-16',
    'utf-7',
    'utf',
    '8',
    'utf-88',
    'utf--8',
    'ascii2',
    'windows-1252',
    '"utf-16"',
    "'utf-16'",
    'utf-8,utf-16',
  ])('%s', async (charset) => {
    expect(await sent([`Content-Type: ${FORM}; charset=${charset}`])).toEqual(refused('charset_unsupported'));
    expect(await sent([`Content-Type: ${FORM}; charset=utf-8; a=b; charset=${charset}`])).toEqual(
      refused('charset_unsupported'),
    );
  });
});

describe('Content-Encoding', () => {
  it.each(['', 'identity', 'IDENTITY', 'utf-8', 'UTF-8', 'utf8', 'us-ascii'])(
    'may be none, or a charset that was put there by mistake: %s',
    async (coding) => {
      expect(await sent([`Content-Type: ${FORM}`, `Content-Encoding: ${coding}`])).toEqual(served);
      expect(await sent(['Content-Type: application/json', `Content-Encoding: ${coding}`], json)).toEqual(served);
    },
  );

  it.each(['gzip', 'utf-8, gzip', 'gzip, utf-8', 'utf-16', 'aws-chunked', 'identity, identity'])(
    'may be nothing else: %s',
    async (coding) => {
      expect(await sent([`Content-Type: ${FORM}`, `Content-Encoding: ${coding}`])).toEqual(
        refused('content_encoding_unsupported'),
      );
    },
  );

  it('may not come twice with a coding in the second', async () => {
    const fields = [`Content-Type: ${FORM}`, 'Content-Encoding: identity', 'Content-Encoding: gzip'];
    expect(await sent(fields)).toEqual(refused('content_encoding_unsupported'));
  });
});

describe('Two Content-Type fields are refused', () => {
  it.each([
    ['the same twice', FORM, FORM],
    ['a form first', FORM, 'application/json'],
    ['JSON first', 'application/json', FORM],
    ['one that is not ours first', 'text/plain', FORM],
    ['an empty one behind', FORM, ''],
  ])('%s', async (_what, first, second) => {
    expect(await sent([`Content-Type: ${first}`, `content-type: ${second}`])).toEqual(
      refused('media_type_unsupported'),
    );
  });
});

describe('A refusal says', () => {
  it.each<[string, string[], string]>([
    [
      'which media types are taken',
      ['Content-Type: text/plain'],
      'The request body must be application/x-www-form-urlencoded or application/json',
    ],
    [
      'which media types are taken where none is named',
      [],
      'The request body must be application/x-www-form-urlencoded or application/json',
    ],
    ['which charset is taken', [`Content-Type: ${FORM}; charset=utf-16`], 'The request body must be encoded in UTF-8'],
    [
      'that nothing is inflated',
      [`Content-Type: ${FORM}`, 'Content-Encoding: gzip'],
      'The request body must not be compressed',
    ],
  ])('%s', async (_what, fields, description) => {
    const endpoint = createEndpoint();
    const answer = await withServer(endpoint.app, (port) => sendBytes(port, rawPost(fields, form)));
    expect([answer.status, JSON.parse(answer.body).error_description]).toEqual([415, description]);
  });
});

it.each(['"utf-16', '"a;charset=utf-8"', "'a;charset=utf-8'"])(
  'A quoted charset is one value, and has an end: %s',
  async (charset) => {
    expect(await sent([`Content-Type: ${FORM}; charset=${charset}`])).toEqual(refused('charset_unsupported'));
  },
);
