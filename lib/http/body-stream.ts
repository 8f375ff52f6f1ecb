import type { Request } from 'express';
import type { OverdueWatch, Pending } from './overdue';

/** How a body ended. */
export type BodyEnd = 'whole' | 'truncated' | 'too_large' | 'too_late';

interface BodyStreamOptions {
  /** Bytes. */
  limit: number;
  /** Whether nobody has read from it before. If somebody has, it is only followed to its end. */
  isComplete: boolean;
}

const SMALLEST = 512;
const EMPTY = Buffer.alloc(0);

/**
 * Reads a body into one buffer, which never grows beyond the limit. The pieces are copied and not kept: a body of 16
 * KiB may come in 16,000 pieces, each of which takes many times the memory of its byte. Other listeners get the data as
 * well.
 */
export class BodyStream implements Pending {
  place: number | undefined = undefined;
  dueAt = 0;
  readonly isComplete: boolean;
  readonly #req: Request;
  readonly #limit: number;
  #buffer = EMPTY;
  #length = 0;
  #end: BodyEnd | undefined = undefined;
  #wake: ((end: BodyEnd) => void) | undefined = undefined;
  #watch: OverdueWatch | undefined = undefined;

  constructor(req: Request, { limit, isComplete }: BodyStreamOptions) {
    this.isComplete = isComplete;
    this.#req = req;
    this.#limit = limit;
    if (isComplete && Number(req.headers['content-length']) > limit) this.stop('too_large');
    else if (req.destroyed) this.stop('truncated');
    else this.#listen();
  }

  /** The bytes that arrived. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Waits for the end of the body, until `dueAt` (of `performance.now()`). Never rejects. */
  ended(dueAt: number, watch: OverdueWatch): Promise<BodyEnd> | BodyEnd {
    if (this.#end !== undefined) return this.#end;
    this.dueAt = dueAt;
    this.#watch = watch;
    watch.add(this);
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  giveUp(): void {
    this.stop('too_late');
  }

  /** Stops reading. The first call counts. */
  stop(end: BodyEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    // Other listeners wait as well, until the answer is sent and the rest is dropped.
    if (end !== 'whole') this.#req.off('data', this.#take).pause();
    this.#watch?.remove(this);
    this.#wake?.(end);
  }

  readonly #take = (piece: Buffer | string) => {
    if (this.isComplete && !this.#add(piece)) this.stop('too_large');
  };

  #listen(): void {
    const req = this.#req;
    const cut = () => this.stop('truncated');
    req.on('data', this.#take).on('error', cut).on('close', cut);
    req.on('end', () => this.stop('whole'));
    // A listener for 'readable' keeps the stream from flowing, so it has to be read.
    const isHeldBack = req.listenerCount('readable') > 0;
    if (isHeldBack) req.on('readable', () => this.#read());
    req.resume();
    if (isHeldBack) this.#read();
  }

  #read(): void {
    while (this.#end === undefined && this.#req.read() !== null);
  }

  #add(piece: Buffer | string): boolean {
    // Another middleware may have called setEncoding.
    const bytes = typeof piece === 'string' ? Buffer.from(piece, this.#req.readableEncoding ?? undefined) : piece;
    const length = this.#length + bytes.length;
    if (length > this.#limit) return false;
    if (length > this.#buffer.length) this.#grow(length);
    bytes.copy(this.#buffer, this.#length);
    this.#length = length;
    return true;
  }

  #grow(length: number): void {
    const grown = Buffer.allocUnsafe(Math.min(this.#limit, Math.max(length, 2 * this.#buffer.length, SMALLEST)));
    this.bytes.copy(grown);
    this.#buffer = grown;
  }
}
