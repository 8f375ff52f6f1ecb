module.exports = {
  rfc: 'RFC 7636',
  name: 'PKCE',
  url: 'https://www.rfc-editor.org/rfc/rfc7636',
  requirements: [
    {
      id: '7636-verifier',
      section: '4.1',
      level: 'states',
      says: 'A code_verifier has 43 to 128 unreserved characters.',
      specs: [
        'grants/pkce › takes or refuses %s › 42 characters',
        'http/parameters › a code_verifier of 129 characters',
        'http/parameters › a code_verifier with padding',
      ],
    },
    {
      id: '7636-s256',
      section: '4.2',
      level: 'MUST',
      says: 'S256 is served.',
      specs: [
        'grants/pkce › derives the challenge of RFC 7636, appendix B',
        'grants/authorization-code › a code: looks, then acts, each step once',
      ],
    },
    {
      id: '7636-plain-default',
      section: '4.3',
      level: 'states',
      says: 'Without code_challenge_method the method is plain.',
      differs: 'plain is never served (RFC 9700 §2.1.1), so a code without a method or with plain is refused.',
      specs: ['grants/code-record › the plain method, with the verifier as its own challenge'],
    },
    {
      id: '7636-bound',
      section: '4.4',
      level: 'MUST',
      says: 'The challenge and its method are bound to the code, so that they can be verified later.',
      specs: [
        'authorize/request › brings a request with every field, and the client',
        'testing/faults/codes › loses the challenge',
      ],
    },
    {
      id: '7636-not-in-code',
      section: '4.4',
      level: 'MUST NOT',
      says: 'The challenge is in nothing that a client sends or gets: not in the code, and not in the record of a refresh token.',
      specs: [
        'stores/store › keeps what the user granted once for all tokens, and nothing of the code',
        'authorize/response › redirects with 303, so that the browser asks with GET also after a form with a password',
      ],
    },
    {
      id: '7636-challenge-required',
      section: '4.4.1',
      level: 'MUST',
      says: 'An authorization request without a challenge is invalid_request.',
      specs: ['authorize/request-parameters › no code_challenge'],
    },
    {
      id: '7636-method-served',
      section: '4.4.1',
      level: 'MUST',
      says: 'A method that is not served is invalid_request.',
      specs: ['authorize/request-parameters › plain', 'authorize/request-parameters › another case of the method'],
    },
    {
      id: '7636-described',
      section: '4.4.1',
      level: 'SHOULD',
      says: 'The description of both says what was wrong.',
      specs: ['authorize/request-parameters › a description that a developer understands for %s'],
    },
    {
      id: '7636-method-bound',
      section: '4.5',
      level: 'MUST',
      says: 'The verifier is verified by the method that is bound to the code.',
      specs: [
        'grants/code-record › the plain method, with the verifier as its own challenge',
        'grants/pkce › the verifier itself, as the plain method has it',
      ],
    },
    {
      id: '7636-verified',
      section: '4.6',
      level: 'MUST',
      says: 'The verifier is compared with the challenge; if they do not fit, the answer is invalid_grant.',
      specs: [
        'grants/code-record › a verifier of another challenge',
        'grants/code-record › the challenge as the verifier',
      ],
    },
    {
      id: '7636-missing',
      section: '4.5',
      level: 'REQUIRED',
      says: 'A code with a challenge is not redeemed without a verifier.',
      specs: ['grants/code-record › a code without a verifier'],
    },
    {
      id: '7636-plain',
      section: '7.2',
      level: 'SHOULD NOT',
      says: 'plain is not used.',
      specs: [
        'grants/code-record › the plain method, with the verifier as its own challenge',
        'authorize/request-parameters › plain',
      ],
    },
  ],
};
