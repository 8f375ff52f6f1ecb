import { fetchAlone as fetch } from './example';

/** What a page of the server answered. */
export interface Visit {
  status: number;
  text: string;
  /** Where it redirects to, or `''`. */
  location: string;
  headers: Headers;
}

/** A browser without a screen: it keeps its cookies, and follows no redirect by itself. */
export function createVisitor(origin: string) {
  const cookies = new Map<string, string>();

  async function go(path: string, form?: Record<string, string>): Promise<Visit> {
    const answer = await fetch(new URL(path, origin), {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const text of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const location = answer.headers.get('location') ?? '';
    return { status: answer.status, text: await answer.text(), location, headers: answer.headers };
  }

  return {
    go,
    cookies,
    /** Fills in a form of a page that was shown: its hidden name, and what the visitor writes. */
    submit: (page: Visit, form: Record<string, string>, path = '/login') =>
      go(path, { interaction: interactionOf(page), ...form }),
  };
}

export type Visitor = ReturnType<typeof createVisitor>;

export const interactionOf = ({ text }: Pick<Visit, 'text'>) =>
  /name="interaction" value="([^"]+)"/.exec(text)?.[1] ?? '';

export const PASSWORDS = { ada: 'tin-kettle', ben: 'paper-lantern', cleo: 'green-harbour' } as const;

/** Signs in, says yes to every page, and returns the answer that goes to the client. */
export async function signInAndAgree(
  visitor: Visitor,
  authorizeUrl: string,
  username: keyof typeof PASSWORDS = 'ada',
): Promise<Visit> {
  let page = await visitor.go(authorizeUrl);
  if (page.text.includes('action="/login"')) {
    page = await visitor.submit(page, { username, password: PASSWORDS[username] });
  }
  while (page.text.includes('action="/consent"')) page = await visitor.submit(page, { answer: 'yes' }, '/consent');
  return page;
}
