import { defineCommand } from '../../command/define-command.ts'
import { exitCode } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { storeKinds } from '../../core/store.ts'
import { noOptions } from '../contract.ts'
import { chooseStores } from '../open-stores.ts'
import { planStores } from '../set-up-stores.ts'

/** `wwdb setup plan`: shows the changes that would bring the stores to their declarations. Writes nothing. */
export const command = defineCommand({
  name: 'setup plan',
  group: 'Stores and environments',
  summary: 'what would change the stores to match their declarations',
  purpose:
    'Compares the declarations under migrations/<store> with the stores, and shows every change with its ' +
    'differences and the data it would lose. Writes nothing.',
  examples: [
    { command: 'wwdb setup plan', purpose: 'all stores' },
    { command: 'wwdb setup plan --only redis --json', purpose: 'one store, for a program' },
    { command: 'wwdb setup plan --exit-code', purpose: 'a check for CI: 1 where something differs' },
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
    'What else to plan': {
      reindex: { description: 'plan what `wwdb setup apply --reindex` would do' },
      prune: { description: 'plan what `wwdb setup apply --prune` would do' },
    },
    Outcome: { exitCode: { ...exitCode, description: 'exit with 1 if there is anything to do' } },
  },
  exitCodes: [...exitCodesOf.servers, exitCodes.findings],
  interruption: 'at-once',
  writes: false,
  connects: false,
  stores: true,
  async run(options, context) {
    const { outcomes, error } = await planStores(await chooseStores(context, options.only ?? []), {
      ...noOptions,
      reindex: options.reindex === true,
      prune: options.prune === true,
    })
    const changes = outcomes.reduce((sum, { plan }) => sum + (plan?.changes.length ?? 0), 0)
    const left = outcomes.some(({ plan }) => plan?.left !== undefined)
    const found = options.exitCode === true && (changes > 0 || left) ? exitCodes.findings : exitCodes.done
    const flags = [...(options.reindex === true ? ['--reindex'] : []), ...(options.prune === true ? ['--prune'] : [])]
    const result = { kind: 'store-plan', stores: outcomes, changes, ...(flags.length === 0 ? {} : { flags }) } as const
    return { result, exitCode: error?.exitCode ?? found }
  },
})
