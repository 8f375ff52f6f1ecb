module.exports = {
  rfc: 'RFC 9207',
  name: 'iss in answers of the authorization endpoint',
  url: 'https://www.rfc-editor.org/rfc/rfc9207',
  requirements: [
    {
      id: '9207-iss',
      section: '2',
      level: 'MUST',
      says: 'Each answer has iss, errors as well.',
      specs: [
        'authorize/response › has the error, its description, the state and the iss',
        'authorize/response › redirects with 303, so that the browser asks with GET also after a form with a password',
        'authorize/pages › has the parameters of the answer, sends itself once, and has a button where there are no scripts',
      ],
    },
    {
      id: '9207-url',
      section: '2',
      level: 'MUST',
      says: 'iss is a URL by https without query and fragment.',
      differs: 'http is accepted, for development.',
      specs: [
        'authorize/options › an issuer of another scheme',
        'authorize/options › an issuer with a query',
        'authorize/options › an issuer with a fragment',
      ],
    },
    {
      id: '9207-provided',
      section: '2.3',
      level: 'MUST',
      says: 'Clients can learn the issuer: the metadata has it.',
      specs: ['endpoints/documents › serves the document of %s to every page'],
    },
    {
      id: '9207-identical',
      section: '2.3',
      level: 'MUST',
      says: 'iss is the issuer of the metadata.',
      specs: ['endpoints/announced › is true, and what it does not say is refused: %s'],
    },
    {
      id: '9207-announced',
      section: '2.3',
      level: 'MUST',
      says: 'The metadata says that there is iss.',
      specs: ['endpoints/metadata › tells little of a router that has little'],
    },
  ],
};
