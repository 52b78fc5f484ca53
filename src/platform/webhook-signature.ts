import { createHmac, randomBytes } from 'node:crypto';

/**
 * Signatures as the Standard Webhooks specification has them (version 1.0.0, sections "Signature scheme" and "Webhook
 * headers"): HMAC-SHA256 over `id.timestamp.body`, in base64 behind `v1,`; several, separated by a space, while a secret
 * is being changed.
 */

/** A new secret: 256 bits, as the specification writes symmetric ones. */
export const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/** The specification's id of a message; the same on every attempt, so that a receiver knows it again. */
export const messageId = (deliveryId: string): string => `msg_${deliveryId}`;

export type Signed = { 'webhook-id': string; 'webhook-timestamp': string; 'webhook-signature': string };

export function signed(secrets: readonly string[], id: string, at: Date, body: string): Signed {
  const seconds = String(Math.floor(at.getTime() / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures.join(' ') };
}
