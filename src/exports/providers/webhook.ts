/**
 * Posts the manifest to a webhook, signed by the Standard Webhooks specification (standardwebhooks.com). It comes
 * last: what it tells is what came of all the other destinations.
 */
import { createHmac } from 'node:crypto';
import type { Manifest } from '../manifest.ts';
import { type Writer, unavailable } from '../writer.ts';
import { type RetrySettings, request } from './request.ts';

export interface WebhookOptions {
  /** http or https. */
  readonly url: string | undefined;
  /** `whsec_<base64>`; several, separated by spaces, while one replaces another. Without one, nothing is signed. */
  readonly secret?: string | undefined;
  readonly retry?: RetrySettings;
}

/** Where the address and the secret come from: the environment, since everybody can read arguments. */
const WEBHOOK_URL = 'SPOOR_WEBHOOK_URL';
const WEBHOOK_SECRET = 'SPOOR_WEBHOOK_SECRET';

/** @throws Error when the address or the secret is none; the message holds neither */
export function webhookWriter({ url, secret, retry }: WebhookOptions): Writer {
  if (!url) {
    return { id: 'webhook', last: true, writeAll: () => unavailable(`no address for the webhook: set ${WEBHOOK_URL}`) };
  }
  const address = webhookAddress(url);
  const keys = webhookKeys(secret);
  return {
    id: 'webhook',
    // Paths and queries of webhooks are often their key.
    target: `webhook:${address.host}`,
    last: true,
    async writeAll(_artifacts, context) {
      const { attempts, bytes } = await postManifest(address, context.manifest(), keys, context.signal, retry);
      return { status: 'written', attempts, bytes };
    },
  };
}

/** Posts a manifest. The id is that of its run, the same whenever it is sent again; of the complete one, which is another message, its own. */
async function postManifest(url: URL, manifest: Manifest, keys: readonly Buffer[], signal: AbortSignal, retry?: RetrySettings): Promise<{ attempts: number; bytes: number }> {
  const id = `msg_${manifest.runId}${manifest.state === 'complete' ? '_complete' : ''}`;
  const body = Buffer.from(JSON.stringify(manifest));
  const make = (): { url: URL; init: RequestInit; answers: false } => {
    // Of this attempt: receivers refuse what is too old.
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const signatures = keys.map((key) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`);
    return {
      url,
      // Taken is what was answered with 2xx. It would be sent again, were the rest of an answer waited for in vain.
      answers: false,
      init: {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'spoor',
          'webhook-id': id,
          'webhook-timestamp': timestamp,
          ...(signatures.length > 0 && { 'webhook-signature': signatures.join(' ') }),
        },
      },
    };
  };
  const { attempts } = await request('the webhook', make, signal, retry);
  return { attempts, bytes: body.length };
}

function webhookAddress(text: string): URL {
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    // Said below.
  }
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new Error(`${WEBHOOK_URL} is no address: it must begin with https:// or http://`);
  if (url.username || url.password) throw new Error(`${WEBHOOK_URL} holds a user name or a password: a webhook is authenticated by its signature, set ${WEBHOOK_SECRET}`);
  return url;
}

function webhookKeys(secret: string | undefined): Buffer[] {
  return (secret ?? '').split(/\s+/).filter(Boolean).map((text) => {
    const encoded = text.replace(/^whsec_/, '');
    const key = Buffer.from(encoded, 'base64');
    // The specification's "Signature scheme": at least 24 bytes, 64 at most.
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded) || key.length < 24 || key.length > 64) throw new Error(`${WEBHOOK_SECRET} is no secret of a webhook: it must be whsec_ and 24 to 64 bytes in base64, such as whsec_$(openssl rand -base64 32) makes`);
    return key;
  });
}
