import type { ShardFamily } from '../../core/shard-family.ts'

/** One reason for which a table cannot be split, and what to do about it. */
export interface Refusal {
  readonly why: string
  readonly next: string
}

/** The shape of a table beside that of a shard. */
export interface ShapeFacts {
  readonly family: ShardFamily
  /** Lines of the table's shape, and of a shard's as it would be made now. */
  readonly lines: readonly string[]
  readonly wanted: readonly string[]
  /** Pieces that exist in another shape. */
  readonly odd: readonly string[]
  /** Whether shards of the family are partitions of one table, or would be. */
  readonly inPartitions: boolean
}

/** What decides whether every row of the table fits into a shard: its columns and its primary key. */
const decides = /^(?:column |index `PRIMARY` )/
const plain = (line: string): string => line.replace(/ COMMENT '(?:[^']|'')*'$/, '')

/** What the shape of the table, and that of its shards, keep from being split. */
export function refuseShape(facts: ShapeFacts): readonly Refusal[] {
  const { lines, wanted, odd, inPartitions, family } = facts
  const [own, other] = [lines, wanted].map((all) => new Set(all.filter((line) => decides.test(line)).map(plain)))
  const only = (some: ReadonlySet<string> = new Set(), others: ReadonlySet<string> = new Set()): readonly string[] =>
    [...some].filter((line) => !others.has(line))
  const refusals = [
    ...only(own, other).map((line) => `the table alone has \`${line}\``),
    ...only(other, own).map((line) => `a shard alone has \`${line}\``),
  ].map((difference) => ({
    why: `It is not what \`${family.template.file}\` makes: ${difference}.`,
    next: 'Change the table or the template until both are the same; `wwdb template render` shows what it makes.',
  }))
  const references = wanted.filter((line) => line.startsWith('key '))
  return [
    ...refusals,
    ...refuseStricter(facts),
    ...(inPartitions
      ? [
          {
            why: `Shards of \`${family.name}\` are partitions of one table, and a split makes a table of each.`,
            next: 'Remove the line `-- wwdb:shards partition` from the template of a family that has no shards yet.',
          },
        ]
      : []),
    ...references.map((line) => ({
      why: `Shards of \`${family.name}\` have a foreign key: ${line.slice('key '.length)}.`,
      next: 'A split fills shards without foreign keys alone, because a write that one of them refuses would fail in the table, too.',
    })),
    ...odd.map((piece) => ({
      why: `\`${piece}\` exists and is not what the template makes.`,
      next: '`wwdb shards diff` shows what differs.',
    })),
  ]
}

const uniqueIndex = /^index `(?:[^`]|``)+` unique [A-Z]+(?: INVISIBLE)?(?: COMMENT '(?:[^']|'')*')? \((.+)\)$/
const partsOf = (line: string): readonly string[] =>
  uniqueIndex.exec(line)?.[1]?.replaceAll(' DESC', '').split(',') ?? []
const isUnique = (line: string): boolean => uniqueIndex.test(line)
/** The condition of a CHECK that is enforced: its name differs from table to table. */
const conditionOf = (line: string): string | undefined =>
  line.endsWith(' NOT ENFORCED') ? undefined : /^check `(?:[^`]|``)+` (.+)$/.exec(line)?.[1]

/** What a shard refuses, and the table takes: by a unique key of its own, the trigger's REPLACE would push another row out of the shard; by a CHECK, a write of the table would fail. */
function refuseStricter({ lines, wanted, family }: ShapeFacts): readonly Refusal[] {
  const ownKeys = lines.filter(isUnique).map(partsOf)
  const isHeld = (parts: readonly string[]): boolean => ownKeys.some((key) => key.every((part) => parts.includes(part)))
  const ownConditions = new Set(lines.flatMap((line) => conditionOf(line) ?? []))
  const stricter = [
    ...wanted.filter((line) => isUnique(line) && !isHeld(partsOf(line))),
    ...wanted.filter((line) => !ownConditions.has(conditionOf(line) ?? '') && conditionOf(line) !== undefined),
  ]
  return stricter
    .filter((line) => !decides.test(line))
    .map((line) => ({
      why: `A shard as \`${family.template.file}\` makes it refuses rows that the table takes: it alone has \`${line}\`.`,
      next: 'Add the same to the table first, or leave it out of the template until the split is over.',
    }))
}
