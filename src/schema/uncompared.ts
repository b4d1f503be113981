import type { DatabaseConfig } from '../config/config.ts'
import { platformOf } from '../migrations/plan/database-state.ts'

type Named = Pick<DatabaseConfig, 'name' | 'vitess' | 'standsFor'>

/**
 * Whether the VSchema of a keyspace was compared.
 * - `compared`    as far as vtgate shows it
 * - `unrecorded`  its record is of an earlier wwdb
 * - `one-sided`   the other side is a schema of MySQL, or files without `ALTER VSCHEMA`
 */
export type VschemaComparison = 'compared' | 'unrecorded' | 'one-sided'

interface ComparedDatabase {
  readonly database: Named
  readonly vschema: VschemaComparison
  /** What vtgate finds wrong in it: it was not read then. */
  readonly fault?: string | undefined
  /** The keyspace of the journal, where it was not seen there when a VSchema was changed last. */
  readonly unseen?: string | undefined
}

const isKeyspace = (database: Named): boolean => platformOf(database) === 'vitess'

const listNames = (databases: readonly ComparedDatabase[]): string =>
  databases.map(({ database: { name } }) => `\`${name}\``).join(', ')

/** What a comparison of keyspaces did not look at, each a sentence; empty for schemas of MySQL itself. */
export function listUncompared(databases: readonly ComparedDatabase[]): readonly string[] {
  const of = (vschema: VschemaComparison): readonly ComparedDatabase[] =>
    databases.filter((one) => one.fault === undefined && one.vschema === vschema && isKeyspace(one.database))
  const broken = databases.filter(({ fault }) => fault !== undefined)
  const [compared, others] = [of('compared'), [...of('unrecorded'), ...of('one-sided')]]
  return [
    ...broken.map(({ database: { name }, fault }) => describeFault(name, fault ?? '')),
    ...others.map(({ database: { name }, vschema }) => {
      const why =
        vschema === 'unrecorded'
          ? 'its record is of an earlier wwdb. The next run that changes the keyspace records it, and it is compared from then on'
          : 'the other side has none, as a schema of MySQL or files without `ALTER VSCHEMA`'
      return `The VSchema of \`${name}\` was not compared: ${why}. \`vtctldclient GetVSchema\` shows it.`
    }),
    ...(compared.length === 0
      ? []
      : [
          ...compared.flatMap(({ database: { name }, unseen }) =>
            unseen === undefined ? [] : describeUnseen(name, unseen),
          ),
          `Of the VSchema of ${listNames(compared)}, vtgate does not show all, and this was not compared: lists of columns, whether a table without a vindex is a reference table or pinned, the source of a reference table, tables without a sequence in a keyspace that is not sharded, \`require_explicit_routing\`, \`multi_tenant_spec\`, routing rules, tables that they lead elsewhere, the order of vindexes after the first, and a foreign key mode of \`disallow\`, which may be a flag of vtgate. \`vtctldclient GetVSchema\` shows them.`,
        ]),
  ]
}

const describeUnseen = (database: string, journal: string): string =>
  `When a run changed a VSchema last was not seen, as this user may not read \`wwdb_lease\` of the keyspace \`${journal}\`: for some seconds after a run, this vtgate may show the VSchema of \`${database}\` as it was before. Where it differs, look again after 10 s, or let this user read \`wwdb_lease\`.`

/** vtgate takes no row for such a keyspace. */
export const describeFault = (database: string, fault: string): string =>
  `The VSchema of \`${database}\` was not read, as vtgate finds an error in it: ${fault.replace(/[.\s]+$/, '')}. \`vtctldclient GetVSchema\` shows it, and \`vtctldclient ApplyVSchema\` changes it.`

/** What files that are made of the definitions of a keyspace do not have. */
export const listUnwritten = (databases: readonly Named[]): readonly string[] =>
  databases
    .filter(isKeyspace)
    .map(
      ({ name }) =>
        `The VSchema of \`${name}\` is not in the file: write its \`ALTER VSCHEMA\` statements into a migration, or apply it with \`vtctldclient ApplyVSchema\`.`,
    )
