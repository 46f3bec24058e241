/**
 * One HTTP request and its whole answer. Not `fetch`: what that does around a
 * request is most of what a guard costs, which asks two or three times in every
 * round, for ever. Connections are kept where the other side keeps them.
 */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface HttpQuestion {
  readonly method?: 'GET' | 'POST';
  readonly body?: string;
  /** Ends it, also while the answer is read. */
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

const agent = new Agent({ keepAlive: true });

/** Any status is an answer; rejects where there is none, or not all of it. */
export async function askHttp(
  url: string,
  { method = 'GET', body = '', signal }: HttpQuestion,
): Promise<HttpAnswer> {
  const headers = { 'content-length': Buffer.byteLength(body) };
  const asking = request(url, { method, agent, signal, headers });
  // What breaks after the answer has begun is told by the answer.
  asking.on('error', () => undefined);
  asking.end(body);
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, text: await text(response) };
}
