// How the end of a job is told: webhooks/ is one such. Types only.

/** Makes and knows seals by the secrets that callbacks are signed with (webhooks/sender.ts). Both throw when these cannot be read. */
export interface Sealer {
  seal(text: string): Promise<string>;
  isSealed(text: string, seal: string): Promise<boolean>;
}

/** How a message gets to its receiver: webhooks/sender.ts. */
export interface CallbackSender extends Sealer {
  /** The origins it may go to. */
  origins: ReadonlySet<string>;
  allows(url: string): boolean;
  /** Throws when it was not taken; with `isFinal`, it will never be. */
  send(message: { id: string; url: string; body: string }, signal: AbortSignal): Promise<void>;
}
