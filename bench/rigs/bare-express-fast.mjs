export { createAppServer as createServer } from '../../examples/fast/app-server.js';
export { createRig } from './bare-express.mjs';
