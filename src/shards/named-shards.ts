import type { CommandResult, Context } from '../core/context.ts'
import { ToolError } from '../core/tool-error.ts'
import type { RotationWork } from './rotation/request.ts'
import { changeShards } from './rotation/run-rotation.ts'
import type { FamilyWork, TargetRun } from './rotation/target-run.ts'
import { makeRotationWork } from './rotation-request.ts'
import { toRotationResult } from './rotation-result.ts'
import { demandKeys } from './typed-keys.ts'

/** Shards as a command line names them. */
export interface NamedShards {
  readonly family: string
  readonly key?: readonly string[] | undefined
  readonly instance?: readonly string[] | undefined
}

type Change = (work: RotationWork, target: TargetRun, family: FamilyWork, keys: readonly string[]) => Promise<void>

/** Changes the named shards of a family; with `parents`, those of the families that it refers to, before. */
export async function changeNamed(
  context: Context,
  command: string,
  named: NamedShards,
  parents: boolean,
  change: Change,
): Promise<CommandResult> {
  const keys = [...new Set([...(named.key ?? []), ...(named.instance ?? [])])]
  if (keys.length === 0)
    throw usage(`Which shards of ${named.family}?`, 'Name them with --key or --instance; both may be repeated.')
  const started = performance.now()
  const given = 'it was given as the family'
  const wish = { families: [named.family], given, alone: !parents, ahead: 0, at: null }
  const work = await makeRotationWork(context, wish)
  for (const family of work.families) if (family.name === named.family) demandKeys(family, keys)
  context.emit({ type: 'run-started', command, targets: [] })
  const report = await changeShards(work, (target, family) => change(work, target, family, keys))
  return toRotationResult(command, report, started)
}

/** The reason that must be given. Throws ToolError `USAGE` (64). */
export function requireReason(reason: string | undefined): string {
  const text = reason?.trim() ?? ''
  if (text === '') throw usage('No reason is given.', 'Say why with --reason: it stands in the registry.')
  return text
}

function usage(what: string, next: string): ToolError {
  return new ToolError('USAGE', { what, next })
}
