import { isAbsolute, relative, resolve, sep } from 'node:path'
import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { ToolError } from '../../core/tool-error.ts'
import { changeNamed } from '../rotation/named-shards.ts'
import { type GivenReason, restoreFound, restoreNamed } from '../rotation/restore-shards.ts'

export const input = z.strictObject({
  family: z.optional(z.string()),
  key: z.optional(z.array(z.string())),
  instance: z.optional(z.array(z.string())),
  fromArchive: z.optional(z.string().check(z.minLength(1))),
  reason: z.optional(z.string().check(z.maxLength(500))),
})

type Input = z.infer<typeof input>

/** `wwdb shards restore`: brings shards back from their hold or their archive, with those that they refer to. */
export async function run(options: Input, context: Context): Promise<CommandResult> {
  const given = { reason: options.reason?.trim() || 'it was restored by hand', by: context.person }
  const { family, fromArchive } = options
  if (fromArchive !== undefined) return restoreArchive(options, fromArchive, context, given)
  if (family === undefined)
    throw usage('No family is given.', 'Name the family and its shards with --key, or an archive with --from-archive.')
  return changeNamed(context, 'shards restore', { ...options, family }, true, (work, target, one, keys) =>
    restoreNamed(work, target, one, keys, given),
  )
}

/** The manifest says which shard it is: the registry may have been lost. */
async function restoreArchive(
  { family, key = [], instance = [] }: Input,
  folder: string,
  context: Context,
  given: GivenReason,
): Promise<CommandResult> {
  if (family !== undefined || key.length + instance.length > 0)
    throw usage('--from-archive says which shard it is.', 'Leave out the family, --key and --instance.')
  const archive = await context.archive()
  const found = await archive.describe(await findAddress(folder, context))
  const { shard } = found
  const named = { family: shard.family, key: [shard.key] }
  // Those that it refers to must be there: they are brought back by their own archives.
  return changeNamed(context, 'shards restore', named, false, (work, target, one) =>
    restoreFound(work, target, one, found, given),
  )
}

/** The address of an archive's manifest, for its folder as typed: relative to the working folder or to the archives'. */
async function findAddress(folder: string, context: Context): Promise<string> {
  const { rotation } = await context.config()
  const directory = rotation.archive ?? context.cwd
  const typed = resolve(context.cwd, folder)
  const inside = isInside(directory, typed) ? relative(directory, typed) : folder
  const parts = inside.split(sep).filter((part) => part !== '' && part !== '.')
  if (isAbsolute(inside) || parts.includes('..'))
    throw usage(
      `${folder} is not in the folder of the archives.`,
      `Copy it to ${directory}, as SCHEMA/FAMILY/TABLE.TIME, then name it again.`,
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
