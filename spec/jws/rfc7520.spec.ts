import { verifyJws } from './verify';

// The keys of RFC 7520 §3.1 and §3.3, and the signatures of §4.1 to §4.3 over the one payload of §4.

const KID = 'bilbo.baggins@hobbiton.example';
const EC = {
  kty: 'EC',
  kid: KID,
  use: 'sig',
  crv: 'P-521',
  x: 'AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt',
  y: 'AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1',
};
const N = [
  'n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMa',
  'JMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6c',
  'S6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwd',
  'q_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw',
].join('');
const RSA = { kty: 'RSA', kid: KID, use: 'sig', n: N, e: 'AQAB' };
const PAYLOAD =
  "It\u2019s a dangerous business, Frodo, going out your door. You step onto the road, and if you don't keep your feet, " +
  'there\u2019s no knowing where you might be swept off to.';
const RS256 = [
  'MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7P',
  'NDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9e',
  'Ro4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4',
  'uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg',
].join('');
const PS384 = [
  'cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dD',
  'DItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ij',
  'Q7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAj',
  'VKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw',
].join('');
const ES512 = [
  'AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPB',
  'u_u_sDDyYjnAMDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2',
].join('');

const base64url = (text: string) => Buffer.from(text).toString('base64url');
const jws = (alg: string, signature: string, payload = PAYLOAD) =>
  `${base64url(`{"alg":"${alg}","kid":"${KID}"}`)}.${base64url(payload)}.${signature}`;

const EXAMPLES: [string, string, Record<string, string>][] = [
  ['RS256', RS256, RSA],
  ['PS384', PS384, RSA],
  ['ES512', ES512, EC],
];

describe('Of the examples of RFC 7520', () => {
  test.each(EXAMPLES)('that of %s is verified', (alg, signature, key) => {
    expect(verifyJws(jws(alg, signature), [key])).toBe('verified');
  });

  test.each(EXAMPLES)('that of %s is refused with another payload', (alg, signature, key) => {
    expect(verifyJws(jws(alg, signature, `${PAYLOAD} `), [key])).toBe('signature_wrong');
  });

  test.each(EXAMPLES)('that of %s is refused by a key that names another algorithm', (alg, signature, key) => {
    expect(verifyJws(jws(alg, signature), [{ ...key, alg: 'ES256' }])).toBe('key_unsuitable');
  });

  test.each(EXAMPLES)('that of %s is refused by a key that is for encryption', (alg, signature, key) => {
    expect(verifyJws(jws(alg, signature), [{ ...key, use: 'enc' }])).toBe('key_unsuitable');
  });

  test.each([
    ['RS256', PS384, RSA],
    ['PS384', RS256, RSA],
    ['RS384', RS256, RSA],
  ])('a signature of another algorithm is refused as one of %s', (alg, signature, key) => {
    expect(verifyJws(jws(alg, signature), [key])).toBe('signature_wrong');
  });
});
