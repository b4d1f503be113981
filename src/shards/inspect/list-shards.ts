import { compileNaming, requireKey } from '../../calendar/naming.ts'
import { keyOfId as keyOfFirstId, periodAt } from '../../calendar/period.ts'
import { exitCodes } from '../../core/exit-code.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { ShardListing } from '../answers.ts'
import { toIso } from '../answers.ts'
import { type FamilyView, isGone, shardOf } from '../family-view.ts'
import type { Shard, ShardRecord } from '../shard.ts'

/** All shards of a family: those of the registry, and tables that are missing from it. In the order of their keys. */
export function listShards(view: FamilyView, keys: ReadonlySet<string>): readonly ShardListing[] {
  const unregistered = [...keys].filter((key) => !view.records.has(key)).flatMap((key) => shardOf(view, key) ?? [])
  return [...view.records.values(), ...unregistered]
    .toSorted((one, other) => compareKeys(one.key, other.key))
    .map((shard) => toListing(view, shard))
}

/** Numbers by size, periods by time: both sort as text where they have the same length. */
export function compareKeys(one: string, other: string): number {
  if (one.length !== other.length && /^\d+$/.test(one) && /^\d+$/.test(other)) return one.length - other.length
  if (one === other) return 0
  return one < other ? -1 : 1
}

/** One shard as it is on its server, whether or not its table exists. */
export function toListing(
  view: Pick<FamilyView, 'target' | 'records' | 'tables' | 'wholes'>,
  shard: Shard,
): ShardListing {
  const { target, records, tables } = view
  const { family, key, table, from, to } = shard
  const record = records.get(key) ?? null
  const hold = record?.hold ?? null
  const whole = view.wholes?.get(table)
  return {
    target,
    family,
    key,
    table,
    ...(whole === undefined ? {} : { partitionOf: whole }),
    from: toIso(from),
    to: toIso(to),
    state: stateOf(record, tables.get(table) === 'table'),
    templateVersion: record?.templateVersion ?? null,
    rows: record?.seal?.rows ?? null,
    hold: hold === null ? null : { table: hold.table, until: new Date(hold.until).toISOString() },
    archive: record?.archive?.address ?? null,
    protected: record?.protection?.reason ?? null,
  }
}

function stateOf(record: ShardRecord | null, there: boolean): ShardListing['state'] {
  if (record === null || (isGone(record) && there)) return there ? 'unregistered' : 'missing'
  if ((record.state === 'live' || record.state === 'sealed') && !there) return 'lost'
  return record.state
}

/** What is known about the row whose shard is wanted. */
export type ShardSelector =
  /** As typed. */
  | { readonly type: 'id'; readonly text: string }
  /** Milliseconds since the epoch. */
  | { readonly type: 'time'; readonly at: number }
  /** The key of a family of keys, or a period's, as typed. */
  | { readonly type: 'key'; readonly text: string }

/**
 * The shard that a row is in, computed from the calendar and the template, without a server; whether that table exists is another question.
 * @throws ToolError `SHARD_UNKNOWN` (64) for a selector that does not apply to this family, `KEY_INVALID` for an invalid key.
 */
export function locateShard(family: ShardFamily, selector: ShardSelector): Shard {
  const naming = compileNaming(family.pattern, family.division)
  const key = keyOf(family, selector)
  if (family.division.type === 'key') requireKey(key)
  const shard = shardOf({ family, naming }, key)
  if (shard === null) {
    // The naming explains what is wrong with it.
    naming.name(key)
    throw unknown(family, `${JSON.stringify(key)} is not the key of a shard.`, 'Give `--at` or `--id` instead.')
  }
  return shard
}

function keyOf(family: ShardFamily, selector: ShardSelector): string {
  switch (selector.type) {
    case 'key':
      return selector.text
    case 'id':
      return keyOfId(family, selector.text)
    case 'time': {
      const { division } = family
      if (division.type === 'period') return periodAt(selector.at, division.kind, division.zone).key
      throw unknown(
        family,
        `The shards of \`${family.name}\` are not partitioned by time.`,
        'Give its key with `--key`.',
      )
    }
  }
}

const largestId = 2n ** 64n - 1n

/** The digits before the factor are those of the period (`-- wwdb:ids YYYYMM x 10000000000`). */
function keyOfId(family: ShardFamily, text: string): string {
  const { idBase } = family.template
  if (idBase === null) {
    const why = `Ids of \`${family.name}\` do not identify a shard: its template has no \`-- wwdb:ids\` line.`
    const other = family.division.type === 'period' ? '--at with its time' : '--key'
    throw unknown(family, why, `Give ${other}.`)
  }
  if (!/^(?:0|[1-9]\d{0,19})$/.test(text) || BigInt(text) > largestId) {
    throw unknown(family, `${JSON.stringify(text.slice(0, 60))} is not an id.`, 'Give a whole number in decimal.')
  }
  const { division } = family
  const key =
    division.type === 'period' ? keyOfFirstId(BigInt(text), idBase.factor, division.kind, division.zone) : null
  if (key !== null) return key
  const why = `The id ${text} belongs to no period: ${BigInt(text) / idBase.factor} is not a valid ${idBase.pattern}.`
  throw unknown(family, why, 'It was created before the template set ids, or belongs to another family.')
}

function unknown({ template }: ShardFamily, what: string, next: string): ToolError {
  return new ToolError(
    'SHARD_UNKNOWN',
    { what, where: { file: template.file, line: template.line }, next },
    { exitCode: exitCodes.usage },
  )
}
