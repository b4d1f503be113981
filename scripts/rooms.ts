// The directions of the house, once: the lint rules are made from this table (scripts/lint-rules.ts), and a test holds the code to it
// (test/unit/architecture/rooms.test.ts).

/** What each folder of src/ may import, beside itself. */
export const rooms: Readonly<Record<string, readonly string[]>> = {
  core: [],
  calendar: ['core'],
  sql: ['core'],
  files: ['core'],
  config: ['core', 'calendar', 'files'],
  lint: ['core', 'sql'],
  mysql: ['core', 'sql', 'config'],
  migrations: ['core', 'sql', 'files', 'config', 'lint', 'mysql'],
  seeds: ['core', 'sql', 'files', 'config', 'mysql', 'migrations'],
  references: ['core', 'sql', 'config', 'mysql', 'migrations'],
  routing: ['core', 'calendar'],
  shards: ['core', 'calendar', 'sql', 'files', 'config', 'lint', 'mysql', 'migrations', 'references'],
  schema: ['core', 'calendar', 'sql', 'files', 'config', 'lint', 'mysql', 'migrations', 'shards'],
  sandbox: ['core'],
  stores: ['core', 'config', 'files', 'migrations', 'shards', 'sandbox'],
  databases: ['core', 'config', 'migrations'],
  provision: ['core', 'sql', 'config', 'mysql', 'migrations', 'seeds', 'shards', 'stores'],
  platform: ['core', 'config', 'shards', 'stores'],
  audit: ['core', 'sql', 'config', 'mysql', 'seeds'],
  hooks: ['core', 'sql', 'config', 'migrations', 'shards', 'audit'],
  tracing: ['core', 'sql', 'migrations', 'audit'],
  grants: ['core', 'sql', 'files', 'config', 'mysql', 'migrations', 'seeds', 'shards'],
  doctor: ['core', 'sql', 'files', 'config', 'mysql', 'migrations', 'seeds', 'shards', 'stores', 'sandbox'],
  project: ['core', 'config', 'migrations', 'schema'],
  mcp: ['core', 'files'],
  report: [
    'core',
    'sql',
    'config',
    'lint',
    'migrations',
    'references',
    'schema',
    'shards',
    'stores',
    'audit',
    'doctor',
  ],
  terminal: ['core', 'sql', 'lint', 'migrations', 'shards'],
  snapshots: ['core', 'sql', 'config', 'schema'],
  testing: ['core', 'config', 'cli', 'commands', 'provision', 'sandbox'],
  cli: [
    'core',
    'files',
    'config',
    'sql',
    'migrations',
    'shards',
    'stores',
    'schema',
    'provision',
    'doctor',
    'grants',
    'audit',
    'hooks',
    'tracing',
    'terminal',
    'commands',
  ],
}

/** Files of a room, and the rooms that they may import besides. */
interface Exception {
  readonly files: readonly string[]
  readonly may: readonly string[]
}

/**
 * Imports against these directions that are still there, each with the files that have them. They are types, but for the fan-out in a run. No file
 * may be added.
 */
export const exceptions: Readonly<Record<string, Exception>> = {
  core: {
    files: ['context.ts', 'event.ts', 'migration.ts', 'result.generated.ts', 'store.ts'],
    may: Object.keys(rooms),
  },
  cli: { files: ['modules.generated.ts', 'views.generated.ts'], may: Object.keys(rooms) },
  mysql: {
    files: ['algorithm-probe.ts', 'pinned-session.ts', 'run-statement.ts', 'server-facts.ts'],
    may: ['migrations'],
  },
  migrations: {
    files: [
      'ports.ts',
      'plan.ts',
      'plan-document.ts',
      'plan/assess-plan.ts',
      'plan/make-run-plan.ts',
      'plan/plan-run.ts',
      'carry-out-plan.ts',
      'run-targets.ts',
      'mysql/servers.ts',
      'mysql/session.ts',
    ],
    may: ['shards', 'seeds', 'references'],
  },
}

/** What `commands` of a capability may import: every capability, nothing above it. */
export const commands = Object.keys(rooms).filter((room) => room !== 'testing' && room !== 'snapshots')

/** Folders of one kind, and the kinds that they may import. */
interface Layer {
  readonly name: string
  readonly folders: readonly RegExp[]
  readonly may: readonly string[]
}

/** Inside a capability. Decisions know neither the driver nor commands; the driver knows decisions; commands know both readers and decisions. */
export const layers: readonly Layer[] = [
  {
    name: 'commands',
    folders: [/^[^/]+\/commands\//],
    may: ['commands', 'decisions', 'readers', 'sandbox', 'cli', 'terminal'],
  },
  {
    name: 'driver',
    folders: [
      /^mysql\//,
      /^[^/]+\/mysql\//,
      /^stores\/[^/]+\/driver\//,
      /^stores\/[^/]+\/driver[^/]*\.ts$/,
      /^shards\/(?:archive|registry)\//,
    ],
    may: ['driver', 'decisions'],
  },
  {
    name: 'readers',
    folders: [
      /^files\//,
      /^[^/]+\/files\//,
      /^shards\/templates\//,
      /^stores\/(?:[^/]+\/)?declare\//,
      /^stores\/[^/]+\/schema[^/]*\.ts$/,
    ],
    may: ['readers', 'decisions'],
  },
  {
    name: 'sandbox',
    folders: [/^sandbox\//, /^stores\/sandbox\//, /^stores\/[^/]+\/sandbox[^/]*\.ts$/],
    may: ['sandbox', 'decisions'],
  },
  { name: 'terminal', folders: [/^terminal\//], may: ['terminal', 'decisions'] },
  {
    name: 'cli',
    folders: [/^cli\//, /^testing\//, /^snapshots\//],
    may: ['cli', 'commands', 'driver', 'readers', 'sandbox', 'terminal', 'decisions'],
  },
  { name: 'decisions', folders: [/^/], may: ['decisions', 'readers'] },
]

/** Packages that one place knows. */
export const homes: Readonly<Record<string, readonly string[]>> = {
  chalk: ['terminal'],
  commander: ['cli'],
  ora: ['terminal'],
  'cron-parser': ['shards'],
  testcontainers: ['sandbox'],
  '@modelcontextprotocol/server': ['mcp'],
  minisearch: ['mcp'],
  '@opentelemetry/api': ['tracing'],
  '@opentelemetry/core': ['tracing'],
  '@opentelemetry/exporter-trace-otlp-http': ['tracing'],
  '@opentelemetry/exporter-trace-otlp-proto': ['tracing'],
  '@opentelemetry/resources': ['tracing'],
  '@opentelemetry/sdk-trace-base': ['tracing'],
}
