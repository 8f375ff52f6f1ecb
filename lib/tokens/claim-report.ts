import type { Request } from 'express';
import type { RefusedClaim } from './claim-registry';
import type { IssuerConfiguration } from './options';

/** Reports a claim that was left out. Never fails a request. */
export type ReportClaim = (refused: RefusedClaim, req: Request) => void;

export function createClaimReport({ onClaimRefused = createWarning() }: IssuerConfiguration): ReportClaim {
  return function reportClaim(refused, req) {
    try {
      const told: unknown = onClaimRefused(refused, req);
      Promise.resolve(told).catch(complain);
    } catch (thrown) {
      complain(thrown);
    }
  };
}

function complain(thrown: unknown): void {
  console.error('express-token-router: onClaimRefused threw', thrown);
}

/** Warns once per name. The number of names is limited, because they may come from requests. */
function createWarning(): ReportClaim {
  const warned = new Set<string>();
  return function warn({ claim, token, reason }) {
    if (warned.has(claim) || warned.size >= MAX_WARNINGS) return;
    warned.add(claim);
    console.warn(`express-token-router: ${JSON.stringify(claim)} was left out of the ${token}: ${reason}`);
  };
}

const MAX_WARNINGS = 100;
