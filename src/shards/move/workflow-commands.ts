import { quoteWord } from '../../core/shell-word.ts'
import { digestOf } from '../../operate/online/record.ts'
import { quoteName, quoteString } from '../../sql/quote-name.ts'

/** A shard that moves, and the workflow of Vitess that carries its rows. */
export interface MovedShard {
  readonly key: string
  readonly table: string
}

/** What all workflows of a move share. */
export interface MovePlace {
  /** The keyspace that is sharded. */
  readonly keyspace: string
  /** The keyspace over the server of the shards. */
  readonly source: string
  /** The table of the keyspace. */
  readonly table: string
  /** Its column that has the key of the shard. */
  readonly column: string
  /** The columns of the shards that an INSERT names, without that one where they do not have it yet. */
  readonly columns: readonly string[]
  /** The kinds of tablets from which rows are read, as `--tablet-types` takes them. */
  readonly tabletTypes: string
}

/** One call of vtctldclient: the words behind the address of vtctld. */
export type VtctldWords = readonly string[]

/** Of each shard, by its name: a run that was killed finds it again. */
export const workflowOf = ({ table }: Pick<MovedShard, 'table'>): string => `wwdb_move_${table}`

/** The rows of one shard. The condition on the key is what VDiff compares the rows of the keyspace by. */
export function sourceExpression(
  { column, columns }: Pick<MovePlace, 'column' | 'columns'>,
  shard: MovedShard,
): string {
  const others = columns.filter((name) => name.toLowerCase() !== column.toLowerCase())
  return `select ${[...others, column].map(quoteName).join(', ')} from ${quoteName(shard.table)} where ${quoteName(column)} = ${shard.key}`
}

/**
 * Creates the workflow of a shard. Vitess refuses it where the table of the keyspace has rows, so no workflow may begin to copy before all are created: each is given a kind of tablet
 * that the source does not have, and waits for one.
 */
export const createWorkflow = (place: MovePlace, shard: MovedShard, idleType: string): VtctldWords => [
  'Materialize',
  ...['--workflow', workflowOf(shard), '--target-keyspace', place.keyspace, 'create'],
  ...['--source-keyspace', place.source, '--tablet-types', idleType],
  ...[
    '--table-settings',
    JSON.stringify([{ target_table: place.table, source_expression: sourceExpression(place, shard) }]),
  ],
]

/** Lets a workflow read from the tablets of the source. */
export const beginWorkflow = ({ keyspace, tabletTypes }: MovePlace, shard: MovedShard): VtctldWords => [
  ...['Workflow', '--keyspace', keyspace, 'update', '--workflow', workflowOf(shard), '--tablet-types', tabletTypes],
]

/** One whose creation was interrupted is stopped. */
export const startWorkflow = (keyspace: string, shard: MovedShard): VtctldWords => [
  ...['Workflow', '--keyspace', keyspace, 'start', '--workflow', workflowOf(shard)],
]

export const showWorkflows = (keyspace: string): VtctldWords => [
  ...['GetWorkflows', keyspace, '--show-all', '--include-logs=false'],
]

export const showTablets = (keyspace: string): VtctldWords => ['GetTablets', '--keyspace', keyspace, '--format', 'awk']

const vdiff = ({ keyspace }: Pick<MovePlace, 'keyspace'>, shard: MovedShard): readonly string[] => [
  ...['VDiff', '--workflow', workflowOf(shard), '--target-keyspace', keyspace, '--format', 'json'],
]

/** @param uuid by which the comparison is found again; Vitess makes one where it is absent */
export const beginVdiff = (place: MovePlace, shard: MovedShard, uuid?: string): VtctldWords => [
  ...vdiff(place, shard),
  ...['create', '--tablet-types', place.tabletTypes, ...(uuid === undefined ? [] : [uuid])],
]

export const showVdiff = (place: Pick<MovePlace, 'keyspace'>, shard: MovedShard, uuid = 'last'): VtctldWords => [
  ...vdiff(place, shard),
  ...['show', uuid],
]

/** The table of the keyspace belongs to all workflows, and stays. */
export const deleteWorkflow = (keyspace: string, shard: MovedShard): VtctldWords => [
  ...['Workflow', '--keyspace', keyspace, 'delete', '--workflow', workflowOf(shard)],
  ...['--keep-data', '--keep-routing-rules'],
]

/** By this comment `--undo` knows the column that the move added. */
export const columnMark = 'wwdb shards move'

/** The key as a column of its shard: without a copy of the table, and filled in where a statement does not name it. */
export const addColumn = (shard: MovedShard, column: string, type: string): string =>
  `ALTER TABLE ${quoteName(shard.table)} ADD COLUMN ${quoteName(column)} ${type} NOT NULL DEFAULT ${shard.key} COMMENT ${quoteString(columnMark)}, ALGORITHM=INSTANT`

export const dropColumn = (shard: MovedShard, column: string): string =>
  `ALTER TABLE ${quoteName(shard.table)} DROP COLUMN ${quoteName(column)}`

const events = ['INSERT', 'UPDATE', 'DELETE'] as const

/** The triggers that refuse the writes of a shard which has moved. */
export const fenceNames = (shard: MovedShard): readonly string[] =>
  events.map((event) => `wwdb_move_${digestOf(`move/${shard.table}`).slice(0, 8)}_${event.slice(0, 3).toLowerCase()}`)

/** What the sessions of wwdb set, to carry rows back under the fence. */
export const throughFence = 'SET @wwdb_move=1'

/** One more trigger of a shard: both sides were equal, so its newer rows are in the keyspace. It says where. */
export const provenName = (shard: MovedShard): string => `wwdb_move_${digestOf(`move/${shard.table}`).slice(0, 8)}_all`

/** Where a shard has moved, as its trigger says it. */
export const whereTo = (
  { table }: Pick<MovedShard, 'table'>,
  place: Pick<MovePlace, 'keyspace' | 'table'>,
  server?: string,
): string =>
  `${table} has moved to ${place.keyspace}.${place.table}${server === undefined ? '' : ` at ${server}`}`
    .replaceAll(/['\\]/g, '?')
    .slice(0, 128)

export const provenText = (shard: MovedShard, place: Pick<MovePlace, 'keyspace' | 'table'>, server: string): string =>
  refusing(provenName(shard), 'INSERT', shard.table, whereTo(shard, place, server))

/** The text of a SIGNAL is a plain literal: no expression stands there. */
const refusing = (name: string, event: (typeof events)[number], table: string, says: string): string =>
  `CREATE TRIGGER ${quoteName(name)} BEFORE ${event} ON ${quoteName(table)} FOR EACH ROW ` +
  `IF COALESCE(@wwdb_move,0)<>1 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='${says}'; END IF`

/** One statement for each of the names. */
export const fenceTexts = (shard: MovedShard, place: Pick<MovePlace, 'keyspace' | 'table'>): readonly string[] => {
  const names = fenceNames(shard)
  return events.map((event, at) => refusing(names[at] ?? '', event, shard.table, whereTo(shard, place)))
}

export const showRoutingRules: VtctldWords = ['GetRoutingRules']

/** How a person reaches vtctld. */
export interface VtctldShell {
  /** The program: its path where one was given. */
  readonly program: string
  /** Host and port; null where they were not given. */
  readonly address: string | null
}

/** A call as a line that can be pasted. */
export const asShell = ({ program, address }: VtctldShell, words: VtctldWords): string =>
  [program, '--server', address ?? 'VTCTLD:15999', ...words].map(quoteWord).join(' ')
