import { createRig as createUnlimited } from './ours.mjs';

/** This package as it is without options: 100 failures a minute and address. */
export const createRig = (parts) => createUnlimited(parts, { isLimited: true });
