module.exports = {
  rfc: 'RFC 6750',
  name: 'Bearer tokens: what concerns the endpoints',
  url: 'https://www.rfc-editor.org/rfc/rfc6750',
  requirements: [
    {
      id: '6750-type',
      section: '4',
      level: 'states',
      says: 'The token_type of a token that is not bound is Bearer.',
      specs: ['grants/issued-tokens › the router’s token_type, not the host’s'],
    },
    {
      id: '6750-cacheable',
      section: '5.3',
      level: 'MUST',
      says: 'Bearer tokens are kept out of caches.',
      specs: ['grants/issued-tokens › the fields of every answer, and no ETag'],
    },
    {
      id: '6750-short',
      section: '5.3',
      level: 'SHOULD',
      says: 'Bearer tokens live for an hour or less.',
      differs: 'Each API says its lifetime. The examples use ten minutes.',
      specs: ['tokens/issuer › has the claims of RFC 9068 and no other'],
    },
    {
      id: '6750-audience',
      section: '5.2, 5.3',
      level: 'SHOULD',
      says: 'Bearer tokens are for an audience and a scope.',
      specs: ['tokens/audience › The audience of an access token › is %s'],
    },
    {
      id: '6750-tampering',
      section: '5.2',
      level: 'MUST',
      says: 'The content of a token cannot be changed.',
      specs: ['endpoints/introspection › a JWT of another key', 'endpoints/introspection › a JWT that is not signed'],
    },
  ],
};
