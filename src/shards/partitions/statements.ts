import type { RowTime } from '../../core/shard-family.ts'
import { readCreatedTable } from '../../ddl/created-table.ts'
import { splitDefinition } from '../../ddl/definitions/split-definition.ts'
import { quoteName } from '../../sql/quote-name.ts'
import { boundText, partitionedBy } from './bounds.ts'
import type { PartitionChange, PartitionedFamily, Piece } from './layout.ts'

/** The CREATE TABLE of a shard as that of the table which has it: under its name, without partitions. */
export function toWhole(text: string, shard: string, table: string): string {
  const created = readCreatedTable(text)
  if (created === null) throw new Error('no CREATE TABLE with columns: sources should have refused the template')
  let [written, done] = ['', 0]
  for (const { type, text: name, start, end } of created.tokens) {
    if (type !== 'name' || !name.includes(shard)) continue
    written += text.slice(done, start) + quoteName(name.replaceAll(shard, table))
    done = end
  }
  return written + text.slice(done)
}

/** The same with its first partitions. */
export function toPartitioned(whole: string, { time }: PartitionedFamily, pieces: readonly Piece[]): string {
  const { method, expression } = partitionedBy(time)
  return `${whole.trimEnd()}\nPARTITION BY ${method} (${expression}) (\n${listPieces(time, pieces)})`
}

/** ALTER TABLE ... ADD PARTITION or REORGANIZE PARTITION. */
export function changePieces(table: string, { time }: PartitionedFamily, { replaced, by }: PartitionChange): string {
  const list = `(\n${listPieces(time, by)})`
  if (replaced.length === 0) return `ALTER TABLE ${quoteName(table)} ADD PARTITION ${list}`
  return `ALTER TABLE ${quoteName(table)} REORGANIZE PARTITION ${replaced.map(quoteName).join(', ')} INTO ${list}`
}

function listPieces(time: RowTime, pieces: readonly Piece[]): string {
  return pieces
    .map(({ name, to }) => `  PARTITION ${quoteName(name)} VALUES LESS THAN (${boundText(time, to)})`)
    .map((line) => line.replace('(MAXVALUE)', time.type === 'timestamp' ? 'MAXVALUE' : '(MAXVALUE)'))
    .join(',\n')
}

/** The rows of a partition and those of a table take each other's place, in one step of the server's dictionary. */
export function exchangePartition(table: string, partition: string, other: string, isChecked: boolean): string {
  const check = isChecked ? 'WITH VALIDATION' : 'WITHOUT VALIDATION'
  return `ALTER TABLE ${quoteName(table)} EXCHANGE PARTITION ${quoteName(partition)} WITH TABLE ${quoteName(other)} ${check}`
}

/** On a line of its own: a line break within a comment is printed as `\\n`. */
const partitionClause = /\n\/\*!\d+ PARTITION BY[\s\S]*$/
const nextId = /^(ENGINE=\w+) AUTO_INCREMENT=\d+/
const checkName = /^CONSTRAINT `(?:[^`]|``)+` (?=CHECK )/

/** What SHOW CREATE TABLE prints, without partitions. */
export function withoutPartitions(shown: string): string {
  const { tail } = splitDefinition(shown)
  return shown.slice(0, shown.length - tail.length) + tail.replace(partitionClause, '')
}

/** A table of its own with a partition's definition. Checks have names that are unique in a schema: the server gives it others. */
export function toHoldTable(shown: string, name: string): string {
  const { elements, tail } = splitDefinition(shown)
  const lines = elements.map((element) => `  ${element.replace(checkName, '')}`)
  const options = tail.replace(partitionClause, '').replace(nextId, '$1')
  return `CREATE TABLE IF NOT EXISTS ${quoteName(name)} (\n${lines.join(',\n')}\n) ${options}`
}
