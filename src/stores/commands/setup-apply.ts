import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { allow } from '../../command/shared-flags.ts'
import { closestName } from '../../core/closest-name.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { type StoreKind, storeKinds } from '../../core/store.ts'
import { ToolError } from '../../core/tool-error.ts'
import { chooseStores } from '../open-stores.ts'
import { type SetUpRequest, setUpStores } from '../set-up-stores.ts'
import { type StoreLossCode, storeLossCodes } from '../store-plan.ts'

/** `wwdb setup apply`: brings the stores to their declarations, and reads back that they are. */
export const command = defineCommand({
  name: 'setup apply',
  group: 'Stores and environments',
  summary: 'change the stores to match their declarations',
  purpose:
    'Plans as `wwdb setup plan` does, applies the changes in order, the stores in parallel, and reads back that ' +
    'everything is as declared. A change that would lose data, now or later, stops the run before anything is ' +
    'written, unless it is allowed by its code. Safe to repeat: if nothing differs, nothing is written, and the ' +
    'next run finishes one that was killed.',
  examples: [
    { command: 'wwdb setup apply', purpose: 'all stores' },
    { command: 'wwdb setup apply --only influxdb --allow shorter-retention', purpose: 'what was planned and is meant' },
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
    Safety: {
      allow: { ...allow, description: 'allow this loss, by the code that the plan shows; may be repeated' },
    },
  },
  exitCodes: exitCodesOf.servers,
  interruption: 'after-statement',
  writes: true,
  connects: false,
  stores: true,
  async run(options, context) {
    const started = performance.now()
    const request = await makeSetUpRequest(context, options.only ?? [], options.allow ?? [])
    context.emit({ type: 'run-started', command: 'setup apply', targets: [] })
    const { outcomes, error } = await setUpStores(request)
    const milliseconds = performance.now() - started
    return {
      result: { kind: 'store-run', command: 'setup apply', stores: outcomes, milliseconds },
      exitCode: error?.exitCode ?? exitCodes.done,
    }
  },
})

/** The values of `--allow`, each with one code or several separated by commas. Throws ToolError `UNKNOWN_LOSS` (64) for a code that does not exist. */
export function readLossCodes(allow: readonly string[]): readonly StoreLossCode[] {
  const words = allow.flatMap((text) => text.split(',')).map((word) => word.trim().toLowerCase().replaceAll('_', '-'))
  const codes = words.filter((word) => word !== '')
  const faults = codes.flatMap((code) => {
    const close = closestName(code, storeLossCodes)
    const known = `Known losses: ${storeLossCodes.join(', ')}.`
    const next = close === null ? known : `Did you mean \`${close}\`? ${known}`
    return storeLossCodes.some((one) => one === code)
      ? []
      : [{ what: `\`--allow ${code}\` does not name a loss of a store.`, next }]
  })
  if (faults.length > 0) throw new ToolError('UNKNOWN_LOSS', faults)
  return storeLossCodes.filter((code) => codes.includes(code))
}

/** What setting up the stores asked for needs; in a protected environment a loss needs the name as well. */
export async function makeSetUpRequest(
  context: Context,
  only: readonly StoreKind[],
  allow: readonly string[],
): Promise<SetUpRequest> {
  const allowed = readLossCodes(allow)
  const { protected: isProtected } = await context.config()
  const level = isProtected ? 'severe' : 'moderate'
  return {
    stores: await chooseStores(context, only),
    permission: { allow: allowed, confirm: (what) => context.confirm({ what, level, name: 'setup' }) },
    emit: context.emit,
    stop: context.stop,
  }
}
