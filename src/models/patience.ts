/** How long a download is patient with a bad network, and what counts as one. */

/** How long a broken connection is tried again. */
export interface Patience {
  /** Seconds to wait before each attempt that follows one without progress; after these it is given up. */
  readonly waits: readonly number[];
  /** Attempts for a host that has not answered at all: whoever is offline should hear it soon. */
  readonly unanswered: number;
  /** Seconds without a byte after which a connection counts as broken. */
  readonly stall: number;
  /** Most seconds that a host may ask to wait. */
  readonly longestAsked: number;
}

export const usualPatience: Patience = { waits: [0.5, 1, 2, 4, 8, 15], unanswered: 2, stall: 30, longestAsked: 90 };

/** Statuses of a host that may do better in a moment. */
export const passing = new Set([408, 429, 500, 502, 503, 504]);

/** A connection that failed in a way that another attempt may mend. */
export class Interruption extends Error {
  /** Seconds the host asks to wait; null where it does not. */
  readonly asked: number | null;
  /** Whether the host was reached. */
  readonly answered: boolean;

  constructor(what: string, answered: boolean, asked: number | null = null) {
    super(what);
    this.answered = answered;
    this.asked = asked;
  }
}

/** Retry-After in seconds, given as such or as a date. Pages may read it on few hosts. */
export function secondsAsked(header: string | null): number | null {
  if (header === null) return null;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}
