// The directions of the house, once. One judge holds the code to them: test/unit/architecture/rooms.test.ts, which reads every import.

/** What each folder of src/ may import, beside itself. A folder inside one is named where it has directions of its own. */
export const rooms: Readonly<Record<string, readonly string[]>> = {
  core: [],
  calendar: ['core'],
  sql: ['core'],
  ddl: ['core', 'sql'],
  files: ['core'],
  config: ['core', 'calendar', 'files'],
  // What a command is made of, and the unions to which capabilities add their events and answers. What is above does without it.
  command: ['core', 'config'],
  lint: ['core', 'sql', 'ddl'],
  mysql: ['core', 'sql', 'ddl', 'config'],
  probe: ['core', 'sql', 'ddl', 'config', 'lint', 'mysql'],
  operate: ['core', 'command', 'calendar', 'sql', 'ddl', 'config', 'mysql', 'probe'],
  uses: ['core', 'command', 'sql', 'ddl', 'config', 'lint', 'mysql', 'operate'],
  migrations: ['core', 'command', 'sql', 'ddl', 'files', 'config', 'lint', 'mysql', 'probe', 'operate', 'uses'],
  retire: ['core', 'command', 'sql', 'config', 'lint', 'mysql', 'operate', 'uses', 'migrations'],
  seeds: ['core', 'command', 'sql', 'files', 'config', 'mysql', 'probe', 'migrations', 'operate'],
  references: ['core', 'command', 'sql', 'ddl', 'config', 'mysql', 'migrations'],
  routing: ['core', 'calendar'],
  shards: [
    'core',
    'command',
    'calendar',
    'sql',
    'ddl',
    'files',
    'config',
    'lint',
    'mysql',
    'probe',
    'operate',
    'migrations',
    'references',
    'routing',
  ],
  schema: [
    'core',
    'command',
    'calendar',
    'sql',
    'ddl',
    'files',
    'config',
    'lint',
    'mysql',
    'probe',
    'migrations',
    'shards',
  ],
  // Migrations beside the schema and the shards that they made.
  'migrations/overview': ['core', 'command', 'ddl', 'config', 'migrations', 'schema', 'shards'],
  // What lint does beyond the text: it reads a project, and asks servers.
  'lint/project': ['core', 'command', 'sql', 'config', 'files', 'lint', 'migrations', 'shards'],
  'lint/trial': ['core', 'command', 'sql', 'ddl', 'config', 'lint', 'probe', 'migrations', 'schema'],
  // The review of a project, and its answer in the formats of other programs.
  'lint/run': ['core', 'command', 'config', 'lint', 'lint/project', 'lint/trial'],
  'lint/formats': ['core', 'command', 'lint'],
  sandbox: ['core', 'command'],
  stores: ['core', 'command', 'config', 'files', 'migrations', 'shards', 'sandbox'],
  databases: ['core', 'command', 'config', 'migrations'],
  provision: [
    'core',
    'command',
    'sql',
    'files',
    'config',
    'mysql',
    'databases',
    'lint',
    'migrations',
    'seeds',
    'shards',
    'stores',
  ],
  platform: ['core', 'command', 'config', 'shards', 'stores'],
  audit: ['core', 'command', 'sql', 'config', 'mysql', 'operate', 'seeds'],
  hooks: ['core', 'command', 'sql', 'config', 'migrations', 'shards', 'audit'],
  tracing: ['core', 'command', 'sql', 'migrations', 'audit'],
  grants: ['core', 'command', 'sql', 'files', 'config', 'mysql', 'migrations', 'seeds', 'shards'],
  doctor: [
    'core',
    'command',
    'sql',
    'files',
    'config',
    'mysql',
    'databases',
    'operate',
    'migrations',
    'migrations/overview',
    'retire',
    'seeds',
    'shards',
    'stores',
    'sandbox',
  ],
  project: ['core', 'command', 'config', 'migrations', 'schema'],
  mcp: ['core', 'command', 'files'],
  report: ['core', 'command', 'sql', 'ddl', 'lint', 'audit', 'schema', 'shards'],
  // All that the page shows, read by the functions behind the commands.
  'report/gather': [
    'core',
    'command',
    'sql',
    'ddl',
    'config',
    'lint',
    'lint/run',
    'lint/trial',
    'migrations',
    'migrations/overview',
    'references',
    'schema',
    'shards',
    'stores',
    'audit',
    'doctor',
    'report',
  ],
  // It renders what views give it, and imports no capability.
  terminal: ['core', 'command', 'sql'],
  // How a plan looks, beside the views of answers in `commands/`.
  'migrations/views': ['core', 'command', 'sql', 'lint', 'migrations', 'terminal'],
  'operate/views': ['core', 'command', 'operate', 'terminal'],
  'retire/views': ['core', 'command', 'retire', 'terminal'],
  'shards/views': ['core', 'command', 'shards', 'terminal'],
  snapshots: ['core', 'sql', 'ddl', 'config', 'mysql', 'schema'],
  library: ['cli'],
  testing: ['core', 'command', 'config', 'cli', 'library', 'migrations', 'provision', 'sandbox'],
  cli: [
    'references',
    'core',
    'command',
    'mysql',
    'files',
    'config',
    'sql',
    'operate',
    'operate/views',
    'shards/views',
    'migrations',
    'migrations/views',
    'seeds',
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
    'uses',
    'commands',
  ],
}

/** Imports against these directions that are still there, each by its file and what it imports. A test fails when one is not needed. */
export const exceptions: Readonly<Record<string, readonly string[]>> = {}

/** What `commands` of a capability may import: every capability, nothing above them, and of commands their own alone. What two commands do is a function of a capability. */
export const commands = Object.keys(rooms).filter((room) => !['library', 'testing', 'snapshots'].includes(room))

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
    folders: [/^[^/]+\/(?:commands|views)\//],
    may: ['commands', 'decisions', 'readers', 'sandbox', 'cli', 'terminal'],
  },
  {
    name: 'driver',
    folders: [
      /^mysql\/(?!(?:facts|place)\.ts$)/,
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
    folders: [/^sandbox\/(?!(?:folder|process)\.ts$)/, /^stores\/sandbox\//, /^stores\/[^/]+\/sandbox[^/]*\.ts$/],
    may: ['sandbox', 'decisions'],
  },
  { name: 'terminal', folders: [/^terminal\//], may: ['terminal', 'decisions'] },
  {
    name: 'cli',
    folders: [/^cli\//, /^library\//, /^testing\//, /^snapshots\//],
    may: ['cli', 'commands', 'driver', 'readers', 'sandbox', 'terminal', 'decisions'],
  },
  { name: 'decisions', folders: [/^/], may: ['decisions', 'readers'] },
]

/** Packages that one place knows. */
export const homes: Readonly<Record<string, readonly string[]>> = {
  chalk: ['terminal'],
  commander: ['cli'],
  ora: ['terminal'],
  'cron-parser': ['shards', 'stores'],
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
