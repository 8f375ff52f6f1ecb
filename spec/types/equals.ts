/** `true` for two types that are the same to the compiler, `any` and optional members told apart. */
export type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles for `true` only. */
export declare function holds<_Statement extends true>(): void;
