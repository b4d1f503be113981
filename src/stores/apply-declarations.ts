import type { CommandResult, Context } from '../command/context.ts'
import type { Answers } from '../command/result.ts'
import { closestName } from '../core/closest-name.ts'
import { exitCodes } from '../core/exit-code.ts'
import type { StoreKind } from '../core/store.ts'
import { ToolError } from '../core/tool-error.ts'
import { noOptions, type PlanOptions } from './contract.ts'
import { chooseStores } from './open-stores.ts'
import { type SetUpRequest, setUpStores } from './set-up-stores.ts'
import { type StoreLossCode, storeLossCodes } from './store-plan.ts'

/**
 * Brings the stores to their declarations, and reads back that they are.
 * @param only empty for all of the configuration
 * @param allow codes of losses that are allowed
 * @param options what was asked for beyond the declarations
 */
export async function applyDeclarations(
  context: Context,
  only: readonly StoreKind[],
  allow: readonly string[],
  options: PlanOptions = noOptions,
): Promise<CommandResult<Answers['store-run']>> {
  const started = performance.now()
  const request = await makeSetUpRequest(context, only, allow, options)
  context.emit({ type: 'run-started', command: 'setup apply', targets: [] })
  const { outcomes, error } = await setUpStores(request)
  const milliseconds = performance.now() - started
  return {
    result: { kind: 'store-run', command: 'setup apply', stores: outcomes, milliseconds },
    exitCode: error?.exitCode ?? exitCodes.done,
  }
}

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

/** What setting up the requested stores needs; in a protected environment, a loss also requires the name. */
async function makeSetUpRequest(
  context: Context,
  only: readonly StoreKind[],
  allow: readonly string[],
  options: PlanOptions,
): Promise<SetUpRequest> {
  const allowed = readLossCodes(allow)
  const { protected: isProtected, timeouts } = await context.config()
  const level = isProtected ? 'severe' : 'moderate'
  return {
    stores: await chooseStores(context, only),
    options,
    permission: { allow: allowed, confirm: (what) => context.confirm({ what, level, name: 'setup' }) },
    lockWait: timeouts.lock,
    emit: context.emit,
    stop: context.stop,
  }
}
