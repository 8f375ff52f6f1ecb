module.exports = {
  rfc: 'RFC 8707',
  name: 'Resource indicators',
  url: 'https://www.rfc-editor.org/rfc/rfc8707',
  requirements: [
    {
      id: '8707-absolute',
      section: '2',
      level: 'MUST',
      says: 'resource is an absolute URI.',
      specs: [
        'http/resource-parameter › where it is %s › a relative reference',
        'http/resource-parameter › where it is %s › a host alone',
      ],
    },
    {
      id: '8707-fragment',
      section: '2',
      level: 'MUST NOT',
      says: 'resource has no fragment.',
      specs: ['http/resource-parameter › a fragment', 'http/resource-parameter › an empty fragment'],
    },
    {
      id: '8707-query',
      section: '2',
      level: 'SHOULD NOT',
      says: 'resource has no query; there are cases in which one is useful.',
      differs: 'A query is served, because some APIs are told apart by it.',
      specs: ['http/resource-parameter › with a query', 'grants/resources › a URL with a query'],
    },
    {
      id: '8707-several',
      section: '2',
      level: 'MAY',
      says: 'resource may come several times.',
      specs: ['http/resource-parameter › several times', 'grants/resources › several'],
    },
    {
      id: '8707-invalid-target',
      section: '2.1',
      level: 'should',
      says: 'A resource that is malformed, unknown or not granted is refused with invalid_target.',
      specs: [
        'grants/resources › that was not granted is refused, and nothing is spent: %s',
        'grants/resources › that is malformed is refused before any adapter is called: %s',
      ],
    },
    {
      id: '8707-audience',
      section: '2',
      level: 'SHOULD',
      says: 'The access token is restricted to the resources that were asked for.',
      specs: ['tokens/audience › is the aud, narrows with one refresh, and is whole again with the next'],
    },
    {
      id: '8707-within-grant',
      section: '2.2',
      level: 'MAY',
      says: 'A token request asks for resources of its grant only.',
      specs: [
        'grants/resources › outside the grant is refused, nothing is spent, and the right one works then',
        'grants/resources › one where none was granted',
      ],
    },
    {
      id: '8707-refresh-whole',
      section: '2.2',
      level: 'states',
      says: 'A refresh token is bound to the whole grant, also if the access token is for a part of it.',
      specs: ['tokens/audience › is the aud, narrows with one refresh, and is whole again with the next'],
    },
    {
      id: '8707-scope',
      section: '2.2',
      level: 'should',
      says: 'The scope of the access token is the one of its resources.',
      specs: [
        'tokens/audience › narrows to what was asked for with %s, and its scope to that API; the grant stays whole',
      ],
    },
    {
      id: '8707-scope-told',
      section: '2.2',
      level: 'must',
      says: 'A scope that was narrowed to the resource is told in the answer.',
      specs: [
        'tokens/audience › is the aud, narrows with one refresh, and is whole again with the next',
        'clients/client-credentials › become the audience: %s',
      ],
    },
    {
      id: '8707-authorize',
      section: '2.1',
      level: 'states',
      says: 'A resource of the authorization request is for the whole grant.',
      specs: [
        'authorize/request › brings a request with every field, and the client',
        'authorize/code-record › has every field of the request, and the fields that the host adds',
      ],
    },
  ],
};
