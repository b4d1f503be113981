import { has, isNamed, type MoveFacts, type MoveRefusal, quoted } from './move-facts.ts'
import { asShell, showRoutingRules } from './workflow-commands.ts'

/** What speaks against the table of the keyspace. */
export function refuseDestination(facts: MoveFacts): readonly MoveRefusal[] {
  const { destination, table, column, wanted, isSharded, shards } = facts
  if (isSharded !== true)
    return [
      {
        why:
          isSharded === null
            ? `vtgate knows no keyspace \`${destination.schema}\`.`
            : `The keyspace \`${destination.schema}\` is not sharded, so a vindex leads nowhere.`,
        next: 'Name an environment whose database is a sharded keyspace.',
      },
    ]
  if (wanted.length === 0)
    return [
      {
        why: `The keyspace has no table \`${table}\`.`,
        next: `Create it in a migration of \`${destination.database}\`, with the column \`${column}\` in its primary key and a vindex: ${textOf(facts)}`,
      },
    ]
  const [first] = shards
  const own = first?.columns ?? []
  const refusals: MoveRefusal[] = []
  if (!has(wanted, column))
    refusals.push({
      why: `\`${table}\` has no column \`${column}\` for the key of the shard.`,
      next: 'Add it in a migration, or name its column with `--column`.',
    })
  const missing = own.filter(({ name, generated }) => !generated && !has(wanted, name))
  if (missing.length > 0)
    refusals.push({
      why: `\`${table}\` lacks the columns ${quoted(missing.map(({ name }) => name))} of the shards.`,
      next: 'Add them in a migration.',
    })
  const other = own.flatMap((one) => {
    const found = wanted.find(({ name }) => isNamed(name, one.name))
    const isOther = found !== undefined && (found.fullType !== one.fullType || found.collation !== one.collation)
    return isOther ? [`\`${one.name}\` (${nameOf(one)}, there ${nameOf(found)})`] : []
  })
  if (other.length > 0)
    refusals.push({
      why: `Columns of the shards are of another type in \`${table}\`: ${other.join(', ')}.`,
      next: 'Give them one type: rows are compared by their values.',
    })
  const computed = wanted.filter(
    ({ name, generated }) =>
      generated && has(own, name) && !own.some((one) => one.generated && isNamed(one.name, name)),
  )
  if (computed.length > 0)
    refusals.push({
      why: `\`${table}\` computes ${quoted(computed.map(({ name }) => name))}, which the shards store.`,
      next: 'Store them there, too.',
    })
  return [...refusals, ...refuseKeys(facts), ...refuseVschema(facts)]
}

const nameOf = ({ fullType, collation }: MoveFacts['wanted'][number]): string =>
  collation === null ? fullType : `${fullType} ${collation}`

function refuseKeys({ table, wantedUnique, collisions, column }: MoveFacts): readonly MoveRefusal[] {
  const refusals: MoveRefusal[] = []
  if (!wantedUnique.some(({ name }) => name === 'PRIMARY'))
    refusals.push({
      why: `\`${table}\` has no primary key.`,
      next: `Give it one that begins with \`${column}\`.`,
    })
  const unread = wantedUnique.filter(({ columns }) => columns === null)
  if (unread.length > 0)
    refusals.push({
      why: `The unique keys ${quoted(unread.map(({ name }) => name))} are of expressions or of beginnings of columns, and equal values of two shards cannot be looked for.`,
      next: 'Leave them out until the rows have moved.',
    })
  for (const { key, columns, values } of collisions)
    refusals.push({
      why: `Several shards have equal values of ${quoted(columns)}, which the unique key \`${key}\` of \`${table}\` takes once: ${values.slice(0, 5).join('; ')}.`,
      next: `Put \`${column}\` into that key, or change the rows.`,
    })
  return refusals
}

function refuseVschema({
  table,
  destination,
  vschema,
  shards,
  column,
  counted,
  shell,
}: MoveFacts): readonly MoveRefusal[] {
  const [primary] = vschema?.vindexes ?? []
  if (primary === undefined)
    return [
      {
        why: `\`${table}\` has no vindex in \`${destination.schema}\`, so that nothing leads a row to its shard.`,
        next: `Add one in a migration: \`ALTER VSCHEMA ON \`${table}\` ADD VINDEX \`by_key\` (\`${column}\`) USING xxhash\`.`,
      },
    ]
  const refusals: MoveRefusal[] = []
  const lacking = primary.columns
    .split(', ')
    .filter((name) => !isNamed(name, column) && !has(shards[0]?.columns ?? [], name))
  if (lacking.length > 0)
    refusals.push({
      why: `The shards lack ${quoted(lacking)}, by which the vindex \`${primary.name}\` leads a row to its shard.`,
      next: 'Choose a column that the shards have, or that of the key.',
    })
  if (vschema?.isRouted === true)
    refusals.push({
      why: `Routing rules lead \`${table}\` to another table.`,
      next: `Look at them (\`${asShell(shell, showRoutingRules)}\`), and remove those of \`${table}\` with \`vtctldclient ApplyRoutingRules\`.`,
    })
  if (counted !== null && vschema?.autoIncrement === null)
    refusals.push({
      why: `Each shard of the keyspace counts \`${counted}\` of \`${table}\` by itself, and gives the same id twice.`,
      next: `Add a sequence in a migration: \`ALTER VSCHEMA ON \`${table}\` ADD AUTO_INCREMENT \`${counted}\` USING ...\`.`,
    })
  return refusals
}

/** The statements that such a migration has, without the columns. */
const textOf = ({ table, column }: MoveFacts): string =>
  `\`CREATE TABLE \`${table}\` (\`${column}\` BIGINT UNSIGNED NOT NULL, ..., PRIMARY KEY (\`${column}\`, ...))\`, and \`ALTER VSCHEMA ON \`${table}\` ADD VINDEX \`by_key\` (\`${column}\`) USING xxhash\`.`
