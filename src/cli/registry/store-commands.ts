import { exitCodes } from '../../core/exit-code.ts'
import type { CommandEntry, CommandGroup, FlagEntry } from './entry.ts'

const looks = [
  exitCodes.done,
  exitCodes.failed,
  exitCodes.usage,
  exitCodes.unreachable,
  exitCodes.configuration,
] as const

const only: FlagEntry = {
  long: 'only',
  value: { name: 'STORE', type: 'text' },
  description: 'only this store; may be repeated',
  choices: ['elasticsearch', 'influxdb', 'mongodb', 'redis'],
  default: 'all that the configuration names',
  repeatable: true,
}

const which = { heading: 'Which stores', flags: [only] } as const

const setupPlan: CommandEntry = {
  name: 'setup plan',
  summary: 'what would bring the stores to their declarations',
  purpose:
    'Reads what the files under migrations/<store> declare and what the stores have, and shows every change with its differences and ' +
    'what it would lose. Writes nothing.',
  examples: [
    { command: 'wwdb setup plan', purpose: 'all stores' },
    { command: 'wwdb setup plan --only redis --json', purpose: 'one store, for a program' },
    { command: 'wwdb setup plan --exit-code', purpose: 'a check for CI: 1 where something differs' },
  ],
  arguments: [],
  flags: [
    which,
    { heading: 'Outcome', flags: [{ long: 'exit-code', description: 'end with 1 where there is something to do' }] },
  ],
  exitCodes: [...looks, exitCodes.findings],
  interruption: 'at-once',
  connects: false,
  stores: true,
}

const setupApply: CommandEntry = {
  name: 'setup apply',
  summary: 'bring the stores to their declarations',
  purpose:
    'Plans as `wwdb setup plan` does, carries the changes out in order, the stores side by side, and reads back that all is as declared. ' +
    'What would lose data, now or later, stops the run before anything is written, unless it is allowed by its code. Safe to repeat: ' +
    'where nothing differs nothing is written, and a run that was killed is finished by the next.',
  examples: [
    { command: 'wwdb setup apply', purpose: 'all stores' },
    { command: 'wwdb setup apply --only influxdb --allow shorter-retention', purpose: 'what was planned and is meant' },
  ],
  arguments: [],
  flags: [
    which,
    {
      heading: 'Safety',
      flags: [
        {
          long: 'allow',
          value: { name: 'CODE', type: 'text' },
          description: 'let this loss happen, by the code that the plan shows; may be repeated',
          repeatable: true,
        },
      ],
    },
  ],
  exitCodes: looks,
  interruption: 'after-statement',
  connects: false,
  stores: true,
}

const setupVerify: CommandEntry = {
  name: 'setup verify',
  summary: 'prove that the stores are as declared and do what they are for',
  purpose:
    'Compares every store with its declaration, names what differs and what nobody declared, asks whether the store is sound, and tries what it is ' +
    'for: writes a document, a point or a key of its own, finds it again and removes it. Findings and bad checks end with 1.',
  examples: [
    { command: 'wwdb setup verify', purpose: 'after a deployment, or from monitoring' },
    { command: 'wwdb setup verify --only mongodb', purpose: 'one store' },
  ],
  arguments: [],
  flags: [which],
  exitCodes: [...looks, exitCodes.findings],
  interruption: 'at-once',
  connects: false,
  stores: true,
}

const up: CommandEntry = {
  name: 'up',
  summary: 'the whole platform: schemas, migrations, shards, seeds, stores',
  purpose:
    'Does in one run what `wwdb db create`, `wwdb migrate`, `wwdb rotate run`, `wwdb seed` and `wwdb setup apply` do, in that order, and says on ' +
    'one screen how each went and what is where. A step that fails keeps only those from running that build on it. Run again, it does what ' +
    'is left, or says that nothing needed doing.',
  examples: [
    { command: 'wwdb up', purpose: 'on empty servers, or to bring all to the state of the files' },
    { command: 'wwdb up --skip setup', purpose: 'MySQL alone' },
  ],
  arguments: [],
  flags: [
    {
      heading: 'What to do',
      flags: [
        {
          long: 'skip',
          value: { name: 'STEP', type: 'text' },
          description: 'leave this step out; may be repeated',
          choices: ['create', 'migrate', 'rotate', 'seed', 'setup'],
          repeatable: true,
        },
      ],
    },
    {
      heading: 'Safety',
      flags: [
        {
          long: 'allow',
          value: { name: 'CODE', type: 'text' },
          description: 'let this hazard of a migration, or this loss of a store, happen; may be repeated',
          repeatable: true,
        },
      ],
    },
  ],
  exitCodes: [...looks, exitCodes.busy],
  interruption: 'after-statement',
  connects: true,
  stores: true,
}

/** Elasticsearch, InfluxDB, MongoDB and Redis in one loop, and the whole platform in one command. */
export const storeCommands: CommandGroup = {
  heading: 'Stores beside MySQL, and the whole platform',
  commands: [up, setupPlan, setupApply, setupVerify],
}
