import { languages } from '../core/language.ts'
import type { Flag } from './define-command.ts'

/** Flags that several commands share. A command that needs a narrower description overrides it: `{ ...dryRun, description }`. */
export const dryRun = { description: 'show the plan, without writing anything' } as const satisfies Flag

export const allow = {
  value: 'CODE',
  description: 'accept this hazard for this run, for example drop-table; may be repeated',
  repeatable: true,
} as const satisfies Flag

/** The language of findings. */
export const language = {
  value: 'LANGUAGE',
  description: 'the language of findings',
  choices: languages,
  otherwise: 'en, or lint.language',
} as const satisfies Flag

/** Of commands that run migrations in scratch schemas and keep the results. */
export const fresh = {
  description: 'run the migrations in scratch schemas again, even if an earlier run cached their result',
} as const satisfies Flag

/** One or more shard families. */
export const families = {
  value: 'FAMILY',
  description: 'only this family; may be repeated',
  otherwise: 'all',
  repeatable: true,
} as const satisfies Flag

/** The family of single shards. */
export const family = { value: 'FAMILY', description: 'the family, named like its template' } as const satisfies Flag

/** Keys of shards. */
export const shardKeys = {
  value: 'KEY',
  description: 'the shard: an instance id, or a period such as 2026-12, 2026-W49 or 2026-12-01; may be repeated',
  repeatable: true,
} as const satisfies Flag

/** Why a person changed a shard by hand. */
export const reason = {
  value: 'TEXT',
  description: 'the reason, which is kept in the registry',
  maxLength: 500,
} as const satisfies Flag

export const exitCode = { description: 'exit with 1 if something is pending or wrong' } as const satisfies Flag

/** How migrations run. */
export const toVersion = {
  value: 'VERSION',
  description: 'stop after this version',
  conflicts: ['steps'],
} as const satisfies Flag

export const steps = {
  value: 'NUMBER',
  type: 'integer',
  min: 1,
  description: 'at most this many migrations, in the order of their versions',
} as const satisfies Flag

export const drift = {
  value: 'POLICY',
  description: 'what to do if the plan changes an object that was changed by hand',
  choices: ['fail', 'warn', 'off'],
  otherwise: '`drift.migrate` of the configuration, or fail',
} as const satisfies Flag

export const noProbe = {
  description:
    'do not ask the server how it would execute ALTER TABLE statements (on empty copies in a scratch schema)',
} as const satisfies Flag

export const trial = {
  value: 'MODE',
  description: 'try pending definitions in a scratch schema first',
  choices: ['auto', 'off', 'required'],
  otherwise: 'auto: if the account has the privileges',
  environment: 'WWDB_TRIAL',
  setting: true,
} as const satisfies Flag

export const outOfOrder = {
  value: 'POLICY',
  description: 'what to do with a pending file that sorts before an applied one',
  choices: ['fail', 'warn', 'allow'],
  otherwise: 'fail',
  environment: 'WWDB_OUT_OF_ORDER',
  setting: true,
} as const satisfies Flag

/** What governs heavy work: the settings of `throttle`. */
export const throttling = {
  throttle: {
    value: 'MODE',
    description: 'whether the bounds of `throttle` apply to this run',
    choices: ['on', 'off'],
    otherwise: 'on',
    environment: 'WWDB_THROTTLE',
    setting: true,
  },
  maxLag: {
    value: 'DURATION',
    type: 'duration',
    description: 'how far a replica may be behind before heavy work pauses; `none` for no bound',
    otherwise: 'the configuration',
    environment: 'WWDB_MAX_LAG',
    setting: true,
  },
  maxThreads: {
    value: 'NUMBER',
    type: 'integer',
    min: 1,
    description: 'the number of Threads_running above which heavy work pauses',
    otherwise: 'the configuration',
    environment: 'WWDB_MAX_THREADS',
    setting: true,
  },
  throttleLimit: {
    value: 'DURATION',
    type: 'duration',
    description: 'how long one pause lasts before the run stops; `none` for no limit',
    otherwise: '1h',
    environment: 'WWDB_THROTTLE_LIMIT',
    setting: true,
  },
  stopAt: {
    value: 'TIME',
    description: 'when heavy work stops, however much is left: `"05:00 Asia/Shanghai"`, or an instant',
    environment: 'WWDB_STOP_AT',
    setting: true,
  },
} as const satisfies Readonly<Record<string, Flag>>

export const killBlockers = {
  description:
    'kill sessions of `guard.kill.users` whose old transactions keep a definition waiting, at most `guard.kill.most`',
} as const satisfies Flag

export const errorBudget = {
  value: 'NUMBER',
  type: 'integer',
  min: 0,
  description: 'how many shards, or targets of a database that has many, may fail before no further one is started',
  otherwise: '0',
} as const satisfies Flag

export const failedOnly = {
  description: 'only shards, or targets of a database that has many, whose last attempt failed',
} as const satisfies Flag
