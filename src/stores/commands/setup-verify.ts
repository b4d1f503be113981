import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { storeKinds } from '../../core/store.ts'
import { chooseStores } from '../open-stores.ts'
import type { StoreVerification } from '../outcome.ts'
import { verifyStores } from '../set-up-stores.ts'

/** `wwdb setup verify`: proves that the stores are as declared and work for their purpose. */
export const command = defineCommand({
  name: 'setup verify',
  group: 'Stores and environments',
  summary: 'prove that the stores match their declarations and work',
  purpose:
    'Compares every store with its declaration, lists differences and undeclared resources, checks the health of ' +
    'the store, and tests its use: writes a document, a point or a key of its own, finds it again and removes it; ' +
    'with `--read-only` it writes nothing. Exit code 1 if there are findings or failed checks.',
  examples: [
    { command: 'wwdb setup verify', purpose: 'after a deployment, or from monitoring' },
    { command: 'wwdb setup verify --only mongodb', purpose: 'one store' },
    { command: 'wwdb setup verify --read-only', purpose: 'with an account that may not write' },
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
    'How to look': {
      readOnly: { description: 'compare and check, but write no document, point or key' },
    },
  },
  exitCodes: [...exitCodesOf.servers, exitCodes.findings],
  interruption: 'at-once',
  writes: false,
  connects: false,
  stores: true,
  async run(options, context) {
    const { outcomes, error } = await verifyStores(
      await chooseStores(context, options.only ?? []),
      options.readOnly ? 'look' : 'prove',
    )
    const findings = outcomes.reduce((sum, outcome) => sum + countBad(outcome), 0)
    const found = findings > 0 ? exitCodes.findings : exitCodes.done
    return { result: { kind: 'store-verification', stores: outcomes, findings }, exitCode: error?.exitCode ?? found }
  },
})

function countBad({ findings, checks }: StoreVerification): number {
  const drift = findings.filter(({ severity }) => severity === 'error').length
  return drift + checks.filter(({ state }) => state === 'bad').length
}
