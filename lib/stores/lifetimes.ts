import { checkDuration } from './record';

const DAY = 86_400_000;

/** How long spent and revoked grants are remembered: as long as the host says, or as the issuer's tokens live. */
export function createSpentLifetime(name: string, given: number | undefined) {
  if (given !== undefined) checkDuration(`${name}: spentLifetime`, given);
  let lifetime = given ?? DAY;

  return {
    spentLifetime: () => lifetime,
    /**
     * Called once by `createTokenIssuer`. Spent and revoked grants are then remembered for at least this long.
     *
     * @throws TypeError if you set `spentLifetime` and it is shorter.
     */
    keepGrantsFor(milliseconds: number): void {
      checkDuration(`${name}: keepGrantsFor`, milliseconds);
      if (given !== undefined && given < milliseconds) {
        throw new TypeError(
          `${name}: spentLifetime is ${given}, but the issuer makes tokens that live ${milliseconds} ms. ` +
            'Write at least that, or leave spentLifetime out.',
        );
      }
      lifetime = Math.max(lifetime, milliseconds);
    },
  };
}
