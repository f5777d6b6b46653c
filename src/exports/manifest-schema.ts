/** The JSON schema of `manifest.json`; the package ships it as `spoor.manifest.schema.json`. */

const SHA256 = { type: 'string', pattern: '^[0-9a-f]{64}$' };
const TIME = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$', maxLength: 40 };
const COUNT = { type: 'integer', minimum: 0 };
const NAME = { type: 'string', minLength: 1, maxLength: 4_096 };
const TEXT = { type: 'string', maxLength: 16_384 };
const COUNTS = { attempted: COUNT, written: COUNT, failed: COUNT, skipped: COUNT, handedOver: COUNT };

const of = (properties: Record<string, unknown>, optional: readonly string[] = []): Record<string, unknown> => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});

const RESULT = {
  ...of(
    {
      writer: NAME,
      target: NAME,
      chain: { type: 'integer', minimum: -1 },
      status: { enum: ['written', 'failed', 'skipped', 'handed_over'] },
      skippedReason: NAME,
      errorCode: NAME,
      exitCode: { type: 'integer' },
      error: TEXT,
      bytes: COUNT,
      sha256: SHA256,
      startedAt: TIME,
      durationMs: { type: 'number', minimum: 0 },
      attempts: COUNT,
      url: TEXT,
      remoteId: TEXT,
      path: NAME,
      output: TEXT,
    },
    ['skippedReason', 'errorCode', 'exitCode', 'error', 'bytes', 'sha256', 'url', 'remoteId', 'path', 'output'],
  ),
  description: 'What came of one artifact at one writer. path: of a local file, relative to the folder of the manifest.',
};

const ARTIFACT = {
  ...of(
    {
      name: NAME,
      path: NAME,
      type: NAME,
      mediaType: NAME,
      size: COUNT,
      digest: of({ sha256: SHA256 }),
      metadata: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean', 'null'] } },
      results: { type: 'array', items: RESULT },
    },
    ['path', 'size', 'digest'],
  ),
  description: 'name and digest are those of an in-toto subject.',
};

const SUMMARY = of({ ...COUNTS, commandNotFound: COUNT, commandNotFoundInARow: COUNT, fellBack: COUNT });
const BUDGET = of({ name: { enum: ['duration', 'size', 'failures'] }, limit: { type: 'number' }, actual: { type: 'number' }, exceeded: { type: 'boolean' } });

export const MANIFEST_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'manifest.json of spoor',
  description: 'What was published where, and why not: one publish of artifacts.',
  ...of(
    {
      $schema: { type: 'string' },
      schemaVersion: { const: 1 },
      runId: { type: 'string', pattern: '^[\\w.-]{1,128}$' },
      name: NAME,
      state: { enum: ['running', 'complete'], description: 'running: the process that published was killed, or is at it.' },
      startedAt: TIME,
      endedAt: TIME,
      dryRun: { const: true },
      tool: of({ name: NAME, version: NAME }),
      correlationId: TEXT,
      traceId: { type: 'string', pattern: '^[0-9a-f]{32}$' },
      context: {
        type: 'object',
        properties: { ci: { type: ['string', 'null'] } },
        patternProperties: { '^(cicd|vcs)\\.': { type: ['string', 'number', 'boolean'] } },
        required: ['ci'],
        additionalProperties: false,
      },
      chains: { type: 'array', items: { type: 'array', items: { type: 'string', maxLength: 4_096 } } },
      artifacts: { type: 'array', items: ARTIFACT, maxItems: 1_000_000 },
      counts: of(COUNTS),
      fallbackSummary: { type: 'object', additionalProperties: SUMMARY },
      budgets: { type: 'array', items: BUDGET, maxItems: 10 },
    },
    ['$schema', 'endedAt', 'dryRun', 'correlationId', 'traceId'],
  ),
} as const;
