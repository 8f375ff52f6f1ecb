// Each MUST and SHOULD of the RFCs that the endpoints have to keep, in words of our own, and the specs that hold it.
// `level` is the RFC's own word: MUST, SHOULD, MAY and the like; `should` and `must` where the RFC has small letters, and `states`
// where it says it without such a word.
// A spec is named as `file › title › row`: the file below spec/ without .spec.ts, and texts that stand in it as titles or rows.
// `differs` says what we do otherwise, and why.

module.exports = [
  require('./rfc6749'),
  require('./rfc7636'),
  require('./rfc8707'),
  require('./rfc9449'),
  require('./rfc9700'),
  require('./rfc7009'),
  require('./rfc7523'),
  require('./rfc6750'),
  require('./rfc7662'),
  require('./rfc8414'),
  require('./rfc9207'),
  require('./rfc9068'),
  require('./rfc7517'),
];
