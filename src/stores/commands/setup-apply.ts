import { defineCommand } from '../../command/define-command.ts'
import { allow } from '../../command/shared-flags.ts'
import { exitCodesOf } from '../../core/exit-code.ts'
import { storeKinds } from '../../core/store.ts'
import { applyDeclarations } from '../apply-declarations.ts'

/** `wwdb setup apply`: brings the stores to their declarations, and reads back that they are. */
export const command = defineCommand({
  name: 'setup apply',
  group: 'Stores and environments',
  summary: 'change the stores to match their declarations',
  purpose:
    'Plans as `wwdb setup plan` does, applies the changes in order, the stores in parallel, and reads back that ' +
    'everything is as declared. A change that would lose data, now or later, stops the run before anything is ' +
    'written, unless it is allowed, by its code and name. Safe to repeat: if nothing differs, nothing is written, and the ' +
    'next run finishes one that was killed.',
  examples: [
    { command: 'wwdb setup apply', purpose: 'all stores' },
    {
      command: 'wwdb setup apply --allow shorter-retention:influxdb/bucket/metrics',
      purpose: 'a planned change that loses data, of one bucket',
    },
    {
      command: 'wwdb setup apply --only elasticsearch --reindex',
      purpose: 'a changed mapping or analyzer, also for documents that are there already',
    },
  ],
  flags: {
    'Which stores': {
      only: {
        value: 'STORE',
        description: 'only this store; may be repeated',
        choices: storeKinds,
        otherwise: 'all stores in the configuration',
        repeatable: true,
      },
    },
    'What else to do': {
      reindex: {
        description:
          'where an index of Elasticsearch cannot be changed, copy its documents into a new one that takes its place',
      },
      rate: {
        value: 'NUMBER',
        type: 'integer',
        min: 1,
        description: 'documents per second that `--reindex` copies',
        otherwise: 'as many as the server can',
      },
      prune: {
        description:
          'remove what wwdb made and no file declares any more, and indices that a reindex replaced at least 7 days ago',
      },
    },
    Safety: {
      allow: {
        ...allow,
        description:
          'allow this loss, as the plan shows it: CODE:STORE/KIND/NAME of one resource, CODE of every one; may be repeated',
      },
    },
  },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: false,
  stores: true,
  run: ({ only = [], allow = [], reindex, rate, prune }, context) =>
    applyDeclarations(context, only, allow, { reindex: reindex === true, rate: rate ?? null, prune: prune === true }),
})
