import type { Row } from '../../mysql/connection.ts'

const ownName = '{{table}}'
const siblingKey = '{{key}}'

/** Where the rows of shape-questions.ts, by their letter, may hold the table's own name: in names and comments. */
const namePlaces: Readonly<Record<string, number>> = { t: 6, c: 9, i: 2, k: 2, u: 2, h: 2 }
/** Where the row of a foreign key has its parent's schema (null: the table's own) and name. */
const parentSchemaPlace = 3
const parentPlace = 4

/**
 * The row of a table as it is for every table of its family: the table's own name is a placeholder, and so is the shard
 * key in the name of a sibling that a foreign key refers to. The table's name itself is left out.
 */
export function neutralizeRow(table: string, row: Row): Row {
  const letter = String(row[0])
  const neutral = row.slice()
  neutral[1] = null
  const place = namePlaces[letter]
  const cell = place === undefined ? null : row[place]
  if (place !== undefined && typeof cell === 'string' && cell.includes(table))
    neutral[place] = cell.replaceAll(table, ownName)
  if (letter === 'k' && row[parentSchemaPlace] === null)
    neutral[parentPlace] = nameSibling(table, String(row[parentPlace]))
  return neutral
}

/**
 * The name of another table of the same schema that a foreign key refers to, as all shards of the family have it: what
 * ends both names alike, from a digit on, is the key they share (`group_members_42` to `groups_42`, `a_2026w49` to
 * `b_2026w49`). A name with the key elsewhere has it replaced where the whole run of digits is one of the table's own.
 */
export function nameSibling(own: string, parent: string): string {
  if (own === parent) return ownName
  let shared = 0
  while (shared < Math.min(own.length, parent.length) && own.at(-1 - shared) === parent.at(-1 - shared)) shared += 1
  const rest = parent.slice(parent.length - shared)
  // A number that is cut in two (142 and 42) is not shared.
  const cut = /\d$/.test(own.slice(0, own.length - shared)) || /\d$/.test(parent.slice(0, parent.length - shared))
  const key = (cut ? rest.replace(/^\d+/, '') : rest).replace(/^\D+/, '')
  if (key !== '') return parent.slice(0, parent.length - key.length) + siblingKey
  const runs = new Set(own.match(/\d+/g))
  return parent.replace(/\d+/g, (run) => (runs.has(run) ? siblingKey : run))
}
