const { memoryCodes } = require('../../../dist/stores/memory-codes.js');
const { codeStoreConformance } = require('../../../dist/testing/index.js');

codeStoreConformance(test, () => ({ stores: [memoryCodes()] }), { without: ['dump', 'restart'] });
