module.exports = {
  rfc: 'RFC 7517',
  name: 'JSON Web Keys that are taken: of proofs, of clients and of the issuer',
  url: 'https://www.rfc-editor.org/rfc/rfc7517',
  requirements: [
    {
      id: '7517-unknown',
      section: '4',
      level: 'MUST',
      says: 'Members of a JWK that nobody knows are ignored.',
      specs: ['dpop/good-proofs › a jwk with members that nobody knows'],
    },
    {
      id: '7517-kty',
      section: '4.1',
      level: 'MUST',
      says: 'kty is there, in its own letters.',
      specs: [
        'dpop/bad-proofs › no kty',
        'dpop/bad-proofs › kty in small letters',
        'dpop/bad-proofs › kty in an array',
      ],
    },
    {
      id: '7517-use',
      section: '4.2',
      level: 'states',
      says: 'use is sig where it is there.',
      specs: [
        'dpop/bad-proofs › a key for encryption',
        'clients/bad-assertions › a key that is for encryption',
        'tokens/keys › for encryption',
      ],
    },
    {
      id: '7517-key-ops',
      section: '4.3',
      level: 'MUST NOT',
      says: 'key_ops names no operation twice.',
      specs: [
        'dpop/bad-proofs › verify twice in key_ops',
        'clients/bad-assertions › a key with an operation twice in key_ops',
        'tokens/keys › with sign twice in key_ops',
        'endpoints/introspection › A key verifies JWTs that has verify %s in its key_ops: %p is %p',
      ],
    },
    {
      id: '7517-consistent',
      section: '4.3',
      level: 'MUST',
      says: 'use and key_ops agree where both are there.',
      specs: [
        'clients/bad-assertions › a key whose key_ops contradicts its use',
        'tokens/keys › whose key_ops contradicts its use',
      ],
    },
    {
      id: '7517-not-both',
      section: '4.3',
      level: 'SHOULD NOT',
      says: 'use and key_ops are not used together: keys that are published have use.',
      specs: ['tokens/keys › of %s holds its public half and nothing else', 'tokens/keys › signs whose key_ops is %s'],
    },
    {
      id: '7517-alg',
      section: '4.4',
      level: 'states',
      says: 'alg is the one of the signature where it is there.',
      specs: [
        'dpop/bad-proofs › an alg unlike the header',
        'clients/bad-assertions › a key that is for another algorithm',
      ],
    },
    {
      id: '7517-kid',
      section: '4.5',
      level: 'SHOULD',
      says: 'Each key of a set has a kid of its own.',
      specs: ['tokens/keys › two keys of one kid', 'tokens/keys › one key twice, by the digest that both are named by'],
    },
    {
      id: '7517-sets',
      section: '5',
      level: 'SHOULD',
      says: 'Keys of a set that cannot be used are passed over.',
      specs: [
        'clients/authentication › ignores entries of its keys that are no objects',
        'endpoints/introspection › a JWT by a key that is too large to verify by',
      ],
    },
    {
      id: '7517-private',
      section: '9.2',
      level: 'MUST',
      says: 'No private key is published.',
      specs: ['tokens/keys › of %s holds its public half and nothing else'],
    },
  ],
};
