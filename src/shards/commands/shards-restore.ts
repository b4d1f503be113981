import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { CommandResult, Context } from '../../command/context.ts'
import { defineCommand, defineFlags, type Options } from '../../command/define-command.ts'
import { family, reason, shardKeys } from '../../command/shared-flags.ts'
import { exitCodesOf } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { archives } from '../ports.ts'
import { changeNamed } from '../rotation/named-shards.ts'
import { type GivenReason, restoreFound, restoreNamed } from '../rotation/restore-shards.ts'

const flags = defineFlags({
  'Which shards, and why': {
    family,
    key: shardKeys,
    fromArchive: {
      value: 'FOLDER',
      type: 'directory',
      description:
        'the shard of this archive, by its manifest, instead of keys; with --family if the family was renamed',
      minLength: 1,
    },
    reason,
  },
})

type Input = Options<typeof flags>

/** The record decides what is restored: the current header does not matter. */
const tolerated = ['header', 'protection', 'keys'] as const

/** `wwdb shards restore`: restores shards from their hold or their archive, with those that they reference. */
export const command = defineCommand({
  name: 'shards restore',
  group: 'Sharded tables',
  summary: 'restore a retired shard from its hold or its archive',
  purpose:
    'Restores a shard under its own name: by a rename while it is on hold, or by loading its archive, whose rows ' +
    'are counted and checksummed before the table appears. A shard that the policy would retire again is ' +
    'protected as well, so that it stays until `wwdb shards unprotect`. With `--from-archive` the archive ' +
    'identifies the shard, even if the registry was lost.',
  examples: [
    { command: 'wwdb shards restore --family messages --key 2025-11', purpose: 'look into a month that is gone' },
    { command: 'wwdb shards restore --family contacts --key 42', purpose: 'an instance that was deleted by mistake' },
    {
      command: 'wwdb shards restore --from-archive archives/app/messages/messages_202511.20260301T041700123Z',
      purpose: 'a shard that the registry does not know any more',
    },
  ],
  flags,
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  vtgate: true,
  async run(options, context) {
    const given = {
      reason: options.reason?.trim() || 'it was restored with `wwdb shards restore`',
      by: context.process.person,
    }
    const { fromArchive } = options
    if (fromArchive !== undefined) return restoreArchive(options, fromArchive, context, given)
    return changeNamed(
      context,
      'shards restore',
      options,
      true,
      (work, target, one, keys) => restoreNamed(work, target, one, keys, given),
      tolerated,
    )
  },
})

/** The manifest says which shard it is: the registry may have been lost. */
async function restoreArchive(
  { family: given, key = [] }: Input,
  folder: string,
  context: Context,
  reasonGiven: GivenReason,
): Promise<CommandResult> {
  if (key.length > 0) throw usage('`--from-archive` already identifies the shard.', 'Leave out `--key`.')
  const archive = await context.port(archives)
  const found = await archive.describe(await findAddress(folder, context))
  const { shard } = found
  const named = { family: given ?? shard.family, key: [shard.key] }
  // The shards that it references must exist: they are restored from their own archives.
  return changeNamed(
    context,
    'shards restore',
    named,
    false,
    (work, target, one) => restoreFound(work, target, one, found, reasonGiven, given !== undefined),
    tolerated,
  )
}

/** The address of an archive's manifest, for its folder as typed: relative to the working folder or to the archives'. */
async function findAddress(folder: string, context: Context): Promise<string> {
  const { rotation } = await context.config()
  const directory = rotation.archive ?? context.process.cwd
  const typed = resolve(context.process.cwd, folder)
  const inside = isInside(directory, typed) ? relative(directory, typed) : folder
  const parts = inside.split(sep).filter((part) => part !== '' && part !== '.')
  if (isAbsolute(inside) || parts.includes('..'))
    throw usage(
      `\`${folder}\` is not in the folder of the archives.`,
      `Copy it to \`${directory}\`, as SCHEMA/FAMILY/TABLE.TIME, then run the command again.`,
    )
  return [...parts.filter((part) => part !== 'manifest.json'), 'manifest.json'].join('/')
}

function isInside(directory: string, path: string): boolean {
  const way = relative(directory, path)
  return !isAbsolute(way) && way.split(sep)[0] !== '..'
}

function usage(what: string, next: string): ToolError {
  return new ToolError('USAGE', { what, next })
}
