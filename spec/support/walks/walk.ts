import type { Outcome } from '../../../lib';
import { createEndpoint, type LiveCode, type Options } from '../endpoint';

/** What a client saw last, and what the host was told. There is no answer where the client was gone. */
export interface Walked {
  answer: { status: number; body: Record<string, unknown> } | undefined;
  outcomes: readonly Outcome[];
}

/** Provokes each reason by real requests to a real router. A file of this folder walks the reasons of its part. */
export type Walk = Readonly<Record<string, () => Promise<Walked>>>;

type Endpoint = ReturnType<typeof createEndpoint>;
type Send = (endpoint: Endpoint) => PromiseLike<Walked['answer']>;

/** One step of a walk: an endpoint with these options, and the requests that end in the reason. */
export const step =
  (send: Send, options: () => Partial<Options> & { record?: Partial<LiveCode> } = () => ({})) =>
  async (): Promise<Walked> => {
    const endpoint = createEndpoint(options());
    return { answer: await send(endpoint), outcomes: endpoint.outcomes };
  };
