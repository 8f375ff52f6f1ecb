import { createRig as createLimited } from './mcp.mjs';

/** The MCP SDK's `tokenHandler` without options: its own limit counts. */
export const createRig = (parts) => createLimited(parts, { rateLimit: undefined });
