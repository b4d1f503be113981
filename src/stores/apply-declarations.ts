import { existsSync, readdirSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { CommandResult, Context } from '../command/context.ts'
import type { Answers } from '../command/result.ts'
import { exitCodes } from '../core/exit-code.ts'
import type { StoreKind } from '../core/store.ts'
import { ToolError } from '../core/tool-error.ts'
import { displayPath } from '../migrations/files/folder.ts'
import { type AllowedLoss, readAllowedLosses } from './allowed-losses.ts'
import { noOptions, type PlanOptions, type PreparedStore, storeReader } from './contract.ts'
import { chooseStore, chooseStores } from './open-stores.ts'
import { setUpStores } from './set-up-stores.ts'
import { removedFolder } from './write-removed.ts'

/**
 * Brings the stores to their declarations, and reads back that they are.
 * @param only empty for all of the configuration
 * @param allow the values of `--allow`
 * @param options what was asked for beyond the declarations
 */
export async function applyDeclarations(
  context: Context,
  only: readonly StoreKind[],
  allow: readonly string[],
  options: PlanOptions = noOptions,
): Promise<CommandResult<Answers['store-run']>> {
  const allowed = readAllowedLosses(allow)
  return runSetup(context, 'setup apply', () => chooseStores(context, only), { allowed, options })
}

/**
 * Makes again what a run with `--prune` has removed; nothing may be lost by it.
 * @param file what that run wrote before, and named from the folder of the project; a path from the current folder wins
 */
export async function restoreDeclarations(
  context: Context,
  store: StoreKind,
  file: string,
): Promise<CommandResult<Answers['store-run']>> {
  const choose = async (): Promise<readonly PreparedStore[]> => {
    const configured = await chooseStore(context, store)
    const path = findKept((await context.config()).root, context.process.cwd, store, file)
    return [await (await context.port(storeReader))(configured, path)]
  }
  return runSetup(context, 'setup restore', choose, { allowed: [], options: noOptions })
}

/** Throws ToolError `DECLARATIONS_INVALID` where there is no such file, and names those that there are. */
function findKept(root: string, cwd: string, store: StoreKind, file: string): string {
  const found = [resolve(cwd, file), resolve(root, file)].find((path) => existsSync(path))
  if (found !== undefined && !statSync(found).isDirectory()) return found
  const folder = resolve(root, removedFolder)
  const names = existsSync(folder) ? readdirSync(folder).toSorted().toReversed() : []
  const kept = names.filter((name) => name.startsWith(`${store}-`) && name.endsWith('.yaml')).slice(0, mostNamed)
  const shown = kept.map((name) => `\`${displayPath(root, resolve(folder, name))}\``).join(', ')
  throw new ToolError('DECLARATIONS_INVALID', {
    what: `\`${file}\` ${found === undefined ? 'does not exist' : 'is a folder, not a file'}.`,
    why: '`wwdb setup restore` reads a file that `wwdb setup apply --prune` wrote.',
    next:
      kept.length === 0
        ? `Name such a file: of ${store}, there is none in \`${displayPath(root, folder)}\`.`
        : `Name one: the latest of ${store} are ${shown}.`,
  })
}

const mostNamed = 3

async function runSetup(
  context: Context,
  command: string,
  choose: () => Promise<readonly PreparedStore[]>,
  { allowed, options }: { readonly allowed: readonly AllowedLoss[]; readonly options: PlanOptions },
): Promise<CommandResult<Answers['store-run']>> {
  const started = performance.now()
  const { protected: isProtected, timeouts } = await context.config()
  const stores = await choose()
  // In a protected environment, a loss also requires the name.
  const level = isProtected ? 'severe' : 'moderate'
  context.emit({ type: 'run-started', command, targets: [] })
  const { outcomes, error } = await setUpStores({
    stores,
    options,
    permission: { allow: allowed, confirm: (what) => context.confirm({ what, level, name: 'setup' }) },
    lockWait: timeouts.lock,
    emit: context.emit,
    stop: context.stop,
  })
  const milliseconds = performance.now() - started
  return {
    result: { kind: 'store-run', command, stores: outcomes, milliseconds },
    exitCode: error?.exitCode ?? exitCodes.done,
  }
}
