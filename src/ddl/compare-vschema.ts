import type { Vschema, VschemaTable } from '../sql/vschema.ts'
import type { ShapeDifference } from './definitions/compare-definitions.ts'
import type { VschemaSnapshot, VschemaTableSnapshot } from './vschema-parts.ts'

/** In what two parts of one name differ; empty where they say the same, or where vtgate does not show whether they do. Pure. */
export function compareVschemaParts(wanted: VschemaSnapshot, found: VschemaSnapshot): readonly ShapeDifference[] {
  if (wanted.type === 'keyspace' && found.type === 'keyspace')
    return [
      ...compareOption('sharded', String(wanted.isSharded), String(found.isSharded)),
      ...compareForeignKeyModes(wanted, found),
    ]
  if (wanted.type === 'vindex' && found.type === 'vindex')
    return [
      ...compareOption('type', wanted.kind, found.kind),
      ...compareOption('params', withDatabases(wanted.params), withDatabases(found.params)),
      ...compareOption('owner', wanted.owner, found.owner),
    ]
  if (wanted.type === 'vschema' && found.type === 'vschema')
    return [...compareVindexes(wanted, found), ...compareKinds(wanted, found), ...compareNumbers(wanted, found)]
  throw new Error(`${wanted.type} is compared with ${found.type}`)
}

/** A vtgate that runs with `--foreign-key-mode disallow` shows that of every keyspace, whatever its VSchema says. */
export function compareForeignKeyModes(
  { foreignKeyMode: wanted }: Pick<Vschema, 'foreignKeyMode'>,
  { foreignKeyMode: found }: Pick<Vschema, 'foreignKeyMode'>,
): readonly ShapeDifference[] {
  return [wanted, found].includes('disallow') ? [] : compareOption('foreignKeyMode', wanted, found)
}

/** An empty text stands for what is not there. */
function compareOption(
  name: string,
  wanted: string,
  found: string,
  part: 'option' | 'vindex' = 'option',
): readonly ShapeDifference[] {
  if (wanted === found) return []
  const change = found === '' ? 'missing' : wanted === '' ? 'extra' : 'differs'
  return [{ part, name, change, wanted: wanted || null, found: found || null }]
}

function compareVindexes(
  { vindexes: wanted }: VschemaTableSnapshot,
  { vindexes: found }: VschemaTableSnapshot,
): readonly ShapeDifference[] {
  const names = [...new Set([...wanted, ...found].map(({ name }) => name))]
  const columnsOf = (list: typeof wanted, name: string): string => {
    const own = list.find((one) => one.name === name)
    return own === undefined ? '' : `(${own.columns})`
  }
  const parts = names.flatMap((name) => compareOption(name, columnsOf(wanted, name), columnsOf(found, name), 'vindex'))
  // It leads to the shard of a row. The order of the others says nothing.
  return parts.length > 0 ? parts : compareOption('first vindex', wanted[0]?.name ?? '', found[0]?.name ?? '')
}

function compareKinds(wanted: VschemaTableSnapshot, found: VschemaTableSnapshot): readonly ShapeDifference[] {
  const kindOf = ({ isSequence, vindexes }: VschemaTableSnapshot): string =>
    isSequence ? 'sequence' : vindexes.length === 0 ? 'without a vindex' : 'table'
  return compareOption('kind', kindOf(wanted), kindOf(found))
}

/** Databases by their names, in place of `{{schema:user_db}}`. */
const withDatabases = (text: string): string => text.replaceAll(/\{\{schema:([^{}]+)\}\}/g, '$1')

/** Where several keyspaces have a sequence of the name, vtgate does not show which of them it is. */
export function compareNumbers(
  { autoIncrement: wanted }: Pick<VschemaTable, 'autoIncrement'>,
  { autoIncrement: found }: Pick<VschemaTable, 'autoIncrement'>,
): readonly ShapeDifference[] {
  const keyspaces = [wanted, found].flatMap((one) => one?.sequence.keyspace ?? [])
  const print = (given: typeof wanted): string =>
    given === null
      ? ''
      : `${given.column} from ${keyspaces.length === 2 ? `${withDatabases(given.sequence.keyspace ?? '')}.` : ''}${given.sequence.name}`
  return compareOption('AUTO_INCREMENT', print(wanted), print(found))
}
