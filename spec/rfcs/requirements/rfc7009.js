module.exports = {
  rfc: 'RFC 7009',
  name: 'Revocation',
  url: 'https://www.rfc-editor.org/rfc/rfc7009',
  requirements: [
    {
      id: '7009-token',
      section: '2.1',
      level: 'REQUIRED',
      says: 'token is there, once, in the body of a POST.',
      specs: [
        'endpoints/revocation › a token that is missing',
        'endpoints/revocation › one that is sent twice',
        'endpoints/revocation › other methods, in its own name',
      ],
    },
    {
      id: '7009-hint',
      section: '2.1',
      level: 'MUST',
      says: 'If the token is not of the type that token_type_hint names, the other types are searched.',
      specs: ['endpoints/revocation › %s, whatever the hint says'],
    },
    {
      id: '7009-bad-hint',
      section: '2.2',
      level: 'states',
      says: 'A hint that is not valid changes nothing.',
      specs: ['endpoints/revocation › %s, whatever the hint says'],
    },
    {
      id: '7009-https',
      section: '2',
      level: 'MUST',
      says: 'The URL of the endpoint is an https URL.',
      specs: ['endpoints/metadata › revocation_endpoint', 'endpoints/metadata › refuses members that say %s'],
    },
    {
      id: '7009-client',
      section: '2.1',
      level: 'states',
      says: 'A client with credentials authenticates.',
      specs: [
        'endpoints/revocation › a token of a client that authenticates, by its credential only',
        'endpoints/revocation › a request without a client',
      ],
    },
    {
      id: '7009-foreign',
      section: '2.1',
      level: 'states',
      says: 'A token of another client is not revoked, and the client is told.',
      differs:
        'It is not revoked, but the answer is 200 as for an unknown token. A refusal would tell that the token is good.',
      specs: [
        'endpoints/revocation › to tokens of others, which stay as they are, and are counted once the answer has left',
      ],
    },
    {
      id: '7009-refresh',
      section: '2',
      level: 'MUST',
      says: 'Refresh tokens can be revoked.',
      specs: [
        'endpoints/revocation › a refresh token that is spent',
        'stores/endpoints › ends %s and its refresh token, here and on the other node',
      ],
    },
    {
      id: '7009-access',
      section: '2',
      level: 'SHOULD',
      says: 'Access tokens can be revoked.',
      specs: [
        'stores/endpoints › ends %s and its refresh token, here and on the other node',
        'endpoints/revocation › writes the grant into the jti of JWTs, which stay unique',
      ],
    },
    {
      id: '7009-cascade',
      section: '2.1',
      level: 'SHOULD',
      says: 'A revoked refresh token ends the access tokens of the same grant.',
      specs: [
        'endpoints/introspection › a token whose grant was revoked',
        'stores/endpoints › ends what a refresh brings that races it, whichever comes first',
      ],
    },
    {
      id: '7009-immediately',
      section: '2.1',
      level: 'states',
      says: 'The token is revoked at once, and cannot be used again.',
      specs: ['stores/endpoints › ends %s and its refresh token, here and on the other node'],
    },
    {
      id: '7009-ok',
      section: '2.2',
      level: 'states',
      says: 'The answer is 200, also for an invalid token.',
      specs: ['endpoints/revocation › POST /oauth/revoke answers alike › %s'],
    },
    {
      id: '7009-error',
      section: '2.2.1',
      level: 'states',
      says: 'Errors are those of RFC 6749 §5.2, and unsupported_token_type for a token that cannot be revoked.',
      specs: [
        'endpoints/revocation › a JWT that it cannot find, for resource servers still accept it',
        'endpoints/revocation › an empty one',
      ],
    },
    {
      id: '7009-503',
      section: '2.2.1',
      level: 'states',
      says: 'While revocation does not work, the answer is 503, and the client may come again.',
      specs: ['endpoints/revocation › lets an adapter refuse, and answers 503 when one hangs'],
    },
    {
      id: '7009-cors',
      section: '2.3',
      level: 'MAY',
      says: 'Browser apps can be let in by CORS.',
      specs: ['endpoints/revocation › is open to pages of allowed origins, and to no others'],
    },
    {
      id: '7009-guessing',
      section: '5',
      level: 'MUST',
      says: 'Countermeasures against denial of service and guessing protect this endpoint as they do the token endpoint.',
      specs: [
        'endpoints/revocation › to tokens of others, which stay as they are, and are counted once the answer has left',
        'endpoints/shared-limit › have one count: a guess at one of them is one less at the others',
      ],
    },
  ],
};
