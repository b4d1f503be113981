import type { VitessConfig } from '../../config/vitess-config.ts'
import type { RowToOpen } from '../journal/rows.ts'

export interface Strategic {
  readonly shards: readonly string[]
  readonly strategy: VitessConfig['ddlStrategy']
}

type Named = Pick<RowToOpen, 'summary'>

/** `direct` is plain DDL too, but Vitess sends it: so a run that was paused and comes back repeats nothing. */
const managed: Readonly<Record<VitessConfig['ddlStrategy'], string>> = { vitess: 'vitess', direct: 'mysql' }

const changesTable = /^(?:ALTER TABLE|CREATE INDEX|DROP INDEX)\b/

/** Vitess copies the table for it, and cancels it at any moment. What creates or drops is plain DDL in each strategy. */
export const isOnline = ({ strategy }: Strategic, { summary }: Named): boolean =>
  strategy === 'vitess' && changesTable.test(summary)

/** The strategy that a definition is given to Vitess with. An online change of several shards waits for all of them before its copies take the place of the table. */
export const strategyOf = (keyspace: Strategic, row: Named): string =>
  isOnline(keyspace, row) && keyspace.shards.length > 1
    ? `${managed.vitess} --postpone-completion`
    : managed[keyspace.strategy]
