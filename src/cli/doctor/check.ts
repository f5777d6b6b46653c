/** What `spoor doctor` found out about one thing. */
export interface Check {
  /** For a script: it does not change with the wording. */
  readonly name: string;
  /** `note`: worth knowing, and nothing is broken. */
  readonly state: 'ok' | 'note' | 'problem';
  /** One sentence. */
  readonly says: string;
  /** What to do, where something can be done. */
  readonly advice?: string;
  /** The same for a program. */
  readonly facts: Readonly<Record<string, unknown>>;
}
